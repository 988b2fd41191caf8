/** What EROFS images have outside of their inodes: settings of compressors, other devices, prefixes of names. */

import type { Fact } from '../../core/facts.js';
import { algorithmName } from '../../formats/erofs/decompress.js';
import { INCOMPAT, type ErofsImage } from '../../formats/erofs/superblock.js';
import type { ErofsVolume } from '../../formats/erofs/volume.js';
import type { Told } from '../common/told.js';

const LONGEST_SETTING = 64;
const DEVICE_BYTES = 128;
const MOST_DEVICES = 1024;

/** Everything that is told goes to `told`; what does not fit is left to the rest. */
export function areaFacts({ superblock, metadata }: ErofsVolume, told: Told): readonly Fact[] {
  const facts: Fact[] = [];
  const fact = (name: string, kind: Fact['kind'], offset: number, length: number): void => {
    const value = Buffer.from(metadata.bytes(offset, length)).toString('hex');
    facts.push({ name, kind, value, offset });
    told.add(offset, length);
  };
  if ((superblock.featureIncompat & INCOMPAT.compressionConfigs) !== 0)
    for (let at = superblock.end, bit = 0; bit < 16; bit++) {
      if ((superblock.algorithms & (1 << bit)) === 0) continue;
      if (at + 2 > metadata.size) break;
      const length = metadata.u16(at);
      if (length > LONGEST_SETTING || at + 2 + length > metadata.size) break;
      fact(`compr_cfgs ${algorithmName(bit)}`, 'codec', at, 2 + length);
      at += 2 + length;
    }
  for (let i = 0; i < Math.min(devices(superblock), MOST_DEVICES); i++) {
    const at = superblock.devicesAt + i * DEVICE_BYTES;
    if (at + DEVICE_BYTES > metadata.size) break;
    fact(`device ${i + 1}`, 'text', at, DEVICE_BYTES);
  }
  return facts;
}

function devices({ featureIncompat, extraDevices }: ErofsImage): number {
  return (featureIncompat & INCOMPAT.deviceTable) === 0 ? 0 : extraDevices;
}

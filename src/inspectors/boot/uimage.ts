/** Legacy images of U-Boot (u-boot, include/image.h): 64 bytes of header, big-endian, and what they describe. */

import { crc32 } from 'node:zlib';

import type { FactKind } from '../../core/facts.js';
import { windowAccess, type RandomAccess } from '../../core/random-access.js';
import { isUImage } from '../../formats/uimage.js';
import { sumFacts } from '../common/sum-fact.js';
import { defineInspector } from '../define.js';
import { bigEndianFacts } from './big-endian-facts.js';

export const uImageInspector = defineInspector({
  id: 'uimage',
  version: 1,
  summary:
    'Legacy U-Boot images: time, CRCs, load addresses, name, and the data behind the header.',
  streams: false,
  claims: ({ head }) => isUImage(head),
  inspect: async (piece, context) => {
    const input = await piece.random();
    const head = input.read(0, HEADER_BYTES);
    const view = new DataView(head.buffer, head.byteOffset);
    const size = view.getUint32(12);
    const row = async (key: string, offset: number, length: number) => ({
      key,
      values: [],
      offset,
      part: await context.part(key, windowAccess(input, offset, length)),
    });
    const end = Math.min(input.size, HEADER_BYTES + size);
    const facts = sumFacts(bigEndianFacts(head, FIELDS), {
      ih_hcrc: view.getUint32(4) === headerCrc(head),
      ih_dcrc: view.getUint32(24) === crcOf(input, HEADER_BYTES, end),
    });
    const rows = [await row('data', HEADER_BYTES, end - HEADER_BYTES)];
    if (end < input.size) rows.push(await row('appended', end, input.size - end));
    const problems =
      HEADER_BYTES + size > input.size ? [{ offset: 12, detail: 'the data are cut off' }] : [];
    return { facts, tables: [{ name: '', ordered: true, columns: [], rows }], problems };
  },
});

const HEADER_BYTES = 64;
const STEP = 1024 * 1024;

/** The header's own CRC counts as zero. */
function headerCrc(head: Uint8Array): number {
  const copy = Uint8Array.from(head);
  copy.fill(0, 4, 8);
  return crc32(copy);
}

function crcOf(input: RandomAccess, from: number, end: number): number {
  let crc = 0;
  for (let at = from; at < end; at += STEP)
    crc = crc32(input.read(at, Math.min(STEP, end - at)), crc);
  return crc;
}

const FIELDS: readonly (readonly [name: string, bytes: number, kind: FactKind])[] = [
  ['ih_magic', 4, 'number'],
  ['ih_hcrc', 4, 'checksum'],
  ['ih_time', 4, 'time'],
  ['ih_size', 4, 'size'],
  ['ih_load', 4, 'offset'],
  ['ih_ep', 4, 'offset'],
  ['ih_dcrc', 4, 'checksum'],
  ['ih_os', 1, 'number'],
  ['ih_arch', 1, 'number'],
  ['ih_type', 1, 'number'],
  ['ih_comp', 1, 'codec'],
  ['ih_name', 32, 'text'],
];

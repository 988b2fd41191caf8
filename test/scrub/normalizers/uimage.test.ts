import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';

import { uimage } from '../../../src/scrub/normalizers/uimage.js';
import { needs } from '../../helpers/oracle.js';
import { tempFolder } from '../../helpers/temp-tree.js';
import { proveNormalizer, type Sample } from './harness.js';

const DATA = Buffer.from('a kernel');

function image(time: number, name = 'Linux'): Buffer {
  const header = Buffer.alloc(64);
  header.writeUInt32BE(0x27051956, 0);
  header.writeUInt32BE(time, 8);
  header.writeUInt32BE(DATA.length, 12);
  header.writeUInt32BE(0x8000, 16);
  header.writeUInt32BE(0x8000, 20);
  header.writeUInt32BE(crc32(DATA), 24);
  // Linux, ARM, kernel, not compressed.
  header.set([5, 2, 2, 0], 28);
  header.write(name, 32, 'latin1');
  header.writeUInt32BE(crc32(header), 4);
  return Buffer.concat([header, DATA]);
}

const EPOCH = 1_600_000_000;
const sample = (
  title: string,
  bytes: Uint8Array,
  sourceDateEpoch: number | null = null,
): Sample => ({
  title,
  name: 'uImage',
  bytes,
  sourceDateEpoch,
});

proveNormalizer({
  normalizer: uimage,
  samples: [
    sample('a time', image(1_700_000_000)),
    sample('a time after the epoch', image(1_700_000_000), EPOCH),
    sample('padding behind it', Buffer.concat([image(1_700_000_000), Buffer.alloc(9, 255)])),
  ],
  normal: [
    sample('no time', image(0)),
    sample('the epoch', image(EPOCH), EPOCH),
    sample('a time before the epoch', image(EPOCH - 1), EPOCH),
  ],
  left: [
    sample('a damaged header', Buffer.from(image(1)).fill('X', 40, 41)),
    sample('damaged data', Buffer.from(image(1)).fill('X', 64, 65)),
    sample('cut off', image(1).subarray(0, -1)),
  ],
  pairs: [
    { title: 'ih_time', name: 'uImage', before: image(1), after: image(2) },
    {
      title: 'ih_time after the epoch',
      name: 'uImage',
      before: image(EPOCH + 1),
      after: image(EPOCH + 2),
      sourceDateEpoch: EPOCH,
    },
  ],
  content: (bytes) => {
    if (bytes.length < 64) return null;
    const copy = Buffer.from(bytes);
    const [crc] = [copy.readUInt32BE(4)];
    copy.fill(0, 4, 8);
    const isSound = crc === crc32(copy.subarray(0, 64));
    copy.fill(0, 8, 12);
    return isSound ? copy.toString('latin1') : null;
  },
});

test('uimage: file(1) shows the new time and the same rest', { skip: needs('file') }, (t) => {
  const path = join(tempFolder(t), 'uImage');
  const told = (bytes: Uint8Array): string => {
    writeFileSync(path, bytes);
    return spawnSync('file', ['-b', path], { encoding: 'utf8', env: { ...process.env, TZ: 'UTC' } })
      .stdout;
  };
  const before = image(1_700_000_000);
  const result = uimage.normalize({ bytes: before, name: 'uImage', sourceDateEpoch: EPOCH });
  assert.ok(result.kind === 'changed');
  assert.match(told(before), /Tue Nov 14 22:13:20 2023/);
  assert.equal(
    told(result.bytes).replace(/Header CRC: 0x[0-9a-f]+/i, ''),
    told(before)
      .replace('Tue Nov 14 22:13:20 2023', 'Sun Sep 13 12:26:40 2020')
      .replace(/Header CRC: 0x[0-9a-f]+/i, ''),
  );
});

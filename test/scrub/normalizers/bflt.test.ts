import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';

import { bflt } from '../../../src/scrub/normalizers/bflt.js';
import { gzipMember } from '../../formats/build-gzip.js';
import { proveNormalizer, type Sample } from './harness.js';

const TEXT = Buffer.alloc(16, 0x11);
const REST = Buffer.concat([TEXT, Buffer.alloc(12, 0x22)]);

interface Fields {
  readonly date?: number;
  readonly flags?: number;
  readonly version?: number;
}

function program(rest: Uint8Array, { date = 0, flags = 1, version = 4 }: Fields = {}): Buffer {
  const header = Buffer.alloc(64);
  header.write('bFLT', 0, 'latin1');
  // Version, entry, data_start, data_end, bss_end, stack_size, reloc_start, reloc_count, flags, build_date.
  [version, 64, 80, 88, 100, 4096, 88, 1, flags, date].forEach((value, i) =>
    header.writeUInt32BE(value, 4 + 4 * i),
  );
  return Buffer.concat([header, rest]);
}

const NOW = 1_700_000_000;
const GZIP = 5;
const GZDATA = 9;
const sample = (
  title: string,
  bytes: Uint8Array,
  sourceDateEpoch: number | null = null,
): Sample => ({
  title,
  name: 'busybox',
  bytes,
  sourceDateEpoch,
});
const zipped = (mtime: number): Buffer => gzipMember(REST, { mtime });

proveNormalizer({
  normalizer: bflt,
  samples: [
    sample('a date', program(REST, { date: NOW })),
    sample('a date after the epoch', program(REST, { date: NOW }), 1_600_000_000),
    sample('compressed', program(zipped(NOW), { date: NOW, flags: GZIP })),
    sample(
      'compressed data',
      program(Buffer.concat([TEXT, zipped(NOW)]), { date: 0, flags: GZDATA }),
    ),
  ],
  normal: [
    sample('no date', program(REST)),
    sample('no date, compressed', program(zipped(0), { flags: GZIP })),
    sample('a date before the epoch', program(REST, { date: 5 }), 6),
  ],
  left: [
    sample('another version', program(REST, { date: NOW, version: 2 })),
    sample('cut off', program(REST, { date: NOW }).subarray(0, -1)),
    sample('said to be compressed', program(REST, { date: NOW, flags: GZIP })),
  ],
  pairs: [
    {
      title: 'build_date',
      name: 'a',
      before: program(REST, { date: 1 }),
      after: program(REST, { date: 2 }),
    },
    {
      title: 'MTIME',
      name: 'a',
      before: program(zipped(1), { flags: GZIP }),
      after: program(zipped(2), { flags: GZIP }),
    },
  ],
  content: (bytes) => {
    if (bytes.length < 64) return null;
    const copy = Buffer.from(bytes);
    const flags = copy.readUInt32BE(36);
    const at = (flags & 4) !== 0 ? 64 : (flags & 8) !== 0 ? copy.readUInt32BE(12) : null;
    copy.fill(0, 40, 44);
    if (at === null) return copy.toString('latin1');
    try {
      return [copy.toString('latin1', 0, at), gunzipSync(copy.subarray(at)).toString('latin1')];
    } catch {
      return 'damaged';
    }
  },
});

test('bflt: the field is told', () => {
  const result = bflt.normalize({
    bytes: program(REST, { date: NOW }),
    name: 'a',
    sourceDateEpoch: null,
  });
  assert.ok(result.kind === 'changed');
  assert.deepEqual(result.fields, [
    { member: '', field: 'build_date', before: '2023-11-14T22:13:20Z', after: '0' },
  ]);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';

import { gzip } from '../../../src/scrub/normalizers/gzip.js';
import { gzipMember, type GzipFields } from '../../formats/build-gzip.js';
import { proveNormalizer, type Pair, type Sample } from './harness.js';

const TEXT = 'a text that repeats itself, a text that repeats itself\n';
const plain = gzipMember(TEXT);

const sample = (title: string, bytes: Uint8Array): Sample => ({ title, name: 'a.gz', bytes });
const pair = (title: string, before: GzipFields, after: GzipFields): Pair => ({
  title,
  name: 'a.gz',
  before: gzipMember(TEXT, before),
  after: gzipMember(TEXT, after),
});

const timed = gzipMember(TEXT, { mtime: 1_700_000_000 });
const everything = gzipMember(TEXT, {
  mtime: 0xffff_ffff,
  xfl: 2,
  os: 255,
  name: 'caf\xe9',
  comment: 'a comment',
  extra: Buffer.from('AB\x02\x00xy', 'latin1'),
  headerCrc: true,
});

proveNormalizer({
  normalizer: gzip,
  samples: [
    sample('a time', timed),
    sample('every field', everything),
    sample('two members', Buffer.concat([plain, everything])),
    sample('a member behind padding', Buffer.concat([timed, Buffer.alloc(300), everything])),
    sample('padding at the end', Buffer.concat([timed, Buffer.alloc(100)])),
    sample('no content', gzipMember('', { mtime: 1 })),
  ],
  normal: [
    sample('as gzip -n writes it', plain),
    sample(
      'name and comment',
      gzipMember(TEXT, { name: 'n', comment: 'c', text: true, os: 0, headerCrc: true }),
    ),
  ],
  left: [
    sample('cut off', timed.subarray(0, -1)),
    sample('a second member that is none', Buffer.concat([timed, timed.subarray(0, 20)])),
    sample(
      'a signed package of Alpine',
      Buffer.concat([gzipMember('.SIGN.RSA.key.rsa.pub\0', { mtime: 1 }), timed]),
    ),
    sample('reserved flags', Buffer.from(timed).fill(0x20, 3, 4)),
    sample('a wrong header CRC', flipped(everything, 4)),
  ],
  pairs: [
    pair('MTIME', { mtime: 1 }, { mtime: 2 }),
    pair('MTIME and none', { mtime: 1 }, {}),
    pair('XFL', { xfl: 2 }, { xfl: 4 }),
    pair('OS', { os: 255 }, { os: 3 }),
    pair('MTIME under a header CRC', { mtime: 1, headerCrc: true }, { mtime: 2, headerCrc: true }),
  ],
  content: (bytes) => {
    try {
      return gunzipSync(bytes).toString('latin1');
    } catch {
      return null;
    }
  },
  outside: [
    // gzip takes what follows a padding for garbage and says 2.
    { command: ['gzip', '-t'], reads: ({ title }) => !title.includes('behind padding') },
    {
      command: ['python3', '-c', 'import gzip,sys; gzip.open(sys.argv[1]).read()'],
    },
  ],
});

test('gzip: other data behind the last member stays', () => {
  const tail = Buffer.from('\0\0a signature\x1f\x8b', 'latin1');
  const result = gzip.normalize({
    bytes: Buffer.concat([timed, tail]),
    name: 'a.gz',
    sourceDateEpoch: 5,
  });
  assert.ok(result.kind === 'changed');
  assert.deepEqual(Buffer.from(result.bytes), Buffer.concat([plain, tail]));
  assert.deepEqual(result.fields, [
    { member: '', field: 'MTIME', before: '2023-11-14T22:13:20Z', after: '0' },
  ]);
});

test('gzip: name, comment and extra field stay, and the second member is named', () => {
  const result = gzip.normalize({
    bytes: Buffer.concat([plain, everything]),
    name: 'a.gz',
    sourceDateEpoch: null,
  });
  assert.ok(result.kind === 'changed');
  assert.deepEqual(
    result.fields.map(({ member, field }) => `${member} ${field}`),
    ['#2 MTIME', '#2 XFL', '#2 OS', '#2 CRC16'],
  );
  assert.ok(Buffer.from(result.bytes).includes('caf\xe9\0a comment\0', 0, 'latin1'));
});

function flipped(bytes: Uint8Array, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at]! ^= 1;
  return copy;
}

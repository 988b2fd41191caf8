import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32, deflateSync, inflateSync } from 'node:zlib';

import { png } from '../../../src/scrub/normalizers/png.js';
import { proveNormalizer, type Pair, type Sample } from './harness.js';

function chunk(type: string, data: string | Uint8Array = ''): Buffer {
  const body = Buffer.concat([
    Buffer.from(type, 'latin1'),
    typeof data === 'string' ? Buffer.from(data, 'latin1') : data,
  ]);
  const around = Buffer.alloc(8);
  around.writeUInt32BE(body.length - 4, 0);
  around.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([around.subarray(0, 4), body, around.subarray(4)]);
}

const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
const IHDR = chunk('IHDR', Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]));
const IDAT = chunk('IDAT', deflateSync(Buffer.from([0, 0x55])));
const IEND = chunk('IEND');
const time = (second: number): Buffer =>
  chunk('tIME', Buffer.from([7, 0xe7, 11, 14, 22, 13, second]));
const image = (...extra: readonly Buffer[]): Buffer =>
  Buffer.concat([SIGNATURE, IHDR, ...extra, IDAT, IEND]);

const sample = (
  title: string,
  bytes: Uint8Array,
  sourceDateEpoch: number | null = null,
): Sample => ({
  title,
  name: 'a.png',
  bytes,
  sourceDateEpoch,
});
const pair = (title: string, before: Buffer, after: Buffer): Pair => ({
  title,
  name: 'a.png',
  before: image(before),
  after: image(after),
});
const compressed = (keyword: string, text: string): Buffer =>
  chunk('zTXt', Buffer.concat([Buffer.from(`${keyword}\0\0`), deflateSync(Buffer.from(text))]));

const KEPT = [
  chunk('tEXt', 'Software\0a program'),
  chunk('tEXt', 'Thumb::MTime\x001700000000'),
  chunk('iTXt', 'XML:com.adobe.xmp\0\0\0\0\0<x:xmpmeta/>'),
  chunk('eXIf', 'MM\0*'),
];
const DATES = ['date:create', 'date:modify', 'date:timestamp', 'Creation Time'];

proveNormalizer({
  normalizer: png,
  samples: [
    sample('tIME', image(time(20))),
    sample('tIME behind the data', Buffer.concat([SIGNATURE, IHDR, IDAT, time(1), IEND])),
    sample(
      'texts of all kinds',
      image(
        ...KEPT,
        chunk('tEXt', 'date:create\x002023-11-14T22:13:20+00:00'),
        compressed('date:modify', '2023-11-14T22:13:20+00:00'),
        chunk('iTXt', 'Creation Time\0\0\0en\0t\x0014 Nov 2023 22:13:20 GMT'),
      ),
    ),
    sample(
      'later than the epoch',
      image(chunk('tEXt', 'Creation Time\x002023-11-14')),
      1_600_000_000,
    ),
    sample('data behind the end', Buffer.concat([image(time(20)), Buffer.from('more')])),
  ],
  normal: [
    sample('nothing of time', image(...KEPT)),
    sample(
      'older than the epoch',
      image(chunk('tEXt', 'Creation Time\x002013-11-14')),
      1_600_000_000,
    ),
    sample('a keyword that only begins alike', image(chunk('tEXt', 'date:creator\0x'))),
  ],
  left: [
    sample('signed', image(time(1), chunk('dSIG', 'x'))),
    sample('cut off', image(time(1)).subarray(0, -1)),
    sample('a wrong CRC', flipped(image(time(1)), 20)),
    sample('no IHDR', Buffer.concat([SIGNATURE, time(1), IEND])),
  ],
  pairs: [
    pair('tIME', time(1), time(2)),
    pair('tIME and none', time(1), Buffer.alloc(0)),
    ...DATES.map((keyword) =>
      pair(keyword, chunk('tEXt', `${keyword}\x002023`), chunk('tEXt', `${keyword}\x002024`)),
    ),
    pair('zTXt', compressed('date:modify', '2023'), compressed('date:modify', '2024')),
  ],
  content: readImage,
  outside: [{ command: ['python3', '-c', readByPython()] }],
});

test('png: two images that differ in what is kept stay two', () => {
  const a = png.normalize({ bytes: image(time(1), KEPT[0]!), name: 'a', sourceDateEpoch: null });
  const b = png.normalize({ bytes: image(time(1), KEPT[1]!), name: 'a', sourceDateEpoch: null });
  assert.ok(a.kind === 'changed' && b.kind === 'changed');
  assert.notDeepEqual(a.bytes, b.bytes);
  assert.deepEqual(Buffer.from(a.bytes), image(KEPT[0]!));
});

/** Chunks without those of time, the pixels inflated, and what follows. */
function readImage(bytes: Uint8Array): unknown {
  const buffer = Buffer.from(bytes);
  if (!buffer.subarray(0, 8).equals(SIGNATURE)) return null;
  const chunks: string[] = [];
  const pixels: Buffer[] = [];
  for (let at = 8; at + 12 <= buffer.length;) {
    const end = at + 12 + buffer.readUInt32BE(at);
    if (
      end > buffer.length ||
      buffer.readUInt32BE(end - 4) !== crc32(buffer.subarray(at + 4, end - 4))
    )
      return null;
    const type = buffer.toString('latin1', at + 4, at + 8);
    const data = buffer.toString('latin1', at + 8, end - 4);
    if (type === 'IDAT') pixels.push(buffer.subarray(at + 8, end - 4));
    const isTime =
      type === 'tIME' ||
      (/^(tEXt|zTXt|iTXt)$/.test(type) && DATES.includes(data.split('\0', 1)[0]!));
    if (!isTime) chunks.push(`${type} ${data}`);
    at = end;
    if (type === 'IEND')
      return { chunks, pixels: inflated(pixels), rest: buffer.toString('latin1', at) };
  }
  return null;
}

function inflated(parts: readonly Buffer[]): string {
  try {
    return inflateSync(Buffer.concat(parts)).toString('latin1');
  } catch {
    return 'damaged';
  }
}

function readByPython(): string {
  return `
import struct, sys, zlib
b = open(sys.argv[1], 'rb').read()
assert b[:8] == b'\\x89PNG\\r\\n\\x1a\\n'
at, pixels, kind = 8, b'', b''
while kind != b'IEND':
    length, kind = struct.unpack('>I4s', b[at:at + 8])
    data = b[at + 8:at + 8 + length]
    assert struct.unpack('>I', b[at + 8 + length:at + 12 + length])[0] == zlib.crc32(kind + data)
    pixels += data if kind == b'IDAT' else b''
    at += 12 + length
assert zlib.decompress(pixels) == b'\\x00\\x55'
`;
}

function flipped(bytes: Uint8Array, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at]! ^= 1;
  return copy;
}

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { bufferAccess } from '../../../src/core/random-access.js';
import { readBzip2Structure } from '../../../src/formats/codec/bzip2-structure.js';
import { readLz4Structure } from '../../../src/formats/codec/lz4-structure.js';
import { readXzStructure } from '../../../src/formats/codec/xz-structure.js';
import { readZstdStructure } from '../../../src/formats/codec/zstd-structure.js';
import { FormatError } from '../../../src/core/errors.js';
import { needs } from '../../helpers/oracle.js';
import { compress, randomBytes, textBytes, TOOLS } from './samples.js';

const skip = needs(...TOOLS);
const content = textBytes(200_000, 40);

test('an xz file tells its streams, blocks, filters and records', { skip }, () => {
  const first = compress('xz -T2 --block-size=64KiB -c', content);
  const second = compress('xz -C sha256 --x86 --lzma2=dict=64KiB -c', content);
  const file = Buffer.concat([first, new Uint8Array(8), second, Buffer.from('07')]);
  const { streams, end } = readXzStructure(bufferAccess(file));
  assert.equal(end, file.length - 2);
  assert.deepEqual(
    streams.map(({ offset, check, blocks, paddingBytes }) => [
      offset,
      check,
      blocks.map((block) => block.data.contentBytes),
      paddingBytes,
    ]),
    [
      [0, 4, [65_536, 65_536, 65_536, 3392], 8],
      [first.length + 8, 10, [200_000], 0],
    ],
  );
  assert.deepEqual(
    streams[1]!.blocks[0]!.filters.map(({ id, properties }) => [id, [...properties]]),
    [
      [4, []],
      [0x21, [8]],
    ],
  );
  assert.equal(streams[1]!.blocks[0]!.check.length, 32);
});

test('a zstd file tells its frames and their blocks', { skip }, () => {
  const first = compress('zstd -qc', content);
  const skippable = Uint8Array.of(0x57, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 9);
  const second = compress('zstd -qc --no-check', randomBytes(300_000, 41));
  const { frames, end } = readZstdStructure(
    bufferAccess(Buffer.concat([first, skippable, second, Uint8Array.of(1)])),
  );
  assert.equal(end, first.length + 9 + second.length);
  const [one, two, three] = frames;
  assert.ok(one?.kind === 'frame' && two?.kind === 'skippable' && three?.kind === 'frame');
  assert.equal(one.compressedBlocks, 2);
  assert.notEqual(one.checksum, null);
  assert.deepEqual([two.variant, two.end], [7, first.length + 9]);
  assert.deepEqual([three.rawBlocks, three.payloadBytes, three.checksum], [3, 300_000, null]);
});

test('an lz4 file tells its frames and the sizes of their blocks', { skip }, async () => {
  const first = compress('lz4 -qc -B4', content);
  const legacy = compress('lz4 -qlc', content);
  const gzip = compress('gzip -nc', content);
  const { frames, end } = await readLz4Structure(
    bufferAccess(Buffer.concat([first, legacy, gzip])),
  );
  assert.equal(end, first.length + legacy.length);
  const [one, two] = frames;
  assert.ok(one?.kind === 'frame' && two?.kind === 'legacy');
  assert.deepEqual([one.blockBytes, one.contentBytes, one.blocks.count], [65_536, null, 4]);
  assert.deepEqual([two.blocks.count, two.blocks.payloadBytes], [1, legacy.length - 8]);
});

test('a bzip2 file tells its level and the CRCs of its blocks', { skip }, async () => {
  const first = compress('bzip2 -1c', content);
  const second = compress('bzip2 -c', content);
  const file = bufferAccess(Buffer.concat([first, second]));
  const { streams, end } = await readBzip2Structure(file, 1e6);
  assert.equal(end, file.size);
  assert.deepEqual(
    streams.map(({ offset, level, blocks }) => [offset, level, blocks.length]),
    [
      [0, 1, 3],
      [first.length, 9, 1],
    ],
  );
  assert.equal(streams[1]!.blocks[0]!.bitOffset, (first.length + 4) * 8);
  assert.equal(streams[1]!.blocks[0]!.crc, streams[1]!.combinedCrc);
});

test('files cut short anywhere are FormatErrors', { skip }, async () => {
  const small = textBytes(600, 42);
  for (const [command, read] of [
    ['xz -c', readXzStructure],
    ['zstd -qc', readZstdStructure],
    ['lz4 -qc', readLz4Structure],
  ] as const) {
    const packed = compress(command, small);
    for (let length = 0; length < packed.length; length++)
      await assert.rejects(
        async () => read(bufferAccess(packed.subarray(0, length))),
        FormatError,
        `${command} ${length}`,
      );
  }
});

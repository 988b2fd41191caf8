import assert from 'node:assert/strict';
import { test } from 'node:test';

import { decompress } from '../../../src/formats/codec/decompress.js';
import { detectCodec } from '../../../src/formats/codec/detect.js';
import { FormatError } from '../../../src/core/errors.js';
import { LimitError, UnsupportedError } from '../../../src/formats/codec/codec.js';
import { needs } from '../../helpers/oracle.js';
import {
  chunksOf,
  compress,
  COMPRESSORS,
  decompressAll,
  PLAIN,
  randomBytes,
  textBytes,
  TOOLS,
} from './samples.js';

const skip = needs(...TOOLS);
const CONTENTS: readonly Uint8Array[] = [
  new Uint8Array(0),
  Uint8Array.of(120),
  new Uint8Array(300_000),
  textBytes(300_000, 1),
  randomBytes(150_000, 2),
  Buffer.concat([textBytes(100_000, 3), randomBytes(70_000, 4), textBytes(100_000, 3)]),
];

for (const { codec, command } of COMPRESSORS) {
  test(`what ${command} compresses comes back, and is recognised`, { skip }, async () => {
    for (const content of CONTENTS) {
      const packed = compress(command, content);
      assert.equal(detectCodec(packed.subarray(0, 64)), codec);
      const result = await decompressAll(codec, packed);
      assert.ok(Buffer.from(result.content).equals(content));
      assert.deepEqual(result.extent, {
        inputBytes: packed.length,
        paddingBytes: 0,
        outputBytes: content.length,
        memberCount: 1,
      });
      assert.equal(result.rest.length, 0);
    }
  });
}

for (const { codec, command } of PLAIN) {
  test(`${codec} in single bytes gives the same`, { skip }, async () => {
    const content = textBytes(5000, 5);
    const { content: found } = await decompressAll(codec, compress(command, content), { step: 1 });
    assert.ok(Buffer.from(found).equals(content));
  });

  test(`what stands behind ${codec} is left to the caller`, { skip }, async () => {
    const content = textBytes(20_000, 6);
    const packed = compress(command, content);
    for (const step of [1, 777, 65_536]) {
      for (const rest of [Buffer.from('070701 and more'), Buffer.from([1]), randomBytes(9000, 7)]) {
        const result = await decompressAll(codec, Buffer.concat([packed, rest]), { step });
        assert.ok(Buffer.from(result.content).equals(content));
        assert.equal(result.extent.inputBytes, packed.length);
        assert.ok(Buffer.from(result.rest).equals(rest));
      }
    }
  });

  test(`zeros behind ${codec} are counted, or left`, { skip }, async () => {
    const packed = compress(command, textBytes(2000, 8));
    const padded = Buffer.concat([packed, new Uint8Array(513), Buffer.from('070701')]);
    const across = await decompressAll(codec, padded);
    assert.deepEqual(
      [across.extent.inputBytes, across.extent.paddingBytes, across.rest.length],
      [packed.length, 513, 6],
    );
    const plain = await decompressAll(codec, padded, { acrossPadding: false });
    assert.deepEqual([plain.extent.inputBytes, plain.rest.length], [packed.length, 519]);
  });

  if (codec === 'lzma') continue;
  test(`members of ${codec} follow one another, also behind zeros`, { skip }, async () => {
    const first = compress(command, textBytes(3000, 9));
    const second = compress(command, textBytes(4000, 10));
    const members: number[] = [];
    const result = await decompressAll(
      codec,
      Buffer.concat([first, second, new Uint8Array(100), first]),
      { onMember: (member) => members.push(member.offset, member.end, member.outputBytes) },
    );
    const both = first.length + second.length;
    assert.deepEqual(members, [
      0,
      first.length,
      3000,
      first.length,
      both,
      4000,
      both + 100,
      both + 100 + first.length,
      3000,
    ]);
    assert.equal(result.extent.inputBytes, both + 100 + first.length);
  });
}

test('a gzip archive behind an lz4 legacy one is not taken for a block', { skip }, async () => {
  const packed = compress('lz4 -qlc', textBytes(30_000, 11));
  const behind = compress('gzip -nc', textBytes(100, 12));
  const { rest } = await decompressAll('lz4-legacy', Buffer.concat([packed, behind]));
  assert.ok(Buffer.from(rest).equals(behind));
});

test('lz4 legacy blocks are 8 MiB, and all come', { skip }, async () => {
  const content = Buffer.alloc((8 << 20) * 2 + 5, 'abc');
  const packed = compress('lz4 -qlc', content);
  const { content: found } = await decompressAll('lz4-legacy', packed);
  assert.ok(Buffer.from(found).equals(content));
});

test(
  'a long match in zstd needs its history, and no more memory than allowed',
  { skip },
  async () => {
    const part = randomBytes(2_000_000, 13);
    const content = Buffer.concat([part, randomBytes(1_000_000, 14), part]);
    const packed = compress('zstd -qc --long=31', content);
    assert.ok(packed.length < 3_100_000);
    const { content: found } = await decompressAll('zstd', packed);
    assert.ok(Buffer.from(found).equals(content));
    await assert.rejects(decompressAll('zstd', packed, { maxMemoryBytes: 1_000_000 }), (error) => {
      assert.ok(error instanceof LimitError);
      return error.limit === 'memory';
    });
  },
);

test('skippable frames are members without content', { skip }, async () => {
  const skippable = Uint8Array.of(0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3);
  const packed = compress('zstd -qc', textBytes(1000, 15));
  const result = await decompressAll('zstd', Buffer.concat([skippable, packed, skippable]));
  assert.deepEqual([result.extent.memberCount, result.content.length], [3, 1000]);
});

test('a file is decompressed whole, with zeros at its end and nothing else', { skip }, async () => {
  const packed = compress('xz -c', textBytes(1000, 16));
  const all = async (bytes: Uint8Array): Promise<number> => {
    let total = 0;
    for await (const chunk of decompress('xz', chunksOf(bytes), { maxOutputBytes: 1e6 }))
      total += chunk.length;
    return total;
  };
  assert.equal(await all(Buffer.concat([packed, new Uint8Array(8)])), 1000);
  await assert.rejects(all(Buffer.concat([packed, Buffer.from('x')])), (error) => {
    assert.ok(error instanceof FormatError);
    return error.offset === packed.length;
  });
});

test('lzop is named and not decompressed', async () => {
  const head = Uint8Array.of(0x89, 0x4c, 0x5a, 0x4f, 0x00, 0x0d, 0x0a, 0x1a, 0x0a, 0x10);
  assert.equal(detectCodec(head), 'lzop');
  await assert.rejects(decompressAll('lzop', head), UnsupportedError);
});

test('other bytes are no compressed format', () => {
  for (const head of [
    '',
    'x',
    '070701',
    '\x5d\0\0',
    'BZh9 is a text',
    '\x02\x21\x4c\x18\xff\xff\xff\xff',
  ])
    assert.equal(detectCodec(Buffer.from(head, 'latin1')), null, JSON.stringify(head));
});

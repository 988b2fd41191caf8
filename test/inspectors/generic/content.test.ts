import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import type { FactContent } from '../../../src/core/facts.js';
import { windows } from '../../../src/inspectors/generic/windows.js';
import { blocksInspector } from '../../../src/inspectors/generic/blocks.js';
import type { InspectContext, Piece } from '../../../src/inspectors/define.js';
import { wordDigest } from '../../../src/util/words.js';
import { loadXxh64 } from '../../../src/util/xxh64.js';
import { differences } from '../differences.js';
import { lookInto } from '../prove.js';

await loadXxh64();

const isTime = (seconds: number): boolean => seconds >= 1_767_225_600 && seconds < 1_830_297_600;

/** Content of a stream that comes in these chunks. */
async function blocksOf(chunks: readonly Uint8Array[]): Promise<FactContent> {
  const stream = {
    name: 'x',
    size: null,
    head: new Uint8Array(),
    chunks: () => each(chunks),
  } satisfies Partial<Piece>;
  const context = { isTime } satisfies Partial<InspectContext>;
  const { content } = await blocksInspector.inspect(
    stream as unknown as Piece,
    context as unknown as InspectContext,
  );
  return content!;
}

// oxlint-disable-next-line require-await
async function* each(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

/** The bytes cut at these places. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const all = [
    0,
    ...places.map((at) => at % (bytes.length + 1)).toSorted((a, b) => a - b),
    bytes.length,
  ];
  return all.slice(1).map((end, i) => bytes.subarray(all[i], end));
}

/** Noise that is no text and no time, with values at both sides of the border of a window. */
function noise(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let i = 0; i < length; i++) bytes[i] = 0x80 + ((i * 7) % 31);
  return bytes;
}

test('windows give back all bytes and true neighbours, however they come in', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 200 }),
      fc.array(fc.nat(200), { maxLength: 8 }),
      fc.integer({ min: 8, max: 40 }),
      fc.nat(8),
      async (bytes, places, size, margin) => {
        const bodies: Uint8Array[] = [];
        for await (const { before, body, after, offset } of windows(
          each(cut(bytes, places)),
          size,
          margin,
        )) {
          assert.deepEqual([...body], [...bytes.subarray(offset, offset + size)]);
          assert.deepEqual([...before], [...bytes.subarray(Math.max(0, offset - margin), offset)]);
          const end = offset + body.length;
          assert.deepEqual([...after], [...bytes.subarray(end, end + margin)]);
          bodies.push(body);
        }
        assert.deepEqual(Buffer.concat(bodies), Buffer.from(bytes));
      },
    ),
  );
});

test('values are found whatever the chunks are', async () => {
  const bytes = noise(20_000);
  bytes.write(' built 2026-02-03T04:05:06Z in /build/x/y ', 8180, 'latin1');
  bytes.writeUInt32LE(1_767_225_601, 4096);
  const whole = await blocksOf([bytes]);
  assert.ok(whole.kind === 'blocks');
  assert.deepEqual(
    whole.tokens
      // Four letters are a time of 2026 as often as not.
      .filter(({ encoding, offset }) => encoding === 'text' || offset === 4096)
      .map(({ kind, value }) => `${kind} ${value}`),
    ['time 1767225601', 'time 2026-02-03T04:05:06Z', 'path /build/x/y'],
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(20_000), { maxLength: 12 }), async (places) => {
      assert.deepEqual(await blocksOf(cut(bytes, places)), whole);
    }),
    { numRuns: 40 },
  );
});

test('names, releases and versions among bytes are told, words and numbers in texts are not', async () => {
  const bytes = noise(256);
  const text = ' root@host by builder-3 of 6.1.0-13-amd64, rev 4f2ac91 and eb 1 word';
  bytes.write(text, 64, 'latin1');
  const content = await blocksOf([bytes]);
  assert.ok(content.kind === 'blocks');
  assert.deepEqual(
    content.tokens.map(({ offset, length }) => text.slice(offset - 64, offset - 64 + length)),
    ['root', 'host', 'builder-3', '6.1.0-13-amd64', '4f2ac91'],
  );
  assert.equal(content.tokens[2]!.value, wordDigest('builder-3'));
});

test('times are told to the nanosecond', async () => {
  const bytes = noise(64);
  bytes.writeBigUInt64LE(1_790_000_000_123_456_789n, 8);
  bytes.writeBigUInt64BE(1_790_000_000_500_000n, 16);
  const content = await blocksOf([bytes]);
  assert.ok(content.kind === 'blocks');
  assert.deepEqual(
    content.tokens.map(({ value, encoding }) => `${value} ${encoding}`),
    ['1790000000.123456789 u64le nanoseconds', '1790000000.5 u64be microseconds'],
  );
});

/** Bytes as a generator of numbers draws them (xorshift32). */
function drawn(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state | 0x80;
  }
  return bytes;
}

async function blockList(bytes: Uint8Array) {
  const content = await blocksOf([bytes]);
  assert.ok(content.kind === 'blocks');
  assert.equal(
    content.blocks.reduce((sum, { length }) => sum + length, 0),
    bytes.length,
  );
  return content;
}

test('a larger file has larger blocks, and a change is in one of them', async () => {
  const bytes = drawn(24 * 1024 * 1024, 7);
  const changed = Uint8Array.from(bytes);
  changed[7_000_000]! ^= 1;
  const [a, b] = [await blockList(bytes), await blockList(changed)];
  assert.ok(a.blocks.length <= 2048 && a.blocks.length > 512 && a.rank > 0);
  const others = new Set(b.blocks.map(({ digest }) => digest));
  assert.equal(a.blocks.filter(({ digest }) => !others.has(digest)).length, 1);
});

test('however long equal bytes go on, there are not too many blocks', async () => {
  for (const bytes of [Buffer.alloc(64 * 1024 * 1024), noise(40 * 1024 * 1024)])
    assert.ok((await blockList(bytes)).blocks.length <= 2048);
  assert.deepEqual((await blockList(Buffer.alloc(0))).blocks, []);
});

test('property: what is inserted, removed or put in place of something changes blocks around it alone', async () => {
  const bytes = drawn(600_000, 3);
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length), fc.nat(3000), fc.nat(3000), async (at, gone, come) => {
      const after = Buffer.concat([
        bytes.subarray(0, at),
        drawn(come, 99),
        bytes.subarray(at + gone),
      ]);
      const [a, b] = [await blockList(bytes), await blockList(after)];
      const known = new Set(a.blocks.map(({ digest }) => digest));
      const other = b.blocks.filter(({ digest }) => !known.has(digest));
      assert.ok(other.reduce((sum, { length }) => sum + length, 0) <= come + 3 * 16_384);
    }),
    { numRuns: 60 },
  );
});

test('blocks of a larger and a smaller file are compared at one rank', async () => {
  const small = drawn(7 * 1024 * 1024, 5);
  const large = Buffer.concat([small, drawn(9 * 1024 * 1024, 6)]);
  assert.notEqual((await blockList(small)).rank, (await blockList(large)).rank);
  const found = await differences('x.bin', small, large);
  assert.equal(found.length, 1);
  const [, from] = /^bytes (\d+)-7340031 range$/.exec(found[0]!)!;
  assert.ok(Number(from) > small.length - 256 * 1024);
});

test('a text tells its line ends, and lines by digest and shape', async () => {
  const content = async (text: string) => {
    const found = (await lookInto('a.txt', Buffer.from(text))).facts[0]!.facts.content;
    assert.ok(found?.kind === 'text');
    return found;
  };
  assert.equal((await content('a\nb\n')).lineEnds, '\\n');
  assert.equal((await content('a\nb')).lineEnds, '\\n!');
  assert.equal((await content('a\r\nb\r\n')).lineEnds, '\\r\\n');
  const [old, now] = [await content('on 2026-02-03\n'), await content('on 2026-02-04\n')];
  assert.equal(old.lines[0]!.shape, now.lines[0]!.shape);
  assert.notEqual(old.lines[0]!.digest, now.lines[0]!.digest);
});

test('a date in a page of javadoc is all that differs', async () => {
  const page = (date: string): Uint8Array =>
    Buffer.from(
      `<!DOCTYPE HTML>\n<html>\n<!-- Generated by javadoc (17) on ${date} -->\n</html>\n`,
    );
  const found = await differences(
    'a.html',
    page('Tue Feb 03 04:05:06 UTC 2026'),
    page('Tue Feb 03 04:05:07 UTC 2026'),
  );
  assert.equal(found.length, 1);
  assert.match(found[0]!, / time$/);
});

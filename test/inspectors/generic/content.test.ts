import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import type { FactContent } from '../../../src/core/facts.js';
import { windows } from '../../../src/inspectors/generic/windows.js';
import { blocksInspector } from '../../../src/inspectors/generic/blocks.js';
import type { InspectContext, Piece } from '../../../src/inspectors/define.js';
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

test('a larger file has larger blocks, and a change is in one of them', async () => {
  const bytes = noise(12 * 1024 * 1024);
  const changed = Uint8Array.from(bytes);
  changed[7_000_000]! ^= 1;
  const [a, b] = [await blocksOf([bytes]), await blocksOf([changed])];
  assert.ok(a.kind === 'blocks' && b.kind === 'blocks');
  assert.ok(a.digests.length <= 2048 && a.blockBytes > 4096);
  const places = a.digests.flatMap((digest, i) => (digest === b.digests[i] ? [] : [i]));
  assert.deepEqual(places, [Math.floor(7_000_000 / a.blockBytes)]);
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

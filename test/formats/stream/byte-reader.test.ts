import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { FormatError } from '../../../src/core/errors.js';
import { ByteReader } from '../../../src/formats/stream/byte-reader.js';
import { pieces, readerOf } from './feed.js';

const SIZES = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
const BYTES = fc.uint8Array({ minLength: 0, maxLength: 60 });

/** A question asked of the reader and of the bytes themselves. */
const STEP = fc.record({
  kind: fc.constantFrom('peek', 'read', 'take', 'skip', 'unread', 'chunks', 'zeros', 'next', 'end'),
  length: fc.integer({ min: 0, max: 12 }),
});

test('Whatever is asked in whatever order, a reader gives the bytes of its source in theirs', async () => {
  await fc.assert(
    fc.asyncProperty(
      BYTES,
      SIZES,
      fc.array(STEP, { maxLength: 40 }),
      async (bytes, sizes, steps) => {
        const reader = readerOf(bytes, sizes);
        let at = 0;
        for (const { kind, length } of steps) {
          const left = bytes.length - at;
          const expected = Buffer.from(bytes.subarray(at, at + length));
          switch (kind) {
            case 'peek':
              assert.deepEqual(Buffer.from(await reader.peek(length)), expected);
              break;
            case 'read':
              if (length > left) {
                await assert.rejects(reader.read(length), FormatError);
                break;
              }
              assert.deepEqual(Buffer.from(await reader.read(length)), expected);
              at += length;
              break;
            case 'take': {
              const taken = reader.tryTake(length);
              if (taken === null) break;
              assert.deepEqual(Buffer.from(taken), expected);
              at += taken.length;
              break;
            }
            case 'skip':
              if (length > left) break;
              await reader.skip(length);
              at += length;
              break;
            case 'unread': {
              const back = Math.min(length, at);
              reader.unread(bytes.slice(at - back, at));
              at -= back;
              break;
            }
            case 'chunks': {
              const wanted = Math.min(length, left);
              const parts: Uint8Array[] = [];
              for await (const chunk of reader.chunks(wanted)) parts.push(chunk);
              assert.deepEqual(Buffer.concat(parts), Buffer.from(bytes.subarray(at, at + wanted)));
              at += wanted;
              break;
            }
            case 'zeros': {
              const count = await reader.skipZeros();
              let zeros = 0;
              while (bytes[at + zeros] === 0) zeros++;
              assert.equal(count, zeros);
              at += count;
              break;
            }
            case 'next': {
              const chunk = await reader.next();
              assert.equal(chunk === null, left === 0);
              if (chunk === null) break;
              assert.deepEqual(
                Buffer.from(chunk),
                Buffer.from(bytes.subarray(at, at + chunk.length)),
              );
              at += chunk.length;
              break;
            }
            case 'end':
              assert.equal(await reader.atEnd(), left === 0);
              break;
          }
          assert.equal(reader.position, at);
        }
      },
    ),
  );
});

test('A source that ends too early is told with the position', async () => {
  const reader = new ByteReader(pieces(Buffer.from('hello')), { format: 'x', position: 100 });
  await reader.skip(2);
  for (const ask of [() => reader.read(4), () => reader.skip(4)])
    await assert.rejects(ask(), (error) => error instanceof FormatError && error.format === 'x');
  assert.ok(reader.position >= 102);
});

test('Closing a reader closes its source, once', async () => {
  let closed = 0;
  const source = (async function* () {
    try {
      for (;;) yield Buffer.from('abc');
    } finally {
      closed++;
    }
  })();
  const reader = new ByteReader(source);
  await reader.read(4);
  await reader.close();
  await reader.close();
  assert.equal(closed, 1);
  assert.equal(await reader.atEnd(), true);
});

test('A huge length waits for bytes and allocates for none', async () => {
  const reader = readerOf(Buffer.from('few'), [1]);
  assert.equal((await reader.peek(2 ** 52)).length, 3);
  await assert.rejects(reader.read(2 ** 52), FormatError);
  assert.equal(Buffer.from(await reader.read(3)).toString(), 'few');
});

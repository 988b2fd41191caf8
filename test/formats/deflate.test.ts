import assert from 'node:assert/strict';
import { test } from 'node:test';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';

import fc from 'fast-check';

import { FormatError } from '../../src/core/errors.js';
import { readDeflateExtent } from '../../src/formats/deflate.js';
import { mutations } from '../scrub/normalizers/mutations.js';

/** What zlib says: bytes consumed and produced; null for an error. */
function byZlib(bytes: Uint8Array): { end: number; sizeBytes: number } | null {
  try {
    const { buffer, engine } = inflateRawSync(bytes, { info: true }) as unknown as {
      buffer: Buffer;
      engine: { bytesWritten: number };
    };
    return { end: engine.bytesWritten, sizeBytes: buffer.length };
  } catch {
    return null;
  }
}

function byUs(bytes: Uint8Array): { end: number; sizeBytes: number } | null {
  try {
    return readDeflateExtent(bytes, 0);
  } catch (error) {
    assert.ok(error instanceof FormatError);
    return null;
  }
}

const STRATEGIES = [
  constants.Z_DEFAULT_STRATEGY,
  constants.Z_FILTERED,
  constants.Z_HUFFMAN_ONLY,
  constants.Z_RLE,
  constants.Z_FIXED,
];

test('a stream of any level and strategy ends where zlib says, whatever follows', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 3000 }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 0, max: 9 }),
      fc.constantFrom(...STRATEGIES),
      fc.uint8Array({ maxLength: 9 }),
      (bytes, alphabet, level, strategy, tail) => {
        const content = bytes.map((byte) => byte % alphabet);
        const stream = deflateRawSync(content, { level, strategy });
        assert.deepEqual(readDeflateExtent(Buffer.concat([tail, stream, tail]), tail.length), {
          end: tail.length + stream.length,
          sizeBytes: content.length,
        });
      },
    ),
    { numRuns: 500 },
  );
});

test('what zlib refuses is refused, what it accepts has the same end', () => {
  const text = Buffer.from(
    'one and one is two, one and two is three, and so on and on. '.repeat(9),
  );
  let accepted = 0;
  for (const [i, strategy] of STRATEGIES.entries()) {
    const stream = deflateRawSync(text, { level: 9, strategy });
    for (let length = 0; length < stream.length; length++)
      assert.equal(byUs(stream.subarray(0, length)), null);
    for (const mutant of mutations(stream, 3000, 7 * i)) {
      const expected = byZlib(mutant);
      if (expected !== null) accepted++;
      assert.deepEqual(byUs(mutant), expected, mutant.toString());
    }
  }
  assert.ok(accepted > 100, String(accepted));
});

test('a stream that expands a thousandfold costs no memory', () => {
  const stream = deflateRawSync(Buffer.alloc(64 * 1024 * 1024), { level: 9 });
  assert.deepEqual(readDeflateExtent(stream, 0), {
    end: stream.length,
    sizeBytes: 64 * 1024 * 1024,
  });
});

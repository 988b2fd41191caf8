import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { FACT_KINDS, type Facts, type TextLine } from '../../src/core/facts.js';
import { textContent } from '../../src/inspectors/generic/text.js';
import { decodeFacts, encodeFacts } from '../../src/store/sqlite/facts-codec.js';
import { packLines, unpackLines } from '../../src/store/sqlite/text-codec.js';
import { loadXxh64 } from '../../src/util/xxh64.js';

const digits = (length: number): fc.Arbitrary<string> =>
  fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`));
const PLAIN = { noNullPrototype: true } as const;
const token = fc.record(
  {
    kind: fc.constantFrom(...FACT_KINDS),
    value: fc.oneof(digits(8), fc.string({ unit: 'binary-ascii' }), fc.constant('\xe9\xff')),
  },
  PLAIN,
);
const line: fc.Arbitrary<TextLine> = fc.oneof(
  digits(16).map((digest) => ({ digest, shape: digest, tokens: null })),
  fc.record({ digest: digits(16), shape: digits(8), tokens: fc.array(token) }, PLAIN),
);

test('Lines come out of their bytes as they went in, and of no part of them', () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
      const bytes = packLines(lines)!;
      assert.deepEqual(unpackLines(bytes), lines);
      for (let end = 0; end < bytes.length; end++)
        assert.throws(() => unpackLines(bytes.subarray(0, end)), RangeError);
    }),
  );
});

test('Any bytes are lines or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        unpackLines(Buffer.from(bytes));
      } catch (error) {
        assert.ok(error instanceof RangeError);
      }
    }),
  );
});

const factsOf = (lines: readonly TextLine[]): Facts => ({
  format: 'text',
  version: 1,
  size: 7,
  key: null,
  facts: [],
  tables: [],
  content: { kind: 'text', lineEnds: '\\n', lines },
  problems: [{ offset: null, detail: 'kein Ende \u2026' }],
});

test('Facts of texts come out of a row as they went in, short or long, and lines of another form too', async () => {
  await loadXxh64();
  const context = { isTime: () => false, keyed: () => '0'.repeat(64) };
  const content = textContent('a /usr/bin/x 1.2.3 caf\xe9\n'.repeat(3), context);
  assert.equal(content.kind, 'text');
  const lines = content.kind === 'text' ? content.lines : [];
  const odd = [
    { digest: 'odd', shape: 'odd', tokens: [{ kind: 'text', value: '\u20ac' }] },
  ] as const;
  for (const each of [lines, Array.from({ length: 2000 }, () => lines).flat(), odd, []]) {
    const facts = factsOf(each);
    assert.deepEqual(decodeFacts('text', 1, encodeFacts(facts)), facts);
  }
});

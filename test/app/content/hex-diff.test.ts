import assert from 'node:assert/strict';
import test from 'node:test';

import fc from 'fast-check';

import { hexDiff } from '../../../src/app/content/hex-diff.js';

const zeros = (length: number): Uint8Array => new Uint8Array(length);

test('one changed byte is one row with two rows around it on either side', () => {
  const after = zeros(1000);
  after[500] = 1;
  const { regions, changedBytes, omittedRows, equalTail } = hexDiff(zeros(1000), after, 10);
  assert.deepEqual([changedBytes, omittedRows, equalTail], [1, 0, 0]);
  assert.deepEqual(
    regions.map((rows) => rows.map(({ offset, isChanged }) => [offset, isChanged])),
    [[464, 480, 496, 512, 528].map((offset) => [offset, offset === 496])],
  );
});

test('rows beyond the limit are counted', () => {
  const { regions, changedBytes, omittedRows } = hexDiff(zeros(1600), zeros(1600).fill(1), 10);
  assert.equal(changedBytes, 1600);
  assert.equal(regions.flat().length + omittedRows, 100);
});

test('an insertion leaves what stands behind it alone', () => {
  const before = Buffer.from('a'.repeat(100) + 'tail of the file'.repeat(100));
  const after = Buffer.from('a'.repeat(100) + 'inserted' + 'tail of the file'.repeat(100));
  const { regions, changedBytes, equalTail } = hexDiff(before, after, 10);
  assert.equal(equalTail, 1600);
  assert.equal(changedBytes, 8);
  assert.equal(regions.length, 1);
});

test('the rows that are told rebuild one side from the other, whatever the bytes are', () => {
  const bytes = fc.uint8Array({ maxLength: 200, max: 2 });
  fc.assert(
    fc.property(bytes, bytes, (before, after) => {
      const { regions, equalTail } = hexDiff(before, after, 1000);
      const rebuilt = new Uint8Array(after.length);
      rebuilt.set(before.subarray(0, Math.min(before.length, after.length)));
      if (equalTail > 0)
        rebuilt.set(before.subarray(before.length - equalTail), after.length - equalTail);
      let next = 0;
      for (const row of regions.flat()) {
        assert.ok(row.offset >= next);
        next = row.offset + 16;
        if (row.after !== null) rebuilt.set(row.after, row.offset);
        const [x, y] = [row.before ?? [], row.after ?? []].map((each) => Buffer.from(each));
        assert.equal(!x!.equals(y!), row.isChanged);
      }
      assert.deepEqual(rebuilt, after);
    }),
  );
});

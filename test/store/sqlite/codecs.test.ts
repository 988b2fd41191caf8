import assert from 'node:assert/strict';
import test from 'node:test';

import fc from 'fast-check';

import { fromStored, toStored } from '../../../src/store/sqlite/names.js';
import {
  decodeRuns,
  encodeRuns,
  idsOfRuns,
  lengthOfRuns,
  runsWhere,
} from '../../../src/store/sqlite/runs.js';
import { decodeStamp, encodeStamp, uniformStamp } from '../../../src/store/sqlite/stamp.js';

const i64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

test('names come back byte for byte, as text exactly when they are UTF-8', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => {
      const latin1 = Buffer.from(bytes).toString('latin1');
      const stored = toStored(latin1);
      assert.equal(fromStored(stored), latin1);
      const isText = Buffer.from(Buffer.from(bytes).toString('utf8'), 'utf8').equals(bytes);
      assert.equal(typeof stored === 'string', isText);
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.equal(toStored(Buffer.from(text, 'utf8').toString('latin1')), text);
    }),
  );
});

test('runs keep a list of ids and say where in it they are', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 60 })), (ids) => {
      const runs = decodeRuns(encodeRuns(ids));
      assert.deepEqual([...idsOfRuns(runs)], ids);
      assert.equal(lengthOfRuns(runs), ids.length);
      const even = runsWhere(runs, (id) => id % 2 === 0);
      assert.deepEqual(
        [...idsOfRuns(even)],
        ids.filter((id) => id % 2 === 0),
      );
      for (const [ordinal, first] of even) assert.equal(ids[ordinal], first);
      assert.deepEqual([...idsOfRuns(runsWhere(runs, (id, at) => ids[at] === id))], ids);
    }),
  );
  assert.equal(encodeRuns([5, 6, 7, 9]), '[[0,5,3],[3,9,1]]');
  assert.equal(encodeRuns([]), '[]');
});

test('stamps keep every time, whatever the distance between them', () => {
  const times = fc.array(
    fc.tuple(fc.oneof(i64, fc.constantFrom(0n, 1n, 255n, 256n)), fc.boolean()),
    {
      maxLength: 40,
    },
  );
  fc.assert(
    fc.property(times, fc.dictionary(fc.nat(39).map(String), fc.nat()), (pairs, children) => {
      const actual = BigInt64Array.from(pairs, ([time]) => time);
      const recorded = BigInt64Array.from(pairs, ([time, isSame]) =>
        isSame ? time : BigInt.asIntN(64, time + 1n),
      );
      const stamps = Object.entries(children).map(([at, id]) => [Number(at), id] as const);
      const row = encodeStamp(actual, recorded, stamps);
      if (row === null)
        return assert.ok(stamps.length === 0 && pairs.every(([, isSame]) => isSame));
      const stamp = decodeStamp(7, row);
      for (let i = 0; i < actual.length; i++)
        assert.equal(stamp.timeOf(i) ?? recorded[i], actual[i]);
      for (let i = 0; i < 40; i++) assert.equal(stamp.stampOf(i), children[i] ?? null);
    }),
  );
});

test('a few times for many entries are a list, as many times as entries are differences', () => {
  const recorded = new BigInt64Array(300);
  const few = encodeStamp(
    BigInt64Array.from({ length: 300 }, (_, i) => BigInt(1 + (i % 3)) * 10n ** 18n),
    recorded,
    [],
  );
  assert.equal(few?.width, 1);
  assert.equal(few?.times, `[0,${10n ** 18n},${2n * 10n ** 18n}]`);
  const many = encodeStamp(
    BigInt64Array.from({ length: 300 }, (_, i) => BigInt(1 + i) * 10_000n),
    recorded,
    [],
  );
  assert.equal(many?.times, null);
  assert.equal(many?.width, 3);
  assert.equal(many?.marks?.length, 900);
});

test('a stamp without marks hands itself and its time down', () => {
  const stamp = decodeStamp(7, uniformStamp(-3n));
  assert.equal(stamp.timeOf(1_000_000), -3n);
  assert.equal(stamp.stampOf(12), 7);
});

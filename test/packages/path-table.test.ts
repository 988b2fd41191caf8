import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { createPathTable } from '../../src/packages/path-table.js';

test('Paths get numbers in the order in which they come, each one once', () => {
  const name = fc.string({ unit: 'binary-ascii', maxLength: 3 });
  const path = fc.tuple(fc.constantFrom('', 'a', 'a/b', 'ab'), name);
  fc.assert(
    fc.property(
      fc.array(path, { maxLength: 60 }),
      fc.array(path, { maxLength: 20 }),
      (added, asked) => {
        const table = createPathTable();
        const model = new Map<string, number>();
        for (const [directory, base] of added) {
          const key = JSON.stringify([directory, base]);
          if (!model.has(key)) model.set(key, model.size);
          assert.equal(table.add(directory, base), model.get(key));
        }
        assert.equal(table.size, model.size);
        for (const [directory, base] of [...asked, ...added])
          assert.equal(
            table.find(directory, base),
            model.get(JSON.stringify([directory, base])) ?? -1,
          );
      },
    ),
  );
});

test('A table that has grown many times still finds everything and nothing else', () => {
  const table = createPathTable();
  const count = 40_000;
  const directory = (i: number): string => `d${i % 700}`;
  for (let i = 0; i < count; i++) assert.equal(table.add(directory(i), `name-\xe9-${i}`), i);
  for (let i = 0; i < count; i += 7) {
    assert.equal(table.find(directory(i), `name-\xe9-${i}`), i);
    assert.equal(table.find(directory(i + 1), `name-\xe9-${i}`), -1);
  }
});

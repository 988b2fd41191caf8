import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { comparePaths, type TreePath } from '../../../src/core/path.js';
import type { Change } from '../../../src/core/report.js';
import { ALL_KINDS, kindCode, SHOWN_KINDS } from '../../../src/tui/view-models/change-kind.js';
import { indexChanges } from '../../../src/tui/view-models/change-index.js';
import { changesOf, flatList } from '../../../src/tui/view-models/flat-list.js';
import { orderDescending } from '../../../src/tui/view-models/order.js';
import { findMatches } from '../../../src/tui/view-models/search.js';
import { safePath } from '../../../src/tui/text/safe.js';
import { added, changed } from '../../helpers/sample-changes.js';
import { ODD_NAMES, sampleReport } from '../../helpers/sample-report.js';
import { digest } from '../../helpers/sample-sides.js';

const sample = sampleReport();
const index = indexChanges(sample);

test('each kind of change has its letter: content, type and target are modified, the rest is metadata', () => {
  const kindAt = (path: string): string =>
    SHOWN_KINDS[kindCode(sample.changes.find((change) => change.path === path)!)]!;
  assert.equal(kindAt('srv'), 'added');
  assert.equal(kindAt('usr/share/doc/zlib1g/copyright'), 'removed');
  assert.equal(kindAt('etc/machine-id'), 'modified');
  assert.equal(kindAt('etc/alternatives/awk'), 'modified');
  assert.equal(kindAt('usr/sbin/sendmail'), 'modified');
  for (const path of ['usr/bin/perl', 'usr/bin/passwd', 'usr/bin/ping', 'etc/shadow'])
    assert.equal(kindAt(path), 'metadata');
});

test('the index counts what the report holds', () => {
  assert.equal(index.count, sample.changes.length);
  assert.deepEqual(index.totals, [12, 2, 6, 125]);
  for (const [finding, { id, count }] of sample.findings.entries()) {
    const members = changesOf(index, finding);
    assert.equal(members.length, count, id);
    for (const change of members) assert.equal(sample.changes[change]!.finding, id);
  }
});

test('a change whose finding is not listed still shows among all changes', () => {
  const lost = indexChanges({ changes: [added('a' as TreePath, 'nowhere')], findings: [] });
  assert.deepEqual([...flatList(lost, { finding: null, kinds: ALL_KINDS, sort: 'path' })], [0]);
});

test('the list holds the chosen group and kinds, in the chosen order', () => {
  for (const sort of ['path', 'size'] as const)
    for (let kinds = 1; kinds <= ALL_KINDS; kinds++)
      for (const finding of [null, 0, 3, sample.findings.length - 1]) {
        const expected = sample.changes
          .map((change, position) => ({ change, position }))
          .filter(({ change }) => (kinds >> kindCode(change)) & 1)
          .filter(
            ({ change }) => finding === null || change.finding === sample.findings[finding]!.id,
          )
          .map(({ position }) => position);
        const size = (position: number): number => index.sizes[position]!;
        if (sort === 'size') expected.sort((a, b) => size(b) - size(a) || a - b);
        assert.deepEqual([...flatList(index, { finding, kinds, sort })], expected);
      }
});

test('sizes of any magnitude are ordered as a stable sort orders them', () => {
  const size = fc.oneof(fc.nat(5), fc.maxSafeInteger().map(Math.abs), fc.nat(2 ** 20));
  fc.assert(
    fc.property(fc.array(size, { maxLength: 200 }), (values) => {
      const expected = values.map((_, i) => i).toSorted((a, b) => values[b]! - values[a]! || a - b);
      assert.deepEqual([...orderDescending(Float64Array.from(values))], expected);
    }),
  );
});

test('a search finds the names that show the text, small letters in either case', () => {
  const found = (needle: string): readonly string[] => {
    const matches = findMatches(sample.changes, needle);
    return sample.changes.filter((_, i) => matches[i] === 1).map(({ path }) => path);
  };
  assert.deepEqual(found('machine-id'), ['etc/machine-id']);
  assert.deepEqual(found('changelog.debian'), ['usr/share/doc/zlib1g/changelog.Debian.gz']);
  assert.deepEqual(found('changelog.DEBIAN'), []);
  assert.equal(found('報告書').length, 1);
  assert.equal(found('\\n').length, 1);
  assert.deepEqual(found(''), []);
  assert.deepEqual(found('a\n'), []);
});

test('a search agrees with looking at one name after the other', () => {
  const name = fc.string({
    unit: fc.constantFrom('a', 'B', '/', '\xe9', '\n', '\u00c4'),
    minLength: 1,
    maxLength: 6,
  });
  fc.assert(
    fc.property(
      fc.array(name, { maxLength: 20 }),
      fc.string({ unit: fc.constantFrom('a', 'b', 'B', '/'), maxLength: 3 }),
      (names, needle) => {
        const changes: Change[] = names.map((path) => added(path as TreePath, 'x'));
        const expected = changes.map(({ path }) => {
          const shown = safePath(path);
          const has =
            needle === needle.toLowerCase()
              ? shown.toLowerCase().includes(needle)
              : shown.includes(needle);
          return needle !== '' && has ? 1 : 0;
        });
        assert.deepEqual([...findMatches(changes, needle)], expected);
      },
    ),
  );
});

test('the sample is in tree order and holds the odd names', () => {
  for (let i = 1; i < sample.changes.length; i++)
    assert.ok(comparePaths(sample.changes[i - 1]!.path, sample.changes[i]!.path) < 0);
  assert.ok(
    sample.changes.some(({ path }) => path === Buffer.from(ODD_NAMES.newline).toString('latin1')),
  );
  assert.equal(
    kindCode(changed('x' as TreePath, 'y', { sha256: digest('a') }, { sha256: digest('b') })),
    2,
  );
});

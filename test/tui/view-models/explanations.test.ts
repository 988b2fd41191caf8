import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Container } from '../../../src/core/build.js';
import type { ContainerComparison } from '../../../src/core/report.js';
import { lineText } from '../../../src/tui/text/line.js';
import { ASCII_GLYPHS } from '../../../src/tui/text/glyphs.js';
import { displayWidth } from '../../../src/tui/text/width.js';
import { ALL_KINDS } from '../../../src/tui/view-models/change-kind.js';
import { changeDetail } from '../../../src/tui/view-models/change-detail.js';
import { groupDetail } from '../../../src/tui/view-models/group-detail.js';
import { ALL_GROUPS, groupList } from '../../../src/tui/view-models/group-list.js';
import { createModel, findingOf, indexFor } from '../../../src/tui/view-models/model.js';
import { flatList } from '../../../src/tui/view-models/flat-list.js';
import { turned } from '../../../src/tui/view-models/why-filter.js';
import {
  EVIL_MEMBER,
  explainedChange,
  explainedReport,
  explanation,
  MANY,
} from '../../helpers/explained-report.js';
import { sampleReport } from '../../helpers/sample-report.js';

const model = createModel(explainedReport(), ASCII_GLYPHS);

function detail(path: string, width: number): readonly string[] {
  const at = model.report.changes.findIndex((change) => change.path === path);
  const change = model.report.changes[at]!;
  return changeDetail(change, findingOf(model, at), width, ASCII_GLYPHS).map(lineText);
}

test('the page of a file tells status, owner, remedy, and each difference with offset, values and cause', () => {
  const text = detail('boot/initrd.img', 76).join('\n');
  for (const word of [
    'explained',
    'dracut',
    'normalize-gzip',
    'main!usr/lib/m0!c_mtime  @4',
    '2026-01-02T02:54:05Z -> 2026-01-03T02:54:05Z',
    'time.field, high: facts.startedAt..endedAt',
    'follows MTIME',
  ])
    assert.ok(text.includes(word), word);
});

test('every kept difference has its lines, at any width, and none is wider', () => {
  for (const width of [20, 37, 76, 180]) {
    const lines = detail('boot/initrd.img', width);
    assert.ok(lines.length > MANY);
    const pairs = lines.join('').match(/->/g);
    assert.ok(width < 60 || (pairs?.length ?? 0) > MANY);
    for (const line of lines) assert.ok(displayWidth(line) <= width, `${width}: ${line}`);
  }
});

test('of many alike the number of those that are not kept stands below them', () => {
  const at = model.report.changes.findIndex(({ path }) => path === 'usr/share/x.gz');
  const change = model.report.changes[at]!;
  const counts = change.explanation!.counts.map((count) => ({ ...count, count: 336 }));
  const many = { ...change, explanation: { ...change.explanation!, counts } };
  const lines = changeDetail(many, null, 200, ASCII_GLYPHS).map(lineText);
  const first = lines.findIndex((line) => line.includes('MTIME  @4'));
  assert.ok(lines[first + 1]?.includes('335 more of MTIME'));
  assert.equal(lines.filter((line) => line.includes('335 more')).length, 2);
});

test('names of members drive no terminal, and secrets are told by their length', () => {
  for (const { path } of model.report.changes)
    for (const line of detail(path, 76))
      assert.equal(/[\u0000-\u001f\u007f-\u009f]/.test(line), false, line);
  assert.ok(detail('etc/machine-id', 76).join('\n').includes('(secret, 33 bytes)'));
});

test('a file that was not looked into says why, and how to', () => {
  const text = detail('var/large', 200).join('\n');
  assert.ok(text.includes('the after build has no facts of it'));
  assert.ok(text.includes('--inspect all'));
});

test('the page of all changes tells which fields of the archives differ', () => {
  const file = (name: string, fill: number): Container => ({
    name,
    sizeBytes: 2048,
    digest: new Uint8Array(32).fill(fill),
  });
  const container = (before: string, after: string): ContainerComparison => ({
    before: file(before, 1),
    after: file(after, 2),
    verdict: 'same-content',
    explanation: explanation([explainedChange({ chain: [EVIL_MEMBER] })]),
  });
  const page = (pair: ContainerComparison, width: number): readonly string[] =>
    groupDetail(
      createModel({ ...sampleReport(), container: pair }, ASCII_GLYPHS),
      ALL_GROUPS,
      width,
    ).map(lineText);
  const archives = container('a\u001b.tar.gz', 'b.tar.gz');
  const text = page(archives, 76).join('\n');
  for (const word of ['Archives: same content, other bytes', '.tar.gz, 2', 'MTIME', 'time.field'])
    assert.ok(text.includes(word), word);
  const commit = (digit: string): string => `${digit.repeat(64)}.commit`;
  assert.ok(
    page(container(commit('a'), commit('b')), 76).some((line) => line.startsWith('Commits: ')),
  );
  for (const width of [40, 76, 180])
    for (const line of page(archives, width)) {
      assert.ok(displayWidth(line) <= width, `${width}: ${line}`);
      assert.equal(/[\u0000-\u001f\u007f-\u009f]/.test(line), false, line);
    }
});

test('the page of a group tells nature, causes, witness, owner and remedy', () => {
  const text = groupDetail(model, 0, 76).map(lineText).join('\n');
  for (const word of [
    'nondeterminism',
    'time.field, high',
    'witness',
    'facts.',
    'dracut',
    'gzip(1)',
  ])
    assert.ok(text.includes(word), word);
  const all = groupDetail(model, ALL_GROUPS, 76).map(lineText).join('\n');
  assert.ok(all.includes('5 of 8') && all.includes('62.5 %'));
});

test('a nature or a cause leaves the groups and files that have it', () => {
  const paths = (why: Parameters<typeof indexFor>[1]): readonly string[] =>
    [...flatList(indexFor(model, why), { finding: null, kinds: ALL_KINDS, sort: 'path' })].map(
      (change) => model.pathOf(change),
    );
  assert.deepEqual(paths({ nature: 'input-drift', cause: null }), ['usr/bin/bash']);
  assert.deepEqual(paths({ nature: null, cause: 'rand.key' }), ['etc/machine-id', 'var/keys.tar']);
  assert.deepEqual(paths({ nature: 'nondeterminism', cause: 'rand.key' }), ['etc/machine-id']);
  assert.equal(paths({ nature: null, cause: null }).length, 8);
  assert.deepEqual(
    [...groupList(model, ALL_KINDS, { nature: null, cause: 'unknown' })],
    [ALL_GROUPS, 2],
  );
  const filtered = indexFor(model, { nature: null, cause: 'rand.key' });
  assert.equal(
    filtered.totals.reduce((a, b) => a + b),
    2,
  );
});

test('natures and causes are those of the report, and turn around through all', () => {
  assert.deepEqual(model.whys.causes, [
    'time.field',
    'rand.key',
    'hash.derived',
    'dep.version',
    'unknown',
  ]);
  assert.deepEqual(model.whys.natures, ['nondeterminism', 'input-drift', 'consequence', 'unknown']);
  assert.deepEqual(createModel(sampleReport(), ASCII_GLYPHS).whys.causes, []);
  assert.equal(turned(['a', 'b'], null, 1), 'a');
  assert.equal(turned(['a', 'b'], 'b', 1), null);
  assert.equal(turned(['a', 'b'], null, -1), 'b');
});

import assert from 'node:assert/strict';
import test from 'node:test';

import { displayPath, isDeceptive } from '../../src/core/path.js';
import { text } from '../../src/reporters/text.js';
import { diffTrees } from '../helpers/diff-trees.js';
import type { Node } from '../helpers/memory-tree.js';
import { explainedReport, MANY } from '../helpers/explained-report.js';
import { reportText } from '../helpers/report-text.js';
import { reportKinds } from '../helpers/report-kinds.js';

test('the verdict is the first word of the first line', async () => {
  for (const report of Object.values(await reportKinds())) {
    const [first] = (await reportText(text, report)).split('\n');
    assert.equal(first?.split(':')[0], report.verdict);
  }
});

test('every content change shows its path before any metadata, within fifty lines', async () => {
  const [before, after]: [Record<string, Node>, Record<string, Node>] = [{}, {}];
  for (let i = 0; i < 3000; i++) after[`a/m${i}`] = { ...(before[`a/m${i}`] = {}), mtimeNs: 1n };
  const contents = Array.from({ length: 22 }, (_, i) => `var/lib/g${i % 6}/c${i}`);
  for (const path of contents) after[path] = { ...(before[path] = { content: 'x' }), content: 'y' };
  const lines = (await reportText(text, await diffTrees(before, after))).split('\n');
  const shown = contents.map((path) => lines.findIndex((line) => line.includes(`/${path} `)));
  assert.ok(shown.every((line) => line >= 0 && line < 50));
  const firstMetadata = lines.findIndex((line) => line.includes('/a/m'));
  assert.ok(firstMetadata > Math.max(...shown));
  assert.ok(lines.length < 60);
});

test('what was read for the report is named once: by its place', async () => {
  const report = await diffTrees({ f: {} }, { f: { mode: 0o600 } });
  const places = { before: '/srv/tree-1', after: '/srv/tree-2' };
  const shown = async (names: typeof places, isLive: boolean) => {
    const side = (which: 'before' | 'after') => ({
      ...report[which],
      name: names[which],
      location: isLive ? places[which] : '/srv/builds.db',
      facts: { ...report[which].facts, source: places[which] },
    });
    const source = { group: 'facts', name: 'source', ...places } as const;
    const sides = { before: side('before'), after: side('after') };
    const written = await reportText(text, { ...report, ...sides, circumstances: [source] });
    return (part: string) => written.split(part).length - 1;
  };
  const live = await shown({ before: 'before', after: 'after' }, true);
  assert.deepEqual([live('tree-1'), live('before  before'), live('source')], [1, 0, 0]);
  const recorded = await shown(places, false);
  assert.deepEqual([recorded('tree-1'), recorded('source')], [2, 1]);
});

test('long lists are cut unless all is asked for', async () => {
  const [before, after]: [Record<string, Node>, Record<string, Node>] = [{}, {}];
  for (let i = 0; i < 50; i++) after[`m${i}`] = { ...(before[`m${i}`] = {}), mode: 0o600 };
  const report = await diffTrees(before, after);
  const shown = async (maxPaths: number | null) =>
    (await reportText(text, report, { maxPaths })).match(/0644 -> 0600/g)?.length;
  assert.equal(await shown(10), 10);
  assert.equal(await shown(null), 50);
});

test('metadata is told old -> new for each attribute', async () => {
  const written = await reportText(
    text,
    await diffTrees(
      { f: { mode: 0o644, uid: 0, mtimeNs: 0n } },
      { f: { mode: 0o4755, uid: 33, mtimeNs: 1n } },
    ),
  );
  assert.ok(written.includes('0644 -> 4755'));
  assert.ok(written.includes('0 -> 33'));
  assert.ok(written.includes('1970-01-01T00:00:00.000000000Z -> 1970-01-01T00:00:00.000000001Z'));
});

test('two long targets are cut so that their difference is in sight', async () => {
  const long = 'x'.repeat(500);
  const written = await reportText(
    text,
    await diffTrees(
      { l: { type: 'symlink', target: `${long}/one` } },
      { l: { type: 'symlink', target: `${long}/two` } },
    ),
  );
  assert.ok(written.includes('/one -> '));
  assert.ok(written.includes('/two'));
  assert.ok(written.split('\n').every((line) => line.length < 200));
});

test('no name, value or circumstance drives the terminal or begins a line of its own', async () => {
  for (const [name, report] of Object.entries(await reportKinds())) {
    const written = await reportText(text, report, { maxPaths: null });
    for (const character of written) {
      assert.ok(character === '\n' || character >= ' ', name);
      assert.equal(isDeceptive(character), false, name);
    }
    assert.equal(/^\s*::/m.test(written), false, name);
    for (const { path, kind } of report.changes)
      if (kind === 'changed') assert.ok(written.includes(displayPath(path)), name);
  }
});

test('colour adds escape sequences and nothing else', async () => {
  const { everyAttribute } = await reportKinds();
  const plain = await reportText(text, everyAttribute!);
  const colored = await reportText(text, everyAttribute!, { color: true });
  assert.notEqual(colored, plain);
  // eslint-disable-next-line no-control-regex
  assert.equal(colored.replace(/\u001b\[\d+m/g, ''), plain);
});

test('a directory that came or went stands for what it holds', async () => {
  const files = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`d/e/f${i}`, {}]));
  const lines = (await reportText(text, await diffTrees({}, { ...files, 'd.x': {} }))).split('\n');
  assert.ok(lines.some((line) => line.startsWith('  /d/') && line.includes('31')));
  assert.ok(lines.every((line) => !line.includes('/d/e')));
});

test('what could not be compared is named with its path', async () => {
  const { incomplete } = await reportKinds();
  const written = await reportText(text, incomplete!);
  for (const { path } of incomplete!.notCompared)
    if (path !== null) assert.ok(written.includes(displayPath(path)));
});

test('equal inputs with another result get a sentence that names both fields', async () => {
  const { everyAttribute } = await reportKinds();
  const line = (await reportText(text, everyAttribute!))
    .split('\n')
    .find((each) => each.includes('rpm-ostree-inputhash'));
  assert.ok(line?.includes('ostree-content-checksum'));
});

test('a finding tells nature, cause with witness, what follows, owner and remedy', async () => {
  const written = await reportText(text, explainedReport());
  const start = written.indexOf('time in a field');
  const block = written.slice(start, written.indexOf('\n\n', start));
  for (const word of [
    'nondeterminism',
    'time.field (high, ',
    '2026-01-02T02:54:05Z -> 2026-01-03T02:54:05Z [facts.startedAt..endedAt]',
    'usr/lib/m0!c_mtime @4',
    'CRC32',
    'dracut',
    'normalize-gzip',
    'gzip(1)',
  ])
    assert.ok(block.includes(word), word);
});

test('secrets are told by their length, and digests by their beginning', async () => {
  for (const maxPaths of [10, null]) {
    const written = await reportText(text, explainedReport(), { maxPaths });
    assert.equal(/[0-9a-f]{32}/.test(written), false);
    assert.ok(written.includes('(secret, 33 bytes) -> (secret, 33 bytes)'));
  }
});

test('what follows from other findings comes last and needs one line', async () => {
  const lines = (await reportText(text, explainedReport())).split('\n');
  const at = lines.findIndex((line) => line.includes('/var/lib/x.md5sums'));
  assert.ok(lines[at]?.includes('/usr/bin/bash'));
  assert.ok(at > lines.findIndex((line) => line.includes('5.1 -> 5.2')));
});

test('the last lines tell how much is explained and what was not looked into', async () => {
  const lines = (await reportText(text, explainedReport())).trimEnd().split('\n').slice(-8);
  assert.ok(lines.some((line) => line.includes('5 of 8') && line.includes('62.5 %')));
  assert.ok(lines.some((line) => line.includes('the after build has no facts of it')));
  assert.ok(lines.some((line) => line.includes('--inspect all')));
});

test('names of members drive no terminal, and all differences are told when asked for', async () => {
  for (const maxPaths of [10, null]) {
    const written = await reportText(text, explainedReport(), { maxPaths });
    for (const character of written)
      assert.ok(character === '\n' || (character >= ' ' && !isDeceptive(character)));
    assert.equal(written.includes(`usr/lib/m${MANY - 1}!`), maxPaths === null);
  }
});

test('all lines of a finding but paths and links fit 80 columns, or nearly', async () => {
  const written = await reportText(text, explainedReport());
  const findings = written.slice(written.indexOf('\n\ncontent:'));
  for (const line of findings.split('\n'))
    if (!line.includes('/')) assert.ok(line.length <= 100, line);
});

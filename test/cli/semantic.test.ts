import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { test } from 'node:test';

import { tarArchive, tarMember } from '../formats/build-tar.js';
import { file, folder, layoutFiles, writeLayout, type ImageSpec } from '../helpers/build-image.js';
import { needs } from '../helpers/oracle.js';
import { tempFolder } from '../helpers/temp-tree.js';
import { ostree, writeSample } from '../sources/ostree/support.js';
import { run } from './helpers.js';

interface Found {
  readonly status: number | null;
  readonly verdict: string;
  readonly container: { readonly verdict: string; readonly setAside: boolean };
  readonly notCompared: readonly { readonly what: string; readonly declared: boolean }[];
}

function diff(at: string, ...words: readonly string[]): Found {
  const { status, stdout, stderr } = run(at, ['diff', ...words, '--format', 'json']);
  assert.ok(status === 0 || status === 1, stderr);
  return { status, ...(JSON.parse(stdout) as Omit<Found, 'status'>) };
}

const setAside = ({ notCompared }: Found): readonly string[] =>
  notCompared.filter(({ declared }) => declared).map(({ what }) => what);

const image = (spec: Partial<ImageSpec>, mtime: number, order = 1): ImageSpec => ({
  layers: [
    { members: [folder('etc', { mtime }), file('etc/a', 'a', { mtime }), file('b')].slice(0, 3) },
    { members: order === 1 ? [file('x'), file('y')] : [file('y'), file('x')] },
  ],
  created: `2026-01-01T00:00:${mtime}Z`,
  ...spec,
});

const layout = (at: string, name: string, spec: ImageSpec): string => {
  writeLayout(join(at, name), layoutFiles(spec));
  return `oci:${name}`;
};

test('images that differ in times, history, names and order are the same with --semantic, which says what it set aside', (t) => {
  const at = tempFolder(t);
  const history = (created: string) => ({ history: [{ created, created_by: created }] });
  const a = layout(at, 'a', image({ tag: 'one', config: history('2026-01-01T00:00:01Z') }, 10));
  const b = layout(at, 'b', image({ tag: 'two', config: history('2026-01-01T00:00:02Z') }, 20, 2));
  assert.equal(diff(at, a, b).status, 1);
  const found = diff(at, a, b, '--semantic');
  assert.deepEqual([found.status, found.verdict], [0, 'same']);
  assert.deepEqual([found.container.verdict, found.container.setAside], ['same-content', true]);
  assert.deepEqual(setAside(found).toSorted(), ['container', 'mtime']);
});

test('with --semantic images differ by how they run, by contents, modes and names of files', (t) => {
  const at = tempFolder(t);
  const base = image({ config: { config: { Env: ['A=1'] } } }, 10);
  const a = layout(at, 'a', base);
  const [first, second] = base.layers;
  for (const [i, other] of [
    { ...base, config: { config: { Env: ['A=2'] } } },
    { ...base, config: { config: { Env: ['A=1'], Cmd: ['sh'] } } },
    { ...base, layers: [first!, { members: [file('x', 'other'), file('y')] }] },
    { ...base, layers: [first!, { members: [file('x', 'x', { mode: 0o755 }), file('y')] }] },
    { ...base, layers: [first!, second!, { members: [file('z')] }] },
  ].entries()) {
    const found = diff(at, a, layout(at, `b${i}`, other), '--semantic');
    assert.deepEqual([found.status, found.verdict], [1, 'different'], String(i));
    if (i < 2) assert.equal(found.container.setAside, false);
  }
});

test('of other archives --semantic sets aside the bytes beside what the tree says', (t) => {
  const at = tempFolder(t);
  const members = [file('a', 'a', { mtime: 1 }), file('b', 'b', { mtime: 2 })];
  writeFileSync(join(at, 'a.tar'), tarArchive(members.map(tarMember)));
  const others = members.toReversed().map((each) => ({ ...each, mtime: 3 }));
  writeFileSync(join(at, 'b.tar.gz'), gzipSync(tarArchive(others.map(tarMember))));
  assert.equal(diff(at, './a.tar', './b.tar.gz').status, 1);
  const found = diff(at, './a.tar', './b.tar.gz', '--semantic');
  assert.deepEqual([found.status, found.container.setAside], [0, true]);
  assert.ok(setAside(found).includes('container') && setAside(found).includes('mtime'));
});

test('nothing is said to be set aside of archives that are identical', (t) => {
  const at = tempFolder(t);
  for (const name of ['a.tar', 'b.tar'])
    writeFileSync(join(at, name), tarArchive([file('a')].map(tarMember)));
  const found = diff(at, './a.tar', './b.tar', '--semantic');
  assert.deepEqual([found.status, found.container.verdict], [0, 'identical']);
  assert.equal(setAside(found).includes('container'), false);
});

test(
  'commits that differ in their time alone are the same with --semantic, those of other versions are not',
  { skip: needs('ostree') },
  (t) => {
    const at = tempFolder(t);
    const repo = `--repo=${join(at, 'repo')}`;
    writeSample(join(at, 'tree'), { children: { a: { content: 'a' } } });
    ostree(repo, 'init', '--mode=archive');
    for (const [time, version] of [
      [1, 1],
      [2, 1],
      [2, 2],
    ]) {
      const named = [`--add-metadata-string=version=${version}`, '--orphan', '--bind-ref=x'];
      const commit = ['commit', `--tree=dir=${join(at, 'tree')}`, `--timestamp=@${time}`];
      const checksum = ostree(repo, ...commit, ...named);
      ostree(repo, 'refs', checksum, `--create=t${time}v${version}`);
    }
    const [one, later, two] = ['ostree:repo@t1v1', 'ostree:repo@t2v1', 'ostree:repo@t2v2'] as const;
    assert.equal(diff(at, one, later).status, 1);
    assert.equal(diff(at, one, later, '--semantic').status, 0);
    assert.equal(diff(at, later, two, '--semantic').status, 1);
  },
);

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { linkSync, lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { applyPlan } from '../../src/scrub/apply.js';
import { scrubRules } from '../../src/scrub/index.js';
import { normalizers } from '../../src/scrub/normalizers/index.js';
import { planScrub, type PlannedEdit } from '../../src/scrub/plan.js';
import { gzipMember } from '../formats/build-gzip.js';
import { tarArchive, tarMember } from '../formats/build-tar.js';
import { listTree } from '../helpers/list-tree.js';
import { tempTree } from '../helpers/temp-tree.js';
import {
  editsOf,
  EPOCH,
  NONCE,
  ownershipOf,
  plan,
  rewriteRule,
  contentOfRewrite,
  scrub,
  setMtime,
} from './support.js';

const VARIES = gzipMember('x', { mtime: 1_700_000_000 });
const NORMAL = gzipMember('x');
const only = ['normalize-gzip'];

test('every normaliser is a rule that is off by default', () => {
  for (const { id } of normalizers) {
    const rule = scrubRules.find((one) => one.id === `normalize-${id}`);
    assert.ok(rule !== undefined && !rule.defaultOn && rule.strict !== true, id);
  }
});

test('x becomes x.fixed, other files stay, a second run plans nothing', async (t) => {
  const root = tempTree(t, {
    'srv/a.gz': VARIES,
    'srv/B.GZ': VARIES,
    'srv/normal.gz': NORMAL,
    'srv/no-ending': VARIES,
    'srv/text.gz': 'text',
    'srv/link.gz': { link: 'a.gz' },
  });
  const before = listTree(root);
  assert.deepEqual(editsOf(await plan(root)), []);
  const { plan: planned, result } = await scrub(root, { only });
  assert.deepEqual(editsOf(planned), ['rewrite srv/B.GZ', 'rewrite srv/a.gz']);
  assert.deepEqual(result.diagnostics, []);
  assert.deepEqual(readFileSync(join(root, 'srv/a.gz')), NORMAL);
  const after = listTree(root);
  for (const [path, was] of before)
    if (!/(a\.gz|B\.GZ)$/.test(path)) assert.deepEqual(after.get(path), was, path);
  assert.deepEqual(editsOf(await plan(root, { only })), []);
});

test('what a package owns stays, and everything where its database cannot be read', async (t) => {
  const root = tempTree(t, { 'a.gz': VARIES, 'b.gz': VARIES });
  const owned = await plan(root, { only, ownership: { owned: ['a.gz'] } });
  assert.deepEqual(editsOf(owned), ['rewrite b.gz']);
  assert.deepEqual(editsOf(await plan(root, { only, ownership: { complete: false } })), []);
  const none = await plan(root, { only, ownership: { managers: [] } });
  assert.deepEqual(editsOf(none), ['rewrite a.gz', 'rewrite b.gz']);
});

test('what is not understood is left and reported', async (t) => {
  const root = tempTree(t, { 'a.gz': VARIES.subarray(0, -1) });
  const planned = await plan(root, { only });
  assert.deepEqual(editsOf(planned), []);
  assert.deepEqual(
    planned.diagnostics.map(({ code, path }) => `${code} ${path}`),
    ['format a.gz'],
  );
});

test('names of one inode are one edit and stay one inode', async (t) => {
  const root = tempTree(t, { 'a.gz': VARIES });
  linkSync(join(root, 'a.gz'), join(root, 'b.gz'));
  const { plan: planned } = await scrub(root, { only });
  assert.deepEqual(editsOf(planned), ['rewrite a.gz']);
  assert.equal(lstatSync(join(root, 'a.gz')).ino, lstatSync(join(root, 'b.gz')).ino);
  assert.deepEqual(readFileSync(join(root, 'b.gz')), NORMAL);
});

test('a rule sees what the rules before it will leave', async (t) => {
  const root = tempTree(t, { 'a.gz': VARIES });
  const rules = [rewriteRule('a.gz'), ...scrubRules.filter(({ id }) => id === 'normalize-gzip')];
  assert.deepEqual(
    (await plan(root, { rules })).edits.map(({ edit }) => edit.rule),
    ['test-rewrite'],
  );
});

test('a gzip header that tells only of its program and of inputs is left in a tree, and settled with a later time', async (t) => {
  const tool = { xfl: 2, os: 0 };
  const root = tempTree(t, {
    'tool.gz': gzipMember('x', tool),
    'input.gz': gzipMember('x', { ...tool, mtime: EPOCH }),
    'late.gz': gzipMember('x', { ...tool, mtime: EPOCH + 1 }),
    'second.gz': Buffer.concat([gzipMember('x', tool), gzipMember('y', { mtime: EPOCH + 1 })]),
  });
  const late = ['rewrite late.gz', 'rewrite second.gz'];
  assert.deepEqual(editsOf(await plan(root, { only })), late);
  // Without an epoch nothing tells the time of an input from that of a build.
  assert.deepEqual(editsOf(await plan(root, { only, epoch: null })), ['rewrite input.gz', ...late]);
  await scrub(root, { only });
  assert.deepEqual(readFileSync(join(root, 'late.gz')), NORMAL);
  assert.deepEqual(readFileSync(join(root, 'second.gz')), Buffer.concat([NORMAL, gzipMember('y')]));
  assert.deepEqual(editsOf(await plan(root, { only })), []);
});

test('the header of a compressed archive is settled when its archive is', async (t) => {
  const archive = (mtime: number): Buffer =>
    gzipMember(tarArchive([tarMember({ mtime })], 20), { xfl: 2, os: 0 });
  const root = tempTree(t, { 'a.tgz': archive(EPOCH), 'b.tgz': archive(EPOCH + 1) });
  const planned = await plan(root, { only: ['normalize-tgz'] });
  const last = planned.edits.at(-1)!.edit;
  assert.ok(last.kind === 'rewrite' && last.path === 'b.tgz');
  const content = contentOfRewrite(last, readFileSync(join(root, 'b.tgz')));
  assert.deepEqual([content![8], content![9]], [0, 3]);
});

test('a file whose bytes are others than those that were planned for is left, whatever its size and time say', async (t) => {
  const root = tempTree(t, { 'a.gz': VARIES, 'b.gz': VARIES });
  const planned = await plan(root, { only });
  const { mtimeNs } = listTree(root).get('a.gz')!;
  const other = gzipMember('y', { mtime: 1_700_000_000 });
  assert.equal(other.length, VARIES.length);
  writeFileSync(join(root, 'a.gz'), other);
  setMtime(join(root, 'a.gz'), mtimeNs);
  const { applied, diagnostics } = await applyPlan(planned, { nonce: NONCE });
  assert.deepEqual(
    [applied.map((edit) => edit.path), diagnostics.map(({ path }) => path)],
    [['b.gz'], ['a.gz']],
  );
  assert.deepEqual(readFileSync(join(root, 'a.gz')), other);
});

test('a plan holds digests of what it will write, and the edits say the same', async (t) => {
  const root = tempTree(t, { 'a.gz': VARIES });
  const { plan: planned, result } = await scrub(root, { only });
  const [{ edit }] = planned.edits as [PlannedEdit];
  assert.ok(edit.kind === 'rewrite' && !(edit.content instanceof Uint8Array));
  const hex = (bytes: Uint8Array | null): string => Buffer.from(bytes!).toString('hex');
  assert.equal(edit.content.sizeBytes, NORMAL.length);
  assert.equal(hex(edit.content.sha256), listTree(root).get('a.gz')!.content);
  const [applied] = result.applied;
  assert.deepEqual([applied!.oldSize, applied!.newSize], [VARIES.length, NORMAL.length]);
  assert.equal(hex(applied!.newDigest), hex(edit.content.sha256));
  assert.equal(hex(applied!.oldDigest), createHash('sha256').update(VARIES).digest('hex'));
});

test('names of one inode that end alike are looked into once', async (t) => {
  const root = tempTree(t, { 'a.gz': VARIES, 'bad.gz': VARIES.subarray(0, -1) });
  for (const name of ['b.gz', 'c.GZ']) linkSync(join(root, 'a.gz'), join(root, name));
  linkSync(join(root, 'bad.gz'), join(root, 'worse.gz'));
  const files: number[] = [];
  const planned = await planScrub({
    root,
    rules: scrubRules.filter(({ id }) => id === 'normalize-gzip'),
    layout: 'plain',
    sourceDateEpoch: EPOCH,
    ownership: ownershipOf(),
    onProgress: ({ totalFiles }) => files.push(totalFiles),
  });
  assert.deepEqual(files, [2, 2]);
  assert.deepEqual(editsOf(planned), ['rewrite a.gz']);
  assert.deepEqual(
    planned.diagnostics.map((one) => one.path),
    ['bad.gz'],
  );
});

test('rules that see one inode under different names plan for it once', async (t) => {
  const archive = gzipMember(tarArchive([tarMember({ mtime: EPOCH + 1 })], 20), {
    mtime: EPOCH + 1,
  });
  const root = tempTree(t, { 'a.tgz': archive });
  linkSync(join(root, 'a.tgz'), join(root, 'b.gz'));
  const rules = ['normalize-tgz', 'normalize-gzip'];
  const { plan: planned, result } = await scrub(root, { only: rules });
  assert.deepEqual(result.diagnostics, []);
  assert.deepEqual(editsOf(planned)[0], 'rewrite a.tgz');
  assert.deepEqual(editsOf(await plan(root, { only: rules })), []);
  assert.equal(lstatSync(join(root, 'a.tgz')).ino, lstatSync(join(root, 'b.gz')).ino);
});

import assert from 'node:assert/strict';
import { linkSync, lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { scrubRules } from '../../src/scrub/index.js';
import { normalizers } from '../../src/scrub/normalizers/index.js';
import { gzipMember } from '../formats/build-gzip.js';
import { tarArchive, tarMember } from '../formats/build-tar.js';
import { listTree } from '../helpers/list-tree.js';
import { tempTree } from '../helpers/temp-tree.js';
import { editsOf, EPOCH, plan, rewriteRule, scrub } from './support.js';

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
  const contents = planned.edits.map(({ edit }) => edit.kind === 'rewrite' && edit.content);
  assert.deepEqual(editsOf(planned).at(-1), 'rewrite b.tgz');
  const last = contents.at(-1);
  assert.ok(last instanceof Uint8Array && last[8] === 0 && last[9] === 3);
});

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chownSync,
  linkSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { applyPlan } from '../../src/scrub/apply.js';
import { listTree } from '../helpers/list-tree.js';
import { needs, needsRoot } from '../helpers/oracle.js';
import { tempFolder, tempTree } from '../helpers/temp-tree.js';
import { SCRUB_PROCESS, type ProcessResult } from './scrub-process.js';
import { NONCE, plan, rewriteRule, scrub, setXattr } from './support.js';

const REWRITE = { rules: [rewriteRule('f')] };

test('what changed after it was planned is left and reported', async (t) => {
  const changes: readonly ((root: string) => void)[] = [
    (root) => writeFileSync(join(root, 'f'), 'longer than before'),
    (root) => utimesSync(join(root, 'f'), 5, 5),
    (root) => {
      writeFileSync(join(root, 'g'), 'old');
      utimesSync(join(root, 'g'), 1577836800, 1577836800);
      renameSync(join(root, 'g'), join(root, 'f'));
    },
    (root) => linkSync(join(root, 'f'), join(root, 'h')),
    (root) => {
      renameSync(join(root, 'f'), join(root, 'g'));
      symlinkSync('/etc/passwd', join(root, 'f'));
    },
    (root) => renameSync(join(root, 'f'), join(root, 'g')),
  ];
  for (const [i, change] of changes.entries()) {
    const root = tempTree(t, { f: 'old' });
    const planned = await plan(root, REWRITE);
    change(root);
    const before = listTree(root);
    const result = await applyPlan(planned, { nonce: NONCE });
    assert.deepEqual(result.applied, [], `change ${i}`);
    assert.deepEqual(
      result.diagnostics.map(({ code, path: one }) => [code, one]),
      [['not-rewritable', 'f']],
    );
    assert.deepEqual(listTree(root), before);
  }
});

test('a directory that became a link to the outside after the plan is not entered', async (t) => {
  const outside = tempTree(t, { 'dpkg.log': 'theirs' });
  const root = tempTree(t, { 'var/log/dpkg.log': 'ours' });
  const planned = await plan(root, { only: ['dpkg-log'] });
  renameSync(join(root, 'var/log'), join(root, 'var/log.old'));
  symlinkSync(outside, join(root, 'var/log'));
  const result = await applyPlan(planned, { nonce: NONCE });
  assert.deepEqual(result.applied, []);
  assert.equal(readFileSync(join(outside, 'dpkg.log'), 'utf8'), 'theirs');
});

test('a file whose temporary name is taken is left, and the other file is untouched', async (t) => {
  const root = tempTree(t, { f: 'old', [`.repro-audit-${NONCE}-0.tmp`]: 'mine' });
  const { result } = await scrub(root, REWRITE);
  assert.deepEqual(result.applied, []);
  assert.equal(readFileSync(join(root, 'f'), 'utf8'), 'old');
  assert.equal(readFileSync(join(root, `.repro-audit-${NONCE}-0.tmp`), 'utf8'), 'mine');
});

test(
  'a signed file is not rewritten, but its time may change',
  { skip: needsRoot() },
  async (t) => {
    const root = tempTree(t, { f: 'old' });
    setXattr(join(root, 'f'), 'security.ima', new Uint8Array([3, 2]));
    const before = listTree(root).get('f');
    const { result } = await scrub(root, REWRITE);
    assert.deepEqual(
      result.diagnostics.map(({ code }) => code),
      ['not-rewritable'],
    );
    assert.deepEqual(listTree(root).get('f'), before);
  },
);

test(
  'a full or read-only file system leaves the old file and no other',
  { skip: needsRoot() || needs('mount') },
  async (t) => {
    const folder = tempFolder(t);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', folder]);
    try {
      writeFileSync(join(folder, 'f'), 'old');
      utimesSync(join(folder, 'f'), 1, 1);
      utimesSync(folder, 1, 1);
      const before = listTree(folder);
      const large = { rules: [rewriteRule('f', 'x'.repeat(1_000_000))] };
      const full = await scrub(folder, large);
      assert.deepEqual(
        full.result.diagnostics.map(({ code }) => code),
        ['not-rewritable'],
      );
      assert.deepEqual(listTree(folder), before);
      execFileSync('mount', ['-o', 'remount,ro', folder]);
      const readOnly = await scrub(folder, REWRITE);
      assert.deepEqual(
        readOnly.result.diagnostics.map(({ code }) => code),
        ['not-rewritable'],
      );
      assert.deepEqual(listTree(folder), before);
    } finally {
      execFileSync('umount', [folder]);
    }
  },
);

test(
  'a process that may not give files away leaves those of others',
  { skip: needsRoot() || needs('setpriv') },
  (t) => {
    const root = tempTree(t, { 'd/f': 'old', 'd/f2': 'old' });
    chownSync(join(root, 'd/f'), 0, 55);
    const before = listTree(root);
    const withoutChown = ['--bounding-set=-chown', process.execPath, SCRUB_PROCESS, root, 'new'];
    const output = execFileSync('setpriv', withoutChown).toString();
    const expected: ProcessResult = { applied: 1, left: ['not-rewritable'] };
    assert.deepEqual(JSON.parse(output.replace('start\n', '')), expected);
    assert.deepEqual(listTree(root).get('d/f'), before.get('d/f'));
    assert.deepEqual(readdirSync(join(root, 'd')), ['f', 'f2']);
  },
);

test('without native calls nothing is edited, and that is said', (t) => {
  const root = tempTree(t, { 'd/f': 'old' });
  const before = listTree(root);
  const output = execFileSync(process.execPath, [SCRUB_PROCESS, root, 'new'], {
    env: { ...process.env, REPRO_AUDIT_NO_NATIVE: '1' },
  }).toString();
  const expected: ProcessResult = { applied: 0, left: ['not-rewritable'] };
  assert.deepEqual(JSON.parse(output.replace('start\n', '')), expected);
  assert.deepEqual(listTree(root), before);
});

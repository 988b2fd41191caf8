import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, linkSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { AT_FDCWD, nativeCalls } from '../../src/fs/native.js';
import { isTemporaryName } from '../../src/scrub/apply/temporary.js';
import { listTree, type Listed } from '../helpers/list-tree.js';
import { tempTree } from '../helpers/temp-tree.js';
import { SCRUB_PROCESS } from './scrub-process.js';
import { plan, rewriteRule, scrub } from './support.js';

const FOLDERS = 6;
const OLD = 'old '.repeat(3000);
const NEW = 'new '.repeat(5000);

/** Kills a scrub of the root this long after it began to write; true when it had not ended by then. */
async function killScrub(root: string, milliseconds: number): Promise<boolean> {
  const child = spawn(process.execPath, [SCRUB_PROCESS, root, NEW], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  const ended = child.exitCode !== null;
  if (!ended) child.kill('SIGKILL');
  if (child.signalCode === null && child.exitCode === null) await once(child, 'exit');
  return !ended;
}

function withoutIdentity({ mode, owner, mtimeNs, xattrs }: Listed): unknown {
  return { mode, owner, mtimeNs, xattrs };
}

test('a kill at any moment leaves each file old or new, and the next run completes', async (t) => {
  let killed = 0;
  for (let round = 0; round < 8; round++) {
    const files = Array.from({ length: FOLDERS }, (_, i) => [`d${i}/f`, OLD] as const);
    const root = tempTree(t, { ...Object.fromEntries(files), 'links/x': '' });
    for (const [name] of files) {
      chmodSync(join(root, name), 0o4711);
      nativeCalls()!.setXattrAt(AT_FDCWD, join(root, name), 'user.k', new Uint8Array([0, 9]));
      linkSync(join(root, name), join(root, 'links', name.replace('/', '-')));
    }
    const before = listTree(root);
    if (await killScrub(root, round * 5)) killed++;

    const between = listTree(root);
    for (const [name, entry] of before) {
      if (!entry.mode.startsWith('100')) continue;
      assert.ok([OLD, NEW, ''].includes(readFileSync(join(root, name), 'utf8')), name);
      assert.deepEqual(withoutIdentity(between.get(name)!), withoutIdentity(entry), name);
    }
    for (const name of between.keys())
      if (!before.has(name))
        assert.ok(isTemporaryName(name.slice(name.lastIndexOf('/') + 1)), name);

    await scrub(root, { only: ['scrub-left-over'] });
    await scrub(root, { rules: [rewriteRule('**/f', NEW), rewriteRule('links/d*', NEW)] });
    const after = listTree(root);
    assert.deepEqual([...after.keys()], [...before.keys()]);
    for (const [name] of files) assert.equal(readFileSync(join(root, name), 'utf8'), NEW);
    assert.deepEqual((await plan(root, { only: ['scrub-left-over'] })).edits, []);
  }
  assert.ok(killed > 0, 'no run was slow enough to be killed');
});

test('what only looks like a left-over stays', async (t) => {
  const root = tempTree(t, {
    '.repro-audit-0123456789abcdef-1.tmp': 'left',
    '.repro-audit-mine.tmp': 'theirs',
    'repro-audit-0123456789abcdef-1.tmp': 'theirs',
    '.repro-audit-0123456789abcdef-2.tmp/x': 'theirs',
  });
  const { result } = await scrub(root, { only: ['scrub-left-over'] });
  assert.deepEqual(
    result.applied.map(({ path, secret, oldDigest }) => [path, secret, oldDigest]),
    // It may be the copy of a secret.
    [['.repro-audit-0123456789abcdef-1.tmp', true, null]],
  );
});

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
import { EPOCH, EPOCH_NS, plan, rewriteRule, scrub, setMtime, setXattr } from './support.js';

const FOLDERS = 6;
const OLD = 'old '.repeat(3000);
const NEW = 'new '.repeat(5000);

/** Kills a scrub of the root this long after it began to write; true when it had not ended by then. */
async function killScrub(
  root: string,
  milliseconds: number,
  args: readonly string[] = [NEW],
): Promise<boolean> {
  const child = spawn(process.execPath, [SCRUB_PROCESS, root, ...args], {
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

const NOTE = 'user.overlay.origin';
const only = ['pyc-times', 'mtime-clamp', 'overlay-xattrs'];
const unmanaged = { only, ownership: { managers: [] } };

/** A header of Python 3.11 that holds the time of a source of one byte. */
function compiled(seconds: number): Buffer {
  const bytes = Buffer.alloc(4000, 0x41);
  [0x0a0d0da7, 0, seconds, 1].forEach((word, i) => bytes.writeUInt32LE(word, i * 4));
  return bytes;
}

test('a kill at any moment leaves modules that fit their source or are stale, and each attribute there or gone', async (t) => {
  const folders = Array.from({ length: 25 }, (_, i) => `d${i}`);
  const late = EPOCH + 1000;
  const [old, fixed] = [compiled(late), compiled(EPOCH)];
  let killed = 0;
  for (let round = 0; round < 6; round++) {
    const cache = (folder: string): string => `${folder}/__pycache__/m.cpython-311.pyc`;
    const files = folders.flatMap((folder) => [
      [`${folder}/m.py`, 'x'] as const,
      [cache(folder), old] as const,
    ]);
    const root = tempTree(t, Object.fromEntries(files));
    for (const folder of folders) {
      linkSync(
        join(root, cache(folder)),
        join(root, folder, '__pycache__/m.cpython-311.opt-1.pyc'),
      );
      for (const name of [`${folder}/m.py`, cache(folder), folder]) {
        setXattr(join(root, name), NOTE, new Uint8Array([0, 9]));
        setXattr(join(root, name), 'user.kept', new Uint8Array([1]));
      }
      setMtime(join(root, folder, 'm.py'), BigInt(late) * 1_000_000_000n);
    }
    const before = listTree(root);
    if (await killScrub(root, round * 8, ['', ...only])) killed++;

    const between = listTree(root);
    const withoutNote = ({ xattrs }: Listed): readonly string[] =>
      xattrs.filter((one) => !one.startsWith(`${NOTE}=`));
    for (const [name, was] of before) {
      const now = between.get(name)!;
      assert.deepEqual(withoutNote(now), withoutNote(was), name);
      assert.deepEqual([now.mode, now.owner], [was.mode, was.owner], name);
      const isFree = was.mode.startsWith('4') || name.endsWith('m.py');
      if (!isFree) assert.equal(now.mtimeNs, was.mtimeNs, name);
    }
    for (const folder of folders) {
      const { mtimeNs } = between.get(`${folder}/m.py`)!;
      const module = readFileSync(join(root, cache(folder)));
      assert.ok(module.equals(old) || module.equals(fixed), folder);
      assert.ok(mtimeNs === EPOCH_NS || mtimeNs === BigInt(late) * 1_000_000_000n, folder);
      // The time of the source comes last: it never gets away from a module that was valid.
      if (mtimeNs === EPOCH_NS) assert.ok(module.equals(fixed), folder);
    }

    await scrub(root, { only: ['scrub-left-over'] });
    assert.deepEqual((await scrub(root, unmanaged)).result.diagnostics, []);
    const rest = (await plan(root, unmanaged)).edits.map(({ edit }) => `${edit.kind} ${edit.path}`);
    assert.deepEqual(rest, []);
    const after = listTree(root);
    assert.deepEqual([...after.keys()], [...before.keys()]);
    for (const { xattrs } of after.values())
      assert.ok(xattrs.every((one) => !one.startsWith(`${NOTE}=`)));
    for (const folder of folders) {
      assert.equal(after.get(`${folder}/m.py`)!.mtimeNs, EPOCH_NS);
      assert.deepEqual(readFileSync(join(root, cache(folder))), fixed);
    }
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

/** A tree for archivers we did not write, and what they make of an archive of it. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { listTree } from '../../helpers/list-tree.js';

const LONG = `${'long-directory-'.repeat(7)}/${'long-name-'.repeat(12)}`;

/** Runs a shell line in a folder and gives its output, latin1. */
export function shell(folder: string, line: string, env: NodeJS.ProcessEnv = {}): string {
  const { status, stdout, stderr } = spawnSync('sh', ['-c', line], {
    cwd: folder,
    encoding: 'latin1',
    env: { ...process.env, LC_ALL: 'C.UTF-8', ...env },
  });
  assert.equal(status, 0, `${line}: ${stderr}`);
  return stdout;
}

/** Files, links of both kinds, a FIFO, setuid, names of all sorts. `seed` changes times and inodes, nothing else. */
export function makeTree(folder: string, seed: number, { long = true, pipe = true } = {}): void {
  mkdirSync(folder);
  for (let i = 0; i < seed; i++) writeFileSync(join(folder, `.spare${i}`), '');
  shell(
    folder,
    `umask 022; mkdir -p a/b z; printf one >a/b/one; printf two >z/two; chmod 4755 z/two
     ln a/b/one z/one-again; ln a/b/one a.first; ln -s ../z/two a/to; 
     printf x >"$(printf 'a/caf\\303\\251 b')"; : >empty; chmod 600 empty; rm -f .spare*`,
  );
  if (pipe) shell(folder, 'mkfifo a/pipe');
  if (long)
    shell(
      folder,
      `mkdir -p "${LONG.split('/')[0]}"; printf long >"${LONG}"; ln -s "${LONG}" z/far`,
    );
  shell(folder, `find . -depth -exec touch -h -d @${1_700_000_000 + seed}.25 {} +`);
}

/** What extraction leaves: types, modes, owners, targets, contents and which names are one file; no times but old ones. */
export function extracted(folder: string): unknown {
  const files = [...listTree(folder)].sort(([a], [b]) => (a < b ? -1 : 1));
  const first = new Map<bigint, string>();
  for (const [path, { ino }] of files) if (!first.has(ino)) first.set(ino, path);
  return files
    .filter(([path]) => path !== '')
    .map(([path, { mode, owner, content, xattrs, ino, nlink }]) => ({
      path,
      mode,
      owner,
      content,
      xattrs,
      linked: mode.startsWith('4') ? '' : `${nlink} ${first.get(ino)}`,
    }));
}

/** Small trees on the real file system, removed when the test ends. */

import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';

/** An empty folder that is removed after the test. */
export function tempFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'repro-audit-test-'));
  t.after(() => {
    unmountBelow(folder);
    // rm reaches paths beyond PATH_MAX, which rmSync does not.
    spawnSync('rm', ['-rf', '--one-file-system', folder]);
  });
  return folder;
}

/** A folder below `tempFolder` with files by path; `{ link: 'target' }` makes a symlink, null a directory. All mtimes are 2020-01-01. */
export function tempTree(
  t: TestContext,
  files: Readonly<Record<string, string | Uint8Array | { readonly link: string } | null>>,
): string {
  const root = join(tempFolder(t), 'root');
  mkdirSync(root);
  for (const [path, content] of Object.entries(files)) {
    const target = join(root, path);
    mkdirSync(dirname(target), { recursive: true });
    if (content === null) mkdirSync(target, { recursive: true });
    else if (typeof content === 'object' && 'link' in content) symlinkSync(content.link, target);
    else {
      writeFileSync(target, content);
      utimesSync(target, 1577836800, 1577836800);
    }
  }
  return root;
}

/** Innermost first; a test that failed between mount and umount must not keep the folder. */
function unmountBelow(folder: string): void {
  const points = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4]?.replaceAll('\\040', ' ') ?? '')
    .filter((point) => point.startsWith(`${folder}/`));
  for (const point of points.toReversed()) spawnSync('umount', [point]);
}

/** Small trees on the real file system, removed when the test ends. */

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';

/** An empty folder that is removed after the test. */
export function tempFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'repro-audit-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
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

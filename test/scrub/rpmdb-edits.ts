/** Plans the rpm rules for a folder and carries edits out, one by one, the plainest way. */

import {
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  linkSync,
} from 'node:fs';
import { join } from 'node:path';

import type { Diagnostic } from '../../src/core/diagnostic.js';
import type { Edit } from '../../src/core/edit.js';
import { comparePaths, type TreePath } from '../../src/core/path.js';
import type { TreeFiles } from '../../src/core/tree-files.js';
import { readOwnership } from '../../src/packages/read-ownership.js';
import type { PlanContext, ScrubRule } from '../../src/scrub/define.js';
import { rpmdbJournal } from '../../src/scrub/rules/rpmdb-journal.js';
import { rpmLocks } from '../../src/scrub/rules/rpmdb-locks.js';
import { rpmdb } from '../../src/scrub/rules/rpmdb.js';
import { plainTreeFiles } from '../packages/plain-tree-files.js';
import { contentOfRewrite } from './support.js';

export interface Planned {
  readonly edits: readonly Edit[];
  readonly diagnostics: readonly Diagnostic[];
}

/** In registry order; without an epoch time-valued rules are not asked. */
export function planRpmRules(
  root: string,
  sourceDateEpoch: number | null,
  rules: readonly ScrubRule[] = [rpmdb, rpmdbJournal, rpmLocks],
  overrides: Partial<TreeFiles> = {},
): Planned {
  const edits: Edit[] = [];
  const diagnostics: Diagnostic[] = [];
  const files = { ...plainTreeFiles(root), ...overrides };
  const paths = listFiles(root);
  const context: PlanContext = {
    layout: 'plain',
    sourceDateEpoch,
    files,
    ownership: readOwnership(files),
    linkedNames: (path) => paths.filter((other) => inodeAt(root, other) === inodeAt(root, path)),
    planned: (path) => edits.filter((edit) => edit.path === path),
    report: (diagnostic) => void diagnostics.push(diagnostic),
  };
  for (const rule of rules) {
    if (rule.timeValued && sourceDateEpoch === null) continue;
    const wanted = (rule.wants as readonly string[]).map(
      (glob) => new RegExp(`^${glob.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`),
    );
    for (const path of paths.filter((one) => wanted.some((glob) => glob.test(one)))) {
      const { mode, uid, gid, size } = lstatSync(join(root, path));
      const entry = {
        path,
        type: 'file',
        mode: mode & 0o7777,
        uid,
        gid,
        size,
        mtimeNs: 0n,
      } as const;
      edits.push(...rule.plan(entry, context));
    }
  }
  return { edits, diagnostics };
}

export function applyEdits(root: string, edits: readonly Edit[]): void {
  for (const edit of edits) applyEdit(root, edit);
}

export function applyEdit(root: string, edit: Edit): void {
  const path = join(root, edit.path);
  if (edit.kind === 'remove') unlinkSync(path);
  else if (edit.kind === 'truncate') truncateSync(path);
  else if (edit.kind === 'rewrite') {
    const others = listFiles(root).filter(
      (other) => other !== edit.path && inodeAt(root, other) === inodeAt(root, edit.path),
    );
    writeFileSync(`${path}.new`, contentOfRewrite(edit, readFileSync(path))!);
    renameSync(`${path}.new`, path);
    for (const other of others) {
      rmSync(join(root, other));
      linkSync(path, join(root, other));
    }
  }
}

function listFiles(root: string): TreePath[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1) as TreePath)
    .toSorted(comparePaths);
}

function inodeAt(root: string, path: TreePath): number {
  return lstatSync(join(root, path)).ino;
}

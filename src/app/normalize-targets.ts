/** From the files that were named to inodes, each with all the names it was given by. */

import { lstatSync, realpathSync, statSync, type BigIntStats } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';

import { AuditError, errnoOf } from '../core/errors.js';
import type { TreePath } from '../core/path.js';

/** One inode. */
export interface NormalizeTarget {
  /** As the caller named it, first time. */
  readonly file: string;
  /** Directory above all its names; nothing of it is a link. */
  readonly root: string;
  /** Its names below `root`, in byte order, without repetition. */
  readonly names: readonly TreePath[];
}

/** A symbolic link that is not followed. */
export interface NamedLink {
  readonly file: string;
  /** Whether what it leads to is treated under another name. */
  readonly isCovered: boolean;
}

export interface NormalizeTargets {
  /** In the order in which they were named. */
  readonly targets: readonly NormalizeTarget[];
  readonly links: readonly NamedLink[];
}

/** Throws `SOURCE_UNUSABLE` for what is not there, `USAGE` for a directory: before anything is read. */
export function normalizeTargets(
  cwd: string,
  files: readonly string[],
  follow: boolean,
): NormalizeTargets {
  const byInode = new Map<string, { readonly file: string; readonly paths: Set<string> }>();
  const links: { readonly file: string; readonly inode: string | null }[] = [];
  for (const file of files) {
    const named = look(file, resolve(cwd, file), follow);
    if (named.path === null) links.push({ file, inode: named.inode });
    else {
      const known = byInode.get(named.inode);
      if (known === undefined) byInode.set(named.inode, { file, paths: new Set([named.path]) });
      else known.paths.add(named.path);
    }
  }
  return {
    targets: [...byInode.values()].map(({ file, paths }) => ({ file, ...placed([...paths]) })),
    links: links.map(({ file, inode }) => ({
      file,
      isCovered: inode !== null && byInode.has(inode),
    })),
  };
}

/** `path` is null for a link that is not followed; then the inode is what it leads to, null for a dangling one. */
type Named =
  | { readonly path: string; readonly inode: string }
  | { readonly path: null; readonly inode: string | null };

function look(file: string, absolute: string, follow: boolean): Named {
  const own = statOf(file, () => lstatSync(absolute, { bigint: true }));
  if (own.isSymbolicLink() && !follow) {
    try {
      return { path: null, inode: inodeKey(statSync(absolute, { bigint: true })) };
    } catch {
      return { path: null, inode: null };
    }
  }
  const stat = own.isSymbolicLink()
    ? statOf(file, () => statSync(absolute, { bigint: true }))
    : own;
  if (stat.isDirectory())
    throw new AuditError('USAGE', `${file}: expected a file, found a directory`, {
      hint: 'name the files in it, or scrub a tree with `repro-audit scrub ROOT --only normalize-zip`',
    });
  const path = statOf(file, () =>
    own.isSymbolicLink()
      ? realpathSync(absolute)
      : join(realpathSync(dirname(absolute)), basename(absolute)),
  );
  return { path, inode: inodeKey(stat) };
}

function statOf<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new AuditError(
      'SOURCE_UNUSABLE',
      `${file}: expected a file, found ${errnoOf(error) ?? 'an unknown error'}`,
      { cause: error },
    );
  }
}

/** An inode number means something on its device alone. */
function inodeKey({ dev, ino }: BigIntStats): string {
  return `${dev}:${ino}`;
}

function placed(paths: readonly string[]): Pick<NormalizeTarget, 'root' | 'names'> {
  let root = dirname(paths[0]!);
  while (!paths.every((path) => path.startsWith(root === '/' ? root : `${root}/`)))
    root = dirname(root);
  const names = paths.map((path) => Buffer.from(relative(root, path)).toString('latin1'));
  return { root, names: names.sort() as TreePath[] };
}

/** All attributes of all entries of a directory, for comparing before and after; through Node's own fs and getfattr's format-free calls. */

import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';

import { AT_FDCWD, nativeCalls } from '../../src/fs/native.js';

export interface Listed {
  readonly mode: string;
  readonly owner: string;
  readonly mtimeNs: bigint;
  readonly ino: bigint;
  readonly nlink: number;
  /** SHA-256 of a file, target of a link, otherwise ''. */
  readonly content: string;
  /** `name=hex`, sorted. */
  readonly xattrs: readonly string[];
}

/** By path relative to the root, latin1 bytes; `''` is the root. FIFOs and devices are not opened. */
export function listTree(root: string): ReadonlyMap<string, Listed> {
  const entries = new Map<string, Listed>();
  const visit = (path: string): void => {
    const full = Buffer.from(path === '' ? root : `${root}/${path}`, 'latin1');
    entries.set(path, describe(full));
    if (!lstatSync(full).isDirectory()) return;
    for (const name of readdirSync(full, 'latin1')) visit(path === '' ? name : `${path}/${name}`);
  };
  visit('');
  return entries;
}

function describe(full: Buffer): Listed {
  const stat = lstatSync(full, { bigint: true });
  const content = stat.isFile()
    ? createHash('sha256').update(readFileSync(full)).digest('hex')
    : stat.isSymbolicLink()
      ? readlinkSync(full, 'latin1')
      : '';
  return {
    mode: stat.mode.toString(8),
    owner: `${stat.uid}:${stat.gid}`,
    mtimeNs: stat.mtimeNs,
    ino: stat.ino,
    nlink: Number(stat.nlink),
    content,
    xattrs: xattrsOf(full.toString('latin1')),
  };
}

function xattrsOf(path: string): readonly string[] {
  const native = nativeCalls();
  const names = native?.listXattrsAt(AT_FDCWD, path);
  if (native === null || names === undefined || typeof names === 'number') return [];
  return names
    .map(
      (name) =>
        `${name}=${Buffer.from(native.getXattrAt(AT_FDCWD, path, name) as Uint8Array).toString('hex')}`,
    )
    .sort();
}

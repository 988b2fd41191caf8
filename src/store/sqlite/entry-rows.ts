/** Rows of `entry` as entries. */

import { readCoverage } from '../../core/coverage.js';
import { typeOfMode, type Entry } from '../../core/entry.js';
import type { TreePath } from '../../core/path.js';
import type { TreeEntry, TreeRef } from '../define.js';
import { fromStored, type StoredBytes } from './names.js';
import type { StoredDirectory } from './previous-build.js';
import type { Stamp } from './stamp.js';

/**
 * A time is read in two halves, because a nanosecond count is beyond what a double holds and a statement that returns
 * bigints returns nothing else. Both digests are read as one blob: to make a buffer costs more than the rest of a row.
 */
export const SELECT_ENTRIES = `
SELECT e.name, e.mode, e.uid, e.gid, e.size, e.mtime_ns / 1000000000, e.mtime_ns % 1000000000, e.coverage,
  CAST(coalesce(e.xxh64, x'') || coalesce(e.sha256, x'') AS BLOB), e.target, e.rdev, e.link, e.xattrs,
  e.tree, t.content_digest, t.full_digest, t.entry_count, t.size_bytes
FROM entry e LEFT JOIN tree t ON t.id = e.tree
WHERE e.id BETWEEN ? AND ?`;

export type EntryRow = readonly [
  name: StoredBytes,
  mode: number,
  uid: number,
  gid: number,
  size: number,
  seconds: number,
  nanoseconds: number,
  /** See `core/coverage.ts`. */
  coverage: number,
  /** XXH64, SHA-256, either or both, in this order; their lengths tell. */
  digests: Buffer,
  target: StoredBytes | null,
  rdev: string | null,
  link: StoredBytes | null,
  xattrs: number | null,
  /** Of the child; the rest is null as well when this is. */
  tree: number | null,
  contentDigest: Buffer,
  fullDigest: Buffer | null,
  entryCount: number,
  sizeBytes: number,
];

/** `stamp` is that of the directory the row is read for, `ordinal` the place there. */
export function treeEntryOf(
  row: EntryRow,
  stamp: Stamp | null,
  ordinal: number,
  xattrsOf: (set: number) => Entry['xattrs'],
): TreeEntry {
  const [name, mode, uid, gid, size, seconds, nanoseconds, coverage] = row;
  const [, , , , , , , , digests, target, rdev, link, xattrs, tree] = row;
  const entry: Entry = {
    name: fromStored(name),
    type: typeOfMode(mode)!,
    ...readCoverage(coverage)!,
    mode: mode & 0o7777,
    uid,
    gid,
    size,
    mtimeNs: stamp?.timeOf(ordinal) ?? BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds),
    target: target === null ? null : fromStored(target),
    rdev: rdev === null ? null : deviceOf(rdev),
    xattrs: xattrs === null ? NO_XATTRS : xattrsOf(xattrs),
    xxh64: digests.length % 32 === 8 ? digests.subarray(0, 8) : null,
    sha256: digests.length >= 32 ? digests.subarray(-32) : null,
    link: link === null ? null : (fromStored(link) as TreePath),
  };
  if (tree === null) return { entry, child: null };
  return { entry, child: childOf(row, { tree, stamp: stamp?.stampOf(ordinal) ?? null }) };
}

const NO_XATTRS: Entry['xattrs'] = [];

function deviceOf(rdev: string): Entry['rdev'] {
  const colon = rdev.indexOf(':');
  return { major: Number(rdev.slice(0, colon)), minor: Number(rdev.slice(colon + 1)) };
}

function childOf(row: EntryRow, directory: StoredDirectory): TreeRef {
  return {
    identity: identityOf(directory),
    contentDigest: row[14],
    fullDigest: directory.stamp === null ? row[15] : null,
    entryCount: row[16],
    sizeBytes: row[17],
  };
}

/** What `TreeRef.identity` says of a directory here: `tree` or `tree.stamp`. */
export function identityOf({ tree, stamp }: StoredDirectory): string {
  return stamp === null ? `${tree}` : `${tree}.${stamp}`;
}

export function directoryOf({ identity }: TreeRef): StoredDirectory {
  const dot = identity.indexOf('.');
  if (dot < 0) return { tree: Number(identity), stamp: null };
  return { tree: Number(identity.slice(0, dot)), stamp: Number(identity.slice(dot + 1)) };
}

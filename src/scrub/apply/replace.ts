/**
 * Puts a new inode in the place of an old one so that a kill at any moment leaves the old or the new under each name:
 * written beside, given all metadata of the old, synced, renamed over it, the other names linked to it one by one.
 */

import { baseName, displayPath, parentPath, type TreePath } from '../../core/path.js';
import { newStat, O } from '../../fs/native.js';
import type { Seen } from '../walk.js';
import type { OpenDirectory } from './directories.js';
import { openPlanned } from './content.js';
import { LeftAlone, must } from './left-alone.js';
import { driftOf, type Inode } from './ledger.js';
import { checkCopy, copyMetadata, readXattrs, readXattrsAt, type Xattrs } from './metadata.js';
import type { ApplyState } from './state.js';

export interface Replacement {
  /** Fills the new, empty file from the old one; both are open. */
  readonly fill: (oldFile: number, newFile: number) => void;
  /** Whether the bytes become others: then signatures over them stop holding. */
  readonly changesContent: boolean;
  readonly mtimeNs: bigint;
}

/** Replaces a regular file under all its names in the tree; names elsewhere keep the old inode. Throws `LeftAlone`. */
export function replaceFile(
  state: ApplyState,
  inode: Inode,
  path: TreePath,
  replacement: Replacement,
): void {
  const { beneath, native } = state;
  const directory = state.directories.open(parentPath(path));
  const name = baseName(path);
  const expected = inode.state;
  const oldFile = openPlanned(beneath, directory, name, expected);
  try {
    const xattrs = readXattrs(native, oldFile);
    if (replacement.changesContent && xattrs.has('security.ima'))
      throw new LeftAlone('its content is signed (security.ima)');
    const others = inode.names.filter((other) => other !== path);
    others.forEach((other) => checkName(state, other, expected));
    const temporary = state.nextName();
    directory.change(() => {
      const flags = O.RDWR | O.CREAT | O.EXCL | O.NOFOLLOW;
      const newFile = must(
        native.openat(directory.fd, temporary, flags, 0o600),
        'creating a file beside it',
      );
      try {
        replacement.fill(oldFile, newFile);
        copyMetadata(native, newFile, expected, xattrs);
        must(native.setMtimeFd(newFile, replacement.mtimeNs), 'setting the time of the new file');
        must(native.fsync(newFile), 'fsync of the new file');
        takePlace(state, directory, temporary, path, expected);
      } catch (error) {
        native.unlinkAt(directory.fd, temporary, 0);
        throw error;
      } finally {
        native.close(newFile);
      }
    });
    directory.sync();
    others.forEach((other) => relink(state, inode, path, other));
    settle(state, inode, path);
  } finally {
    native.close(oldFile);
  }
}

/** The same for a symbolic link, which can only be made anew: used where its time is to change and others share it. */
export function replaceLink(
  state: ApplyState,
  inode: Inode,
  path: TreePath,
  mtimeNs: bigint,
): void {
  const { native } = state;
  const directory = state.directories.open(parentPath(path));
  const name = baseName(path);
  const expected = inode.state;
  const target = native.readlinkAt(directory.fd, name);
  if (typeof target === 'number') throw new LeftAlone('its target could not be read');
  const xattrs = readXattrsAt(native, directory.fd, name);
  const others = inode.names.filter((other) => other !== path);
  others.forEach((other) => checkName(state, other, expected));
  const temporary = state.nextName();
  directory.change(() => {
    must(native.symlinkAt(target, directory.fd, temporary), 'creating a link beside it');
    try {
      dressLink(state, directory, temporary, expected, xattrs);
      must(native.setMtimeAt(directory.fd, temporary, mtimeNs), 'setting the time of the new link');
      takePlace(state, directory, temporary, path, expected);
    } catch (error) {
      native.unlinkAt(directory.fd, temporary, 0);
      throw error;
    }
  });
  directory.sync();
  others.forEach((other) => relink(state, inode, path, other));
  settle(state, inode, path);
}

function dressLink(
  { native }: ApplyState,
  directory: OpenDirectory,
  temporary: string,
  from: Seen,
  xattrs: Xattrs,
): void {
  const stat = newStat();
  must(
    native.chownAt(directory.fd, temporary, from.uid, from.gid),
    'giving the new link its owner',
  );
  for (const [name, value] of xattrs)
    must(native.setXattrAt(directory.fd, temporary, name, value), `writing the attribute ${name}`);
  must(native.statAt(directory.fd, temporary, stat), 'lstat of the new link');
  checkCopy(from, stat, xattrs, readXattrsAt(native, directory.fd, temporary));
}

function takePlace(
  state: ApplyState,
  directory: OpenDirectory,
  temporary: string,
  path: TreePath,
  expected: Seen,
): void {
  checkName(state, path, expected);
  must(
    state.native.renameAt(directory.fd, temporary, baseName(path)),
    'renaming the new file over it',
  );
}

function checkName(state: ApplyState, path: TreePath, expected: Seen): void {
  const drift = driftOf(expected, state.directories.look(path));
  if (drift !== null) throw new LeftAlone(`${displayPath(path)}: ${drift} since it was planned`);
}

/** Another name of the old inode becomes a name of the new one. What cannot be linked keeps the old and is reported. */
function relink(state: ApplyState, inode: Inode, path: TreePath, other: TreePath): void {
  const { native, directories } = state;
  try {
    const from = directories.open(parentPath(path));
    const directory = directories.open(parentPath(other));
    const temporary = state.nextName();
    directory.change(() => {
      const linked = native.linkAt(from.fd, baseName(path), directory.fd, temporary);
      must(linked, 'linking the new file');
      const renamed = native.renameAt(directory.fd, temporary, baseName(other));
      if (renamed < 0) native.unlinkAt(directory.fd, temporary, 0);
      must(renamed, 'renaming the new link over the old');
    });
    directory.sync();
  } catch (error) {
    if (!(error instanceof LeftAlone)) throw error;
    state.ledger.parted(other, inode);
    state.leave(other, `it is no longer linked with ${displayPath(path)}: ${error.message}`);
  }
}

function settle(state: ApplyState, inode: Inode, path: TreePath): void {
  const found = state.directories.look(path);
  if (found === null) throw new LeftAlone('the new file is gone again');
  inode.state = found;
}

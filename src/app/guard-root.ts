/** What must never be edited or recorded by accident. */

import { readlinkSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

import { AuditError } from '../core/errors.js';
import { mountPointsBelow, readMounts } from '../fs/mounts.js';

/** Throws `ROOT_REFUSED` when `root` is the root of this system and the caller did not say that it is an image. */
export function refuseRunningSystem(root: string, rootIsImage: boolean): void {
  if (rootIsImage || !isRunningSystem(root)) return;
  throw new AuditError('ROOT_REFUSED', 'refusing to edit /, the root of the running system', {
    hint: 'inside a container build, where / is the image, add --root-is-image',
  });
}

/** Throws `STORE_IN_ROOT` when the store would become part of the tree; behind a mount point it does not. */
export function refuseStoreInRoot(root: string, storeLocation: string): void {
  const rootPath = resolveLinks(root);
  const store = resolveLinks(storeLocation);
  if (!isBelow(store, rootPath)) return;
  const mounts = mountPointsBelow(readMounts(), rootPath).map((mount) => join(rootPath, mount));
  if (mounts.some((mount) => isBelow(store, mount))) return;
  throw new AuditError(
    'STORE_IN_ROOT',
    `the store ${storeLocation} lies inside the tree ${root} and would change it`,
    {
      hint: 'give --db FILE (or REPRO_AUDIT_DB) outside the tree',
    },
  );
}

/** Whether a path is `/` of this process: inside a container build that is the image. */
export function isRunningSystem(root: string): boolean {
  return isSame(root, '/');
}

/**
 * Whether a program that is running has files in the temporary folders of the tree. Those that set up a root keep their
 * own there (mmdebstrap its configuration of apt) and name them in the environment of what they call.
 */
export function hasRunningBuild(
  root: string,
  environment: Readonly<Record<string, string | undefined>>,
): boolean {
  const folders = ['tmp', 'var/tmp', 'run'].map((name) => join(resolveLinks(resolve(root)), name));
  return Object.values(environment).some((value) => {
    if (value === undefined || !value.startsWith('/') || value.includes(':')) return false;
    const path = resolveLinks(value);
    return folders.some((folder) => isBelow(path, folder));
  });
}

/** By device and inode, so that a bind mount of `/` is `/` as well. */
function isSame(path: string, other: string): boolean {
  try {
    const [a, b] = [statSync(path, { bigint: true }), statSync(other, { bigint: true })];
    return a.dev === b.dev && a.ino === b.ino;
  } catch {
    return false;
  }
}

/** Whether what is, or would be made, at `path` is in the tree at `root`. */
export function liesIn(path: string, root: string): boolean {
  return isBelow(resolveLinks(path), resolveLinks(root));
}

function isBelow(path: string, directory: string): boolean {
  return directory === '/' || path === directory || path.startsWith(`${directory}/`);
}

/** Like realpath, also where the end of the path does not exist, or is a link to what does not exist yet. */
export function resolveLinks(path: string, hops = 40): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    if (parent === path || hops === 0) return path;
    const folder = resolveLinks(parent, hops - 1);
    const target = readLink(path);
    if (target !== null) return resolveLinks(resolve(folder, target), hops - 1);
    return join(folder, basename(path));
  }
}

function readLink(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

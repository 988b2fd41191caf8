/** What must never be edited or recorded by accident. */

import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { AuditError } from '../core/errors.js';
import { mountPointsBelow, readMounts } from '../fs/mounts.js';

/** Throws `ROOT_REFUSED` when `root` is the root of this system and the caller did not say that it is an image. */
export function refuseRunningSystem(root: string, rootIsImage: boolean): void {
  if (rootIsImage || resolved(root) !== '/') return;
  throw new AuditError('ROOT_REFUSED', 'refusing to edit /, the root of the running system', {
    hint: 'inside a container build, where / is the image, add --root-is-image',
  });
}

/** Throws `STORE_IN_ROOT` when the store would become part of the tree; behind a mount point it does not. */
export function refuseStoreInRoot(root: string, storeLocation: string): void {
  const rootPath = resolved(root);
  const store = resolvedParent(storeLocation);
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

/** Whether what is, or would be made, at `path` is in the tree at `root`; links are followed as far as they exist. */
export function liesIn(path: string, root: string): boolean {
  return isBelow(resolvedParents(path), resolved(root));
}

function resolvedParents(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(resolvedParents(parent), basename(path));
  }
}

function isBelow(path: string, directory: string): boolean {
  return directory === '/' || path === directory || path.startsWith(`${directory}/`);
}

function resolvedParent(path: string): string {
  return join(resolved(dirname(path)), basename(path));
}

function resolved(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

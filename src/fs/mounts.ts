/** Mount points from /proc/self/mountinfo (proc(5)): bind mounts of the same device show nowhere else. */

import { readFileSync } from 'node:fs';

import type { TreePath } from '../core/path.js';

export interface Mount {
  /** Absolute, latin1 bytes. */
  readonly point: string;
  readonly fileSystem: string;
}

/** All mounts that this process sees, oldest first. */
export function readMounts(file = '/proc/self/mountinfo'): readonly Mount[] {
  return parseMountInfo(readFileSync(file, 'latin1'));
}

export function parseMountInfo(text: string): readonly Mount[] {
  return text.split('\n').flatMap((line) => {
    const fields = line.split(' ');
    const separator = fields.indexOf('-', 6);
    const point = fields[4];
    const fileSystem = fields[separator + 1];
    if (separator < 0 || point === undefined || fileSystem === undefined) return [];
    return [{ point: unescapeOctal(point), fileSystem }];
  });
}

/** Mount points strictly below an absolute, resolved directory, relative to it. */
export function mountPointsBelow(mounts: readonly Mount[], root: string): readonly TreePath[] {
  const prefix = root === '/' ? '/' : `${root}/`;
  const below = mounts.filter(
    ({ point }) => point.startsWith(prefix) && point.length > prefix.length,
  );
  return [...new Set(below.map(({ point }) => point.slice(prefix.length) as TreePath))].toSorted();
}

/** Type of the file system that holds an absolute, resolved path: the last mount over the longest prefix. */
export function fileSystemOf(mounts: readonly Mount[], path: string): string | null {
  let best: Mount | null = null;
  for (const mount of mounts) {
    const covers =
      mount.point === '/' || path === mount.point || path.startsWith(`${mount.point}/`);
    if (covers && (best === null || mount.point.length >= best.point.length)) best = mount;
  }
  return best?.fileSystem ?? null;
}

/** The kernel writes space, tab, newline and backslash as three octal digits. */
function unescapeOctal(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(parseInt(digits, 8)),
  );
}

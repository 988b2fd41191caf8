/**
 * Whose archive it is. In a layer or a root file system owners are content; in a release archive they are the login of
 * whoever packed it, and no installer restores them.
 */

import type { TarMember } from '../../formats/tar.js';

/**
 * `root` for archives that say what they are: an npm package (`package/package.json`), a Python source distribution
 * (`NAME-VERSION/PKG-INFO`), or one directory named like the file, with a version, all of one owner (`make dist`).
 */
export function tarOwners(members: readonly TarMember[], name: string): 'keep' | 'root' {
  const tops = new Set(members.map(({ path }) => topOf(path)));
  const [top] = tops;
  if (tops.size !== 1 || top === undefined || top === '') return 'keep';
  const has = (file: string): boolean =>
    members.some(({ path }) => bare(path) === `${top}/${file}`);
  if (top === 'package' && has('package.json')) return 'root';
  if (!/-v?\d/.test(top)) return 'keep';
  if (has('PKG-INFO')) return 'root';
  const owners = new Set(members.map(({ header }) => `${header.uid.value}:${header.gid.value}`));
  return owners.size === 1 && stem(name) === top ? 'root' : 'keep';
}

function topOf(path: string): string {
  return bare(path).split('/')[0]!;
}

function bare(path: string): string {
  return path.replace(/^(?:\.\/+)+/, '').replace(/\/+$/, '');
}

function stem(name: string): string {
  return name.replace(/\.(?:tar(?:\.[a-z0-9]+)?|tgz)$/i, '');
}

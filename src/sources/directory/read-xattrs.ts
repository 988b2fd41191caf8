/** The xattrs of one entry from a listing of their names. */

import { constants as osConstants } from 'node:os';

import type { Xattr } from '../../core/entry.js';

const { EOPNOTSUPP, ENODATA } = osConstants.errno;

/**
 * Sorted by name; the negated errno when they exist and cannot be read. A file system without xattrs has none, and one
 * that went between listing and reading is none.
 */
export function readXattrs(
  names: string[] | number,
  get: (name: string) => Uint8Array | number,
): readonly Xattr[] | number {
  if (typeof names === 'number') return names === -EOPNOTSUPP ? [] : names;
  const xattrs: Xattr[] = [];
  for (const name of names.sort()) {
    const value = get(name);
    if (typeof value !== 'number')
      xattrs.push({ name, value: Buffer.from(value).toString('latin1') });
    else if (value !== -ENODATA) return value;
  }
  return xattrs;
}

/** Attributes of an inode of EROFS as values of its row. */

import type { Xattr } from '../../core/entry.js';
import type { FactValue } from '../../core/facts.js';
import type { ColumnList } from '../common/row-collector.js';
import { shortDigest } from '../common/short-digest.js';

const REDIRECT = 'trusted.overlay.redirect';
/** Says that the content lies in another layer. */
export const METACOPY = 'trusted.overlay.metacopy';

/** The last two refer to contents that are not in the image, as those of composefs do. */
export const XATTR_COLUMNS: ColumnList = [
  ['xattr names', 'text'],
  ['xattr values', 'opaque'],
  [REDIRECT, 'path'],
  [METACOPY, 'opaque'],
];

const LONGEST_TEXT = 256;
const LONGEST_METACOPY = 128;

/** In the order of the columns. Values of others than overlayfs are digests: they may be anything. */
export function xattrValues(xattrs: readonly Xattr[]): readonly FactValue[] {
  if (xattrs.length === 0) return [];
  const names = xattrs.map(({ name }) => name).join(' ');
  const others = xattrs.filter(({ name }) => name !== REDIRECT && name !== METACOPY);
  const valueOf = (wanted: string): string | null =>
    xattrs.find(({ name }) => name === wanted)?.value ?? null;
  const metacopy = valueOf(METACOPY);
  return [
    names.length > LONGEST_TEXT ? shortDigest(names) : names,
    others.length === 0
      ? null
      : shortDigest(others.map(({ name, value }) => `${name}=${value.length}=${value}`).join('\n')),
    valueOf(REDIRECT),
    metacopy === null ? null : hexOf(metacopy),
  ];
}

function hexOf(value: string): string {
  return value.length > LONGEST_METACOPY
    ? shortDigest(value)
    : Buffer.from(value, 'latin1').toString('hex');
}

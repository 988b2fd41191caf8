/** A tar member as an entry of a tree (POSIX.1-2017 pax; GNU tar; xattr records of star and libarchive). */

import type { EntryType, Xattr } from '../../core/entry.js';
import { tarValue, type TarMember } from '../../formats/tar-steps.js';
import type { ContentDigests } from '../archive/hash-content.js';
import type { Node } from '../archive/tree-builder.js';

const TYPES: Readonly<Record<string, EntryType>> = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  S: 'file',
  '2': 'symlink',
  '3': 'char',
  '4': 'block',
  '5': 'directory',
  // With a list of its names (GNU tar, incremental archives).
  D: 'directory',
  '6': 'fifo',
};

/** Null for members that are no object of a file system (volume labels, continued files), and for hard links. */
export function typeOfMember({ header, path }: TarMember): EntryType | null {
  const type = TYPES[header.typeflag] ?? null;
  // Archives of before POSIX mark directories by a slash alone.
  return type === 'file' && path.endsWith('/') ? 'directory' : type;
}

/** `content` of a regular file; null for all else. */
export function nodeOfMember(
  member: TarMember,
  type: EntryType,
  content: ContentDigests | null,
): Node {
  const { header } = member;
  const number = (key: string, field: { readonly value: number }): number =>
    Number(tarValue(member, key) ?? field.value);
  const isDevice = type === 'char' || type === 'block';
  return {
    type,
    coverage: 'full',
    mode: header.mode.value & 0o7777,
    uid: number('uid', header.uid),
    gid: number('gid', header.gid),
    size: content?.size ?? 0,
    mtimeNs: nanoseconds(tarValue(member, 'mtime')) ?? BigInt(header.mtime.value) * 1_000_000_000n,
    target: type === 'symlink' ? member.linkTarget : null,
    rdev: isDevice ? { major: header.devmajor.value, minor: header.devminor.value } : null,
    xattrs: xattrsOf(member),
    xxh64: content?.xxh64 ?? null,
    sha256: content?.sha256 ?? null,
  };
}

/** Decimal seconds, as pax writes them; Python writes small floats as `1e-07`. Null where there are none. */
function nanoseconds(text: string | null): bigint | null {
  const match = /^(-?)(\d+)(?:\.(\d*))?(?:e([+-]?\d{1,3}))?$/.exec(text ?? '');
  if (match === null) return null;
  const [, sign, seconds, fraction = '', exponent = '0'] = match;
  const places = fraction.length - 9 - Number(exponent);
  const digits = BigInt(seconds! + fraction);
  const ns = places > 0 ? digits / 10n ** BigInt(places) : digits * 10n ** BigInt(-places);
  return sign === '-' ? -ns : ns;
}

const STAR = 'SCHILY.xattr.';
const LIBARCHIVE = 'LIBARCHIVE.xattr.';

/** Those of star; where a writer left only libarchive's, which are percent and base64 encoded, those. */
function xattrsOf(member: TarMember): readonly Xattr[] {
  const found = new Map<string, string>();
  for (const extension of member.extensions) {
    if (extension.kind !== 'pax') continue;
    for (const { key, value } of extension.records) {
      if (key.startsWith(STAR)) found.set(key.slice(STAR.length), value);
      else if (key.startsWith(LIBARCHIVE)) {
        const name = percentDecoded(key.slice(LIBARCHIVE.length));
        if (!found.has(name)) found.set(name, Buffer.from(value, 'base64').toString('latin1'));
      }
    }
  }
  return [...found]
    .map(([name, value]) => ({ name, value }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function percentDecoded(text: string): string {
  return text.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** composefs-dump(5), one line per entry; `docs/tree-digest.md` has the fields that we write. */

import { createHash } from 'node:crypto';

import { typeOfMode, type Xattr } from '../core/entry.js';
import {
  decimal,
  MAX_ID,
  MAX_SIZE,
  NOTHING_LISTED,
  pointTime,
  quoted,
  sha256OfHex,
  type ListedEntry,
  type ListingReader,
} from './listing.js';

export function composefsDumpReader(): ListingReader {
  return {
    line: (text) => (text === '' ? null : entryOf(text)),
    end: () => null,
  };
}

const FIELDS = 11;

function entryOf(text: string): ListedEntry {
  const [
    rawPath = '',
    rawSize = '',
    rawMode = '',
    rawNlink = '',
    rawUid = '',
    rawGid = '',
    rawRdev = '',
    rawTime = '',
    payload = '',
    content = '',
    digest,
    ...rawXattrs
  ] = text.split(' ');
  if (digest === undefined)
    throw new RangeError(`expected ${FIELDS} fields, found ${text.split(' ').length}`);
  const path = unescaped(rawPath);
  if (!path.startsWith('/'))
    throw new RangeError(`expected an absolute path, found ${quoted(rawPath)}`);
  required('nlink', rawNlink, decimal(rawNlink, MAX_ID));
  if (rawMode.startsWith('@')) return { ...NOTHING_LISTED, path, linkTo: unescaped(payload) };
  const isOctal = /^[0-7]{1,7}$/.test(rawMode);
  const mode = required('mode', rawMode, isOctal ? Number.parseInt(rawMode, 8) : null);
  const type = required('type of the mode', rawMode, typeOfMode(mode));
  const isDevice = type === 'char' || type === 'block';
  const size = required('size', rawSize, decimal(rawSize, MAX_SIZE));
  const { sha256, xattrs } = attributesOf(rawXattrs);
  const inline = content === '-' ? null : Buffer.from(unescaped(content), 'latin1');
  if (inline !== null && inline.length !== size)
    throw new RangeError(`expected ${size} bytes of content, found ${inline.length}`);
  return {
    ...NOTHING_LISTED,
    path,
    type,
    mode: mode & 0o7777,
    uid: required('uid', rawUid, decimal(rawUid, MAX_ID)),
    gid: required('gid', rawGid, decimal(rawGid, MAX_ID)),
    size: type === 'file' ? size : 0,
    mtimeNs: required('mtime', rawTime, pointTime(rawTime)),
    target: type === 'symlink' ? (payload === '-' ? '' : unescaped(payload)) : null,
    rdev: isDevice ? deviceOf(required('rdev', rawRdev, decimal(rawRdev, MAX_SIZE))) : null,
    xattrs,
    sha256: type === 'file' ? (sha256 ?? knownContent(size, inline, digest)) : null,
    otherDigests: digest === '-' ? [] : ['fs-verity'],
  };
}

function required<T>(what: string, found: string, value: T | null): T {
  if (value === null) throw new RangeError(`expected a ${what}, found ${quoted(found)}`);
  return value;
}

/** Contents that the line itself has, and those of an empty file. */
function knownContent(size: number, inline: Uint8Array | null, digest: string): Uint8Array | null {
  if (inline === null && (size > 0 || digest !== '-')) return null;
  return createHash('sha256')
    .update(inline ?? new Uint8Array(0))
    .digest();
}

/** Ours has no dot in its name, as every xattr has. */
const SHA256_FIELD = 'sha256';

function attributesOf(fields: readonly string[]): {
  readonly sha256: Uint8Array | null;
  readonly xattrs: readonly Xattr[] | null;
} {
  let sha256: Uint8Array | null = null;
  const xattrs: Xattr[] = [];
  for (const field of fields) {
    const equals = field.indexOf('=');
    if (equals <= 0) throw new RangeError(`expected NAME=VALUE, found ${quoted(field)}`);
    const [name, value] = [field.slice(0, equals), field.slice(equals + 1)];
    if (name === SHA256_FIELD) sha256 = required('SHA-256', value, sha256OfHex(value));
    else xattrs.push({ name: unescaped(name), value: unescaped(value) });
  }
  xattrs.sort((a, b) => (a.name < b.name ? -1 : 1));
  return { sha256, xattrs: xattrs.length === 0 ? null : xattrs };
}

/** The encoding of the kernel, `new_encode_dev`, and of what does not fit there as glibc's `makedev`. */
function deviceOf(rdev: number): { readonly major: number; readonly minor: number } {
  const device = BigInt(rdev);
  return {
    major: Number(((device >> 8n) & 0xfffn) | ((device >> 32n) & 0xffff_f000n)),
    minor: Number((device & 0xffn) | ((device >> 12n) & 0xffff_ff00n)),
  };
}

const NAMED: Readonly<Record<string, string>> = { '\\': '\\', n: '\n', r: '\r', t: '\t' };

function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(?:x([0-9a-fA-F]{2})|([^]?))/g, (whole, hex?: string, char?: string) => {
    const plain =
      hex === undefined ? NAMED[char ?? ''] : String.fromCharCode(Number.parseInt(hex, 16));
    if (plain === undefined)
      throw new RangeError(`expected \\\\, \\n, \\r, \\t or \\xHH, found ${quoted(whole)}`);
    return plain;
  });
}

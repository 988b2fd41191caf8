/** The line-based files of dpkg's database. Paths come out relative to the root, latin1 bytes. */

import { FormatError } from '../core/errors.js';

/** Paths of a `.list`; the root (`/.`) is `''`. Throws `FormatError` for one that dpkg would not have written. */
export function* readFileList(bytes: Uint8Array | null, stem: string): Generator<string> {
  const text = textOf(bytes);
  // The shortest list has the root in it; an empty or cut one is what a crash leaves.
  if (!text.endsWith('\n'))
    throw new FormatError('dpkg', text.length, `the file list of ${stem} is cut`);
  for (let start = 0; start < text.length;) {
    const end = text.indexOf('\n', start);
    if (text[start] !== '/' || end === start + 1)
      throw new FormatError('dpkg', start, `the file list of ${stem} has a line that is no path`);
    const path = text.slice(start + 1, end);
    yield path === '.' ? '' : path;
    start = end + 1;
  }
}

/** Digest by path. These files are written by packages, not by dpkg: a line of another shape costs one digest. */
export function readMd5sums(bytes: Uint8Array | null): Map<string, string> {
  const digests = new Map<string, string>();
  const text = textOf(bytes);
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    // 32 digits, a blank, and a blank or `*` (md5sum(1)).
    let path = start + MD5_DIGITS + 2;
    if (text[path] === '.' && text[path + 1] === '/') path += 2;
    else if (text[path] === '/') path += 1;
    if (path < end && text[start + MD5_DIGITS] === ' ')
      digests.set(text.slice(path, end), text.slice(start, start + MD5_DIGITS));
    start = end + 1;
  }
  return digests;
}

const MD5_DIGITS = 32;

/** The digests of configuration files as shipped, from field `Conffiles`; remarks such as `obsolete` follow some. */
export function readConffiles(text: string): ReadonlyMap<string, string> {
  const digests = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, path, md5] = /^ \/(.+) ([0-9a-f]{32})(?: [a-z-]+)*$/s.exec(line) ?? [];
    if (md5 !== undefined && path !== undefined) digests.set(path, md5);
  }
  return digests;
}

export interface Diversions {
  /** Where a file that this package lists really lies. */
  realPath(packageName: string, path: string): string;
}

/** Three lines each: the path, where it went, and the package whose own file stays (`:` for none). */
export function readDiversions(bytes: Uint8Array | null): Diversions {
  const lines = textOf(bytes).split('\n');
  if (lines.pop() !== '' || lines.length % 3 !== 0)
    throw new FormatError('dpkg', 0, 'the file of diversions is cut');
  const diverted = new Map<string, { readonly to: string; readonly by: string }>();
  for (let i = 0; i < lines.length; i += 3)
    diverted.set(lines[i]!.slice(1), { to: lines[i + 1]!.slice(1), by: lines[i + 2]! });
  return {
    realPath: (packageName, path) => {
      const diversion = diverted.get(path);
      return diversion === undefined || diversion.by === packageName ? path : diversion.to;
    },
  };
}

function textOf(bytes: Uint8Array | null): string {
  if (bytes === null) return '';
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

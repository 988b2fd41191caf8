/** The list of files as a package of libalpm shipped them (ALPM-MTREE(5), a subset of mtree(5)), uncompressed. */

import { FormatError } from '../core/errors.js';

export interface AlpmMtreeFile {
  /** Relative to the root, latin1 bytes. */
  readonly path: string;
  readonly type: string;
  /** Lower-case hex; null where none is recorded. */
  readonly sha256: string | null;
  readonly md5: string | null;
  /** Rounded down; null where none is recorded. */
  readonly mtimeSeconds: number | null;
}

const FORMAT = 'alpm mtree';
/** mtree(5) has two names for each. */
const SHA256: readonly string[] = ['sha256digest', 'sha256'];
const MD5: readonly string[] = ['md5digest', 'md5'];

/** Yields the entries, the package's own metadata files (`./.PKGINFO`) included. Throws `FormatError`. */
export function* readAlpmMtree(bytes: Uint8Array): Generator<AlpmMtreeFile> {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const defaults = new Map<string, string>();
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf('\n', start);
    if (newline < 0) throw new FormatError(FORMAT, start, 'the last line is cut');
    const [first = '', ...words] = text
      .slice(start, newline)
      .split(' ')
      .filter((word) => word !== '');
    if (first === '/set') for (const [key, value] of keywords(words)) defaults.set(key, value);
    else if (first === '/unset') for (const key of words) defaults.delete(key);
    else if (first.startsWith('./'))
      yield readFile(unescaped(first.slice(2), start), new Map([...defaults, ...keywords(words)]));
    else if (first !== '' && !first.startsWith('#'))
      throw new FormatError(FORMAT, start, 'a line that is neither a path nor a setting');
    start = newline + 1;
  }
}

function* keywords(words: readonly string[]): Generator<readonly [string, string]> {
  for (const word of words) {
    const equals = word.indexOf('=');
    yield equals < 0 ? [word, ''] : [word.slice(0, equals), word.slice(equals + 1)];
  }
}

function readFile(path: string, values: ReadonlyMap<string, string>): AlpmMtreeFile {
  const digest = (names: readonly string[], digits: number): string | null => {
    const value = names.map((name) => values.get(name)).find((one) => one !== undefined);
    return value?.length === digits && /^[0-9a-f]+$/.test(value) ? value : null;
  };
  const time = /^(\d{1,12})(?:\.\d+)?$/.exec(values.get('time') ?? '');
  return {
    path,
    type: values.get('type') ?? 'file',
    sha256: digest(SHA256, 64),
    md5: digest(MD5, 32),
    mtimeSeconds: time === null ? null : Number(time[1]),
  };
}

/** A backslash and three octal digits stand for one byte. */
function unescaped(text: string, offset: number): string {
  return text.replace(/\\([0-3][0-7]{2})?/g, (_, octal: string | undefined) => {
    if (octal === undefined)
      throw new FormatError(FORMAT, offset, 'a backslash that escapes nothing');
    return String.fromCharCode(Number.parseInt(octal, 8));
  });
}

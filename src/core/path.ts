/**
 * Paths inside a tree. A file name is a sequence of bytes without NUL and `/` (POSIX.1-2017 3.170); any
 * other byte is legal, UTF-8 or not. Inside the program a path is a latin1 string: one character per
 * byte, so that comparing strings compares bytes and no name is ever lost or merged with another.
 */

declare const brand: unique symbol;

/** A path relative to the root of a tree, one latin1 character per byte; `''` is the root itself. */
export type TreePath = string & { readonly [brand]: 'TreePath' };

export const ROOT_PATH = '' as TreePath;

/** From the raw bytes of a relative path. */
export function treePathFromBytes(bytes: Uint8Array): TreePath {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(
    'latin1',
  ) as TreePath;
}

/** From text that a person typed or a UTF-8 file holds; leading `/` and `./` and a trailing `/` are dropped. */
export function treePathFromText(text: string): TreePath {
  const trimmed = text.replace(/^(?:\.?\/+)+/, '').replace(/\/+$/, '');
  return (trimmed === '.' ? '' : Buffer.from(trimmed, 'utf8').toString('latin1')) as TreePath;
}

export function treePathBytes(path: TreePath | string): Buffer {
  return Buffer.from(path, 'latin1');
}

export function joinPath(directory: TreePath, name: string): TreePath {
  return (directory === '' ? name : `${directory}/${name}`) as TreePath;
}

/** The directory that holds the path; the root is its own parent. */
export function parentPath(path: TreePath): TreePath {
  const slash = path.lastIndexOf('/');
  return (slash < 0 ? '' : path.slice(0, slash)) as TreePath;
}

export function baseName(path: TreePath): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Whether `path` is `directory` or lies below it: `d2` is not below `d`. */
export function isWithin(path: TreePath, directory: TreePath): boolean {
  return directory === '' || path === directory || path.startsWith(`${directory}/`);
}

/** Byte order of whole paths by component, so that a directory is followed by what it holds. */
export function comparePaths(a: TreePath, b: TreePath): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  let i = 0;
  while (i < length && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  if (i === a.length) return -1;
  if (i === b.length) return 1;
  const x = a[i] === '/' ? -1 : a.charCodeAt(i);
  const y = b[i] === '/' ? -1 : b.charCodeAt(i);
  return x - y;
}

const PLAIN = /^[\x20-\x5b\x5d-\x7e]*$/;
// Invisible or direction-changing code points that could disguise a name (Unicode TR36): C1, bidi, zero width, separators.
const DECEPTIVE = /[\u0080-\u009f\p{Cf}\p{Zl}\p{Zp}\p{DI}\p{Noncharacter_Code_Point}\u202f]/u;
const SHORT: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\\': '\\\\',
};

/**
 * A path (or any latin1 byte string) for people: UTF-8 stays readable, everything else is escaped as `\n`, `\t`,
 * `\r`, `\\`, `\xHH` or `\u{H}`. Distinct bytes give distinct text, and no control sequence survives.
 */
export function displayBytes(latin1: string): string {
  if (PLAIN.test(latin1)) return latin1;
  const bytes = Buffer.from(latin1, 'latin1');
  let text = '';
  for (let i = 0; i < bytes.length;) {
    const length = utf8SequenceLength(bytes, i);
    if (length === 0) {
      text += `\\x${bytes[i]!.toString(16).padStart(2, '0')}`;
      i += 1;
      continue;
    }
    text += displayCharacter(bytes.toString('utf8', i, i + length));
    i += length;
  }
  return text;
}

/** Text of unknown origin (a host name, a meta field) for people, escaped like a path. */
export function displayText(text: string): string {
  return displayBytes(Buffer.from(text, 'utf8').toString('latin1'));
}

/** Text that is escaped in part already (a message that quotes): only what could drive a terminal or disguise is escaped. */
export function displayMessage(text: string): string {
  return Array.from(text, (c) => (c === '\\' ? c : displayCharacter(c))).join('');
}

/** The path for people; the root is shown as `/`, everything else with a leading `/`. */
export function displayPath(path: TreePath): string {
  return `/${displayBytes(path)}`;
}

function displayCharacter(character: string): string {
  const code = character.codePointAt(0)!;
  const short = SHORT[character];
  if (short !== undefined) return short;
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, '0')}`;
  return isDeceptive(character) ? `\\u{${code.toString(16)}}` : character;
}

/** Whether a character could disguise text or drive a terminal although it is no C0 control. */
export function isDeceptive(character: string): boolean {
  return character === '\u007f' || DECEPTIVE.test(character);
}

/** Length of the well-formed UTF-8 sequence at `i` (Unicode 15 table 3-7), 0 where there is none. */
function utf8SequenceLength(bytes: Uint8Array, i: number): number {
  const lead = bytes[i]!;
  if (lead < 0x80) return 1;
  const length =
    lead >= 0xc2 && lead <= 0xdf
      ? 2
      : lead >= 0xe0 && lead <= 0xef
        ? 3
        : lead >= 0xf0 && lead <= 0xf4
          ? 4
          : 0;
  if (length === 0 || i + length > bytes.length) return 0;
  for (let k = 1; k < length; k++) if ((bytes[i + k]! & 0xc0) !== 0x80) return 0;
  const second = bytes[i + 1]!;
  if (lead === 0xe0 && second < 0xa0) return 0;
  if (lead === 0xed && second > 0x9f) return 0;
  if (lead === 0xf0 && second < 0x90) return 0;
  if (lead === 0xf4 && second > 0x8f) return 0;
  return length;
}

/** Whether a latin1 byte string is well-formed UTF-8. */
export function isUtf8(latin1: string): boolean {
  if (PLAIN.test(latin1)) return true;
  const bytes = Buffer.from(latin1, 'latin1');
  for (let i = 0; i < bytes.length;) {
    const length = utf8SequenceLength(bytes, i);
    if (length === 0) return false;
    i += length;
  }
  return true;
}

/** The text of a latin1 byte string that `isUtf8` accepts. */
export function utf8Text(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8');
}

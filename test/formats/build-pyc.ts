/** Compiled Python modules made in code. An object is a latin1 string of its marshalled bytes. */

export type Marshal = string;

const u32 = (value: number): string => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes.toString('latin1');
};

/** Marks an object for reference. */
export const marked = (object: Marshal): Marshal =>
  String.fromCharCode(object.charCodeAt(0) | 0x80) + object.slice(1);
export const ref = (index: number): Marshal => `r${u32(index)}`;
export const none = 'N';
export const int = (value: number): Marshal => `i${u32(value)}`;
export const bytesObject = (text: string): Marshal => `s${u32(text.length)}${text}`;
export const text = (value: string): Marshal => `z${String.fromCharCode(value.length)}${value}`;
export const name = (value: string): Marshal => `Z${String.fromCharCode(value.length)}${value}`;
export const tuple = (...items: readonly Marshal[]): Marshal =>
  `)${String.fromCharCode(items.length)}${items.join('')}`;
export const longTuple = (...items: readonly Marshal[]): Marshal =>
  `(${u32(items.length)}${items.join('')}`;
export const frozenset = (...items: readonly Marshal[]): Marshal =>
  `>${u32(items.length)}${items.join('')}`;
export const slice = (...items: readonly [Marshal, Marshal, Marshal]): Marshal =>
  `:${items.join('')}`;
export const dict = (...pairs: readonly (readonly [Marshal, Marshal])[]): Marshal =>
  `{${pairs.flat().join('')}0`;

/** A module of Python 3.11 or later that does nothing and has these constants. */
export const code = (...constants: readonly Marshal[]): Marshal =>
  [
    'c',
    ...[0, 0, 0, 1, 0].map(u32),
    bytesObject('\x97\0d\0S\0'),
    tuple(...constants),
    tuple(),
    tuple(),
    bytesObject(''),
    text('m.py'),
    name('<module>'),
    name('<module>'),
    u32(1),
    bytesObject('\xf0\x03\x01\x01\x01'),
    bytesObject(''),
  ].join('');

/** Before 3.11: as many words as the release has, and the eight objects of old. */
export const oldCode = (
  words: number,
  str: (value: string) => Marshal,
  ...constants: readonly Marshal[]
): Marshal =>
  [
    'c',
    u32(0).repeat(words),
    bytesObject('d\0S\0'),
    longTuple(...constants),
    longTuple().repeat(4),
    str('m.py'),
    str('<module>'),
    u32(1),
    bytesObject(''),
  ].join('');

export interface PycFields {
  readonly magic?: number;
  /** What follows the magic number; default: no flags, a time and a size. */
  readonly words?: readonly number[];
}

export const MTIME = 1_700_000_000;

/** Default: Python 3.11, time and size of the source. */
export function buildPyc(
  body: Marshal,
  { magic = 3495, words = [0, MTIME, 3] }: PycFields = {},
): Uint8Array {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(magic);
  head.writeUInt16LE(0x0a0d, 2);
  return new Uint8Array(
    Buffer.concat([head, Buffer.from(words.map(u32).join('') + body, 'latin1')]),
  );
}

/** Compiled Python modules: what the header says about the source (PEP 3147, PEP 552), and how code is laid out. */

import { FormatError } from '../core/errors.js';

/** What changed in marshal and in code objects from release to release; see `readMarshal`. */
export interface MarshalDialect {
  /** Words of 4 bytes at the start of a code object. */
  readonly codeWords: number;
  /** Objects that follow the number of the first line. */
  readonly codeTail: 1 | 2;
  /** `strings`: Python 2, interned strings alone; `objects`: 3.4 and later, whatever bears the flag. */
  readonly references: 'strings' | 'none' | 'objects';
  /** Slices are constants since 3.14. */
  readonly slices: boolean;
}

export interface PycHeader {
  /** Such as `3.11`. */
  readonly python: string;
  readonly dialect: MarshalDialect;
  /** How Python finds out whether the module fits its source; offsets are in bytes. */
  readonly check:
    | { readonly kind: 'time'; readonly at: number; readonly stamp: PycTimestamp }
    | { readonly kind: 'hash'; readonly hash: Uint8Array; readonly checked: boolean };
  /** Offset of the marshalled code. */
  readonly bodyAt: number;
}

/** A module that Python checks against its source by time and size; null for a hash-based one or another format. */
export interface PycTimestamp {
  /** Seconds modulo 2^32, as stored. */
  readonly sourceMtime: number;
  /** Bytes modulo 2^32; null in Python 2 and before 3.3, which store none. */
  readonly sourceSize: number | null;
}

/** Of any Python, also ones that were never released: enough to know whether a source may change its time. */
export function readPycTimestamp(bytes: Uint8Array): PycTimestamp | null {
  const view = viewOf(bytes);
  if (!isPyc(bytes) || view.byteLength < 8) return null;
  const magic = view.getUint16(0, true);
  if (magic >= FIRST_OF_PYTHON_2) return { sourceMtime: view.getUint32(4, true), sourceSize: null };
  const at = flagged(magic) ? 8 : 4;
  if (magic < FIRST_WITH_SIZE || view.byteLength < at + 8) return null;
  if (flagged(magic) && view.getUint32(4, true) !== 0) return null;
  return { sourceMtime: view.getUint32(at, true), sourceSize: view.getUint32(at + 4, true) };
}

/** The same module, made for a source of another time; only for one that `readPycTimestamp` understands. */
export function withPycSourceMtime(bytes: Uint8Array, mtimeSeconds: number): Uint8Array {
  const changed = new Uint8Array(bytes);
  const view = viewOf(changed);
  view.setUint32(flagged(view.getUint16(0, true)) ? 8 : 4, mtimeSeconds, true);
  return changed;
}

export function isPyc(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && bytes[2] === 0x0d && bytes[3] === 0x0a;
}

/** Of a released CPython only, whose marshal format is known. Throws `FormatError`. */
export function readPycHeader(bytes: Uint8Array): PycHeader {
  if (!isPyc(bytes)) throw new FormatError('pyc', 0, 'no magic number of Python');
  const view = viewOf(bytes);
  const magic = view.getUint16(0, true);
  const release = RELEASES.get(magic);
  if (release === undefined) throw new FormatError('pyc', 0, `magic number ${magic} of no release`);
  const bodyAt =
    magic >= FIRST_OF_PYTHON_2 || magic < FIRST_WITH_SIZE ? 8 : flagged(magic) ? 16 : 12;
  if (bytes.length < bodyAt) throw new FormatError('pyc', bytes.length, 'header is cut off');
  const [python, dialect] = release;
  const flags = flagged(magic) ? view.getUint32(4, true) : 0;
  if (flags !== 0) {
    if ((flags & ~3) !== 0 || (flags & 1) === 0)
      throw new FormatError('pyc', 4, `flags ${flags} are not known`);
    const check = { kind: 'hash', hash: bytes.subarray(8, 16), checked: flags === 3 } as const;
    return { python, dialect, check, bodyAt };
  }
  const at = flagged(magic) ? 8 : 4;
  const sourceSize = bodyAt === 8 ? null : view.getUint32(at + 4, true);
  const stamp = { sourceMtime: view.getUint32(at, true), sourceSize };
  return { python, dialect, check: { kind: 'time', at, stamp }, bodyAt };
}

function flagged(magic: number): boolean {
  return magic >= FIRST_WITH_FLAGS && magic < FIRST_OF_PYTHON_2;
}

/** Magic numbers, the first two bytes little-endian: 3.7 and later have a flags word, 3.3 to 3.6 a size, 2.x neither. */
const FIRST_WITH_FLAGS = 3390;
const FIRST_WITH_SIZE = 3190;
const FIRST_OF_PYTHON_2 = 20000;

function dialect(
  codeWords: number,
  references: MarshalDialect['references'],
  changes: Partial<MarshalDialect> = {},
): MarshalDialect {
  return { codeWords, codeTail: 1, references, slices: false, ...changes };
}

const UP_TO_3_3 = dialect(5, 'none');
const UP_TO_3_7 = dialect(5, 'objects');
const UP_TO_3_10 = dialect(6, 'objects');
const UP_TO_3_13 = dialect(5, 'objects', { codeTail: 2 });

/** The magic number does not change after a release but for the mistake of 3.5.2; listed in CPython's importlib. */
const RELEASES: ReadonlyMap<number, readonly [string, MarshalDialect]> = new Map([
  [62211, ['2.7', dialect(4, 'strings')]],
  [3131, ['3.0', UP_TO_3_3]],
  [3151, ['3.1', UP_TO_3_3]],
  [3180, ['3.2', UP_TO_3_3]],
  [3230, ['3.3', UP_TO_3_3]],
  [3310, ['3.4', UP_TO_3_7]],
  [3350, ['3.5', UP_TO_3_7]],
  [3351, ['3.5', UP_TO_3_7]],
  [3379, ['3.6', UP_TO_3_7]],
  [3394, ['3.7', UP_TO_3_7]],
  [3413, ['3.8', UP_TO_3_10]],
  [3425, ['3.9', UP_TO_3_10]],
  [3439, ['3.10', UP_TO_3_10]],
  [3495, ['3.11', UP_TO_3_13]],
  [3531, ['3.12', UP_TO_3_13]],
  [3571, ['3.13', UP_TO_3_13]],
  [3627, ['3.14', { ...UP_TO_3_13, slices: true }]],
]);

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

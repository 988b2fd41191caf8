/** The first 16 bytes of a compiled Python module: what it says about its source (PEP 3147, PEP 552, importlib). */

/** A module that Python checks against its source by time and size; null for a hash-based one or another format. */
export interface PycTimestamp {
  /** Seconds modulo 2^32, as stored. */
  readonly sourceMtime: number;
  /** Bytes modulo 2^32; null in Python 2, which stores none. */
  readonly sourceSize: number | null;
}

/** Magic numbers, the first two bytes little-endian: 3.7 and later have a flags word, 3.3 to 3.6 a size, 2.x neither. */
const FIRST_WITH_FLAGS = 3390;
const FIRST_WITH_SIZE = 3190;
const FIRST_OF_PYTHON_2 = 20000;

export function readPycTimestamp(bytes: Uint8Array): PycTimestamp | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.byteLength < 8 || view.getUint16(2, true) !== 0x0a0d) return null;
  const magic = view.getUint16(0, true);
  if (magic >= FIRST_OF_PYTHON_2) return { sourceMtime: view.getUint32(4, true), sourceSize: null };
  const flagged = magic >= FIRST_WITH_FLAGS;
  const at = flagged ? 8 : 4;
  if (magic < FIRST_WITH_SIZE || view.byteLength < at + 8) return null;
  if (flagged && view.getUint32(4, true) !== 0) return null;
  return { sourceMtime: view.getUint32(at, true), sourceSize: view.getUint32(at + 4, true) };
}

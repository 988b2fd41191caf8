/** bFLT executables of uClinux: a header of 64 bytes, big-endian (Linux, include/linux/flat.h, `struct flat_hdr`). */

import { FormatError } from '../core/errors.js';

/** The one version with a build date; the kernel runs no other that is still made. */
const VERSION = 4;
const HEADER_BYTES = 64;
const BUILD_DATE = 40;

const FLAG = { GZIP: 4, GZDATA: 8 } as const;

export interface Bflt {
  /** Seconds since 1970. */
  readonly buildDateSeconds: number;
  /** Where a gzip member begins that holds the rest of the file; null in a program that is not compressed. */
  readonly gzipOffset: number | null;
}

export function isBflt(head: Uint8Array): boolean {
  return Buffer.from(head.subarray(0, 4)).toString('latin1') === 'bFLT';
}

/** Throws `FormatError`. */
export function readBflt(bytes: Uint8Array): Bflt {
  if (!isBflt(bytes) || bytes.length < HEADER_BYTES)
    throw new FormatError('bflt', 0, 'expected bFLT and a header of 64 bytes');
  const view = viewOf(bytes);
  const version = view.getUint32(4);
  if (version !== VERSION)
    throw new FormatError('bflt', 4, `expected version ${VERSION}, found ${version}`);
  const [entry, dataStart, dataEnd, bssEnd] = [8, 12, 16, 20].map((at) => view.getUint32(at));
  if (entry! < HEADER_BYTES || entry! > dataStart! || dataStart! > dataEnd! || dataEnd! > bssEnd!)
    throw new FormatError('bflt', 8, 'expected segments that follow one another');
  const flags = view.getUint32(36);
  const isWhole = (flags & FLAG.GZIP) !== 0;
  const gzipOffset = isWhole ? HEADER_BYTES : (flags & FLAG.GZDATA) !== 0 ? dataStart! : null;
  const relocationEnd = view.getUint32(28) + 4 * view.getUint32(32);
  const needed = gzipOffset ?? Math.max(dataEnd!, relocationEnd);
  if (needed > bytes.length)
    throw new FormatError('bflt', 16, `expected ${needed} bytes, found ${bytes.length}`);
  return { buildDateSeconds: view.getUint32(BUILD_DATE), gzipOffset };
}

/** A copy with another build date. */
export function withBfltDate(bytes: Uint8Array, buildDateSeconds: number): Uint8Array {
  const copy = new Uint8Array(bytes);
  viewOf(copy).setUint32(BUILD_DATE, buildDateSeconds);
  return copy;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

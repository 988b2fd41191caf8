/** Legacy U-Boot images: a header of 64 bytes, big-endian, before the data (u-boot, include/image.h, `legacy_img_hdr`). */

import { crc32 } from 'node:zlib';

import { FormatError } from '../core/errors.js';

const MAGIC = 0x27051956;
const HEADER_BYTES = 64;
const HEADER_CRC = 4;
const TIME = 8;
const SIZE = 12;
const DATA_CRC = 24;

export interface UImage {
  /** Seconds since 1970. */
  readonly timeSeconds: number;
  readonly headerCrc: number;
  /** Offset behind the data. */
  readonly end: number;
}

export function isUImage(head: Uint8Array): boolean {
  return head.length >= HEADER_BYTES && viewOf(head).getUint32(0) === MAGIC;
}

/** Checks both CRCs; what follows the data is not looked at. Throws `FormatError`. */
export function readUImage(bytes: Uint8Array): UImage {
  if (!isUImage(bytes))
    throw new FormatError('uimage', 0, 'expected the magic number and a header');
  const view = viewOf(bytes);
  const headerCrc = view.getUint32(HEADER_CRC);
  const computed = uImageHeaderCrc(bytes);
  if (headerCrc !== computed)
    throw new FormatError('uimage', HEADER_CRC, `expected ih_hcrc ${computed}, found ${headerCrc}`);
  const end = HEADER_BYTES + view.getUint32(SIZE);
  if (end > bytes.length)
    throw new FormatError('uimage', SIZE, `expected ${end} bytes, found ${bytes.length}`);
  const dataCrc = crc32(bytes.subarray(HEADER_BYTES, end));
  if (view.getUint32(DATA_CRC) !== dataCrc)
    throw new FormatError(
      'uimage',
      DATA_CRC,
      `expected ih_dcrc ${dataCrc}, found ${view.getUint32(DATA_CRC)}`,
    );
  return { timeSeconds: view.getUint32(TIME), headerCrc, end };
}

/** A copy with another time and the header CRC that follows. */
export function withUImageTime(bytes: Uint8Array, timeSeconds: number): Uint8Array {
  const copy = new Uint8Array(bytes);
  viewOf(copy).setUint32(TIME, timeSeconds);
  viewOf(copy).setUint32(HEADER_CRC, uImageHeaderCrc(copy));
  return copy;
}

/** Over the header, its own CRC field taken as zero. */
function uImageHeaderCrc(bytes: Uint8Array): number {
  const header = new Uint8Array(bytes.subarray(0, HEADER_BYTES));
  header.fill(0, HEADER_CRC, HEADER_CRC + 4);
  return crc32(header);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

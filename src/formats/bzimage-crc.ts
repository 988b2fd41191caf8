/** The CRC behind a Linux kernel for x86 (Documentation/arch/x86/boot.rst, "The Image Checksum"). */

import { crc32 } from 'node:zlib';

import type { RandomAccess } from '../core/random-access.js';
import type { BzImage } from './bzimage.js';

/**
 * What the last four bytes of the kernel should be, over everything before them; null when there is no such place. A
 * signature changes the PE headers afterwards and leaves the old CRC behind.
 */
export function bzImageCrc(input: RandomAccess, image: BzImage): number | null {
  if (image.crc === null) return null;
  let crc = 0;
  for (let at = 0; at < image.crc.offset; at += PIECE)
    crc = crc32(input.read(at, Math.min(PIECE, image.crc.offset - at)), crc);
  // Without the final inversion of zlib: so a CRC over the whole file is 0.
  return ~crc >>> 0;
}

const PIECE = 1 << 20;

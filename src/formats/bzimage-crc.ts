/** The CRC behind a Linux kernel for x86 (Documentation/arch/x86/boot.rst, "The Image Checksum"). */

import { crc32 } from 'node:zlib';

import type { RandomAccess } from '../core/random-access.js';
import type { BzImage } from './bzimage.js';
import type { Extent } from './regions.js';

/**
 * What the last four bytes of the kernel should be, over everything before them; null when there is no such place. A
 * signer changes the PE headers afterwards and leaves the old CRC behind: `zeroed` are places to take as zero, which are
 * the checksum and the entry of the security directory.
 */
export function bzImageCrc(
  input: RandomAccess,
  image: BzImage,
  zeroed: readonly Extent[] = [],
): number | null {
  if (image.crc === null) return null;
  let crc = 0;
  for (let at = 0; at < image.crc.offset; at += PIECE) {
    const piece = Uint8Array.from(input.read(at, Math.min(PIECE, image.crc.offset - at)));
    for (const { offset, length } of zeroed)
      piece.fill(0, Math.max(0, offset - at), Math.max(0, offset + length - at));
    crc = crc32(piece, crc);
  }
  // Without the final inversion of zlib: so a CRC over the whole file is 0.
  return ~crc >>> 0;
}

const PIECE = 1 << 20;

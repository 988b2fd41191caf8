/** The content of extents as bytes at any place. */

import type { RandomAccess } from '../../core/random-access.js';
import { windowAccess } from '../../core/random-access.js';
import type { ErofsExtent } from './extents.js';

/** `extents` in the order of the content, without a hole between them; what lies beyond the end of `image` is zeros. */
export function extentsAccess(
  image: RandomAccess,
  extents: readonly ErofsExtent[],
  size: number,
): RandomAccess {
  const [only] = extents;
  const isOne = extents.length === 1 && only !== undefined && only.at !== null;
  if (isOne && only.at + size <= image.size) return windowAccess(image, only.at, size);
  return {
    size,
    read: (offset, length) => {
      const bytes = new Uint8Array(Math.max(0, Math.min(length, size - offset)));
      const end = offset + bytes.length;
      for (let i = firstAt(extents, offset); i < extents.length; i++) {
        const { from, length: extentBytes, at } = extents[i]!;
        if (from >= end) break;
        const start = Math.max(from, offset);
        const stop = Math.min(from + extentBytes, end);
        if (at !== null) bytes.set(image.read(at + start - from, stop - start), start - offset);
      }
      return bytes;
    },
  };
}

/** The last extent that begins at a place or in front of it. */
export function firstAt(extents: readonly { readonly from: number }[], place: number): number {
  let low = 0;
  let high = extents.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (extents[middle]!.from <= place) low = middle;
    else high = middle - 1;
  }
  return Math.max(0, low);
}

/** Bytes of which some are told already: they are read as zeros, so that only the rest shows in digests. */

import type { RandomAccess } from '../../core/random-access.js';
import type { ByteRange } from '../../formats/byte-fields.js';

/** The bytes with zeros where one of `told` covers them. */
export function maskedAccess(input: RandomAccess, told: readonly ByteRange[]): RandomAccess {
  if (told.length === 0) return input;
  const start = Math.min(...told.map(({ offset }) => offset));
  const end = Math.max(...told.map(({ offset, length }) => offset + length));
  return {
    size: input.size,
    read: (offset, length) => {
      const bytes = input.read(offset, length);
      return offset >= end || offset + length <= start ? bytes : maskedCopy(bytes, offset, told);
    },
  };
}

/** A copy of bytes that begin at `offset` of a file, with zeros where one of `told` covers them. */
export function maskedCopy(
  bytes: Uint8Array,
  offset: number,
  told: readonly ByteRange[],
): Uint8Array {
  const copy = Uint8Array.from(bytes);
  for (const range of told) {
    const start = range.offset - offset;
    if (start < copy.length && start + range.length > 0)
      copy.fill(0, Math.max(0, start), start + range.length);
  }
  return copy;
}

/** Fields read from a `RandomAccess` that has fewer bytes than a file promises. */

import { FormatError } from '../../core/errors.js';
import type { RandomAccess } from '../../core/random-access.js';
import type { ByteInput } from './input.js';

/** Members (streams, frames, blocks with a header of their own) that a structure lists at most. */
export const MAX_LISTED = 100_000;

/** Exactly `length` bytes at `offset`. Throws `FormatError` when there are fewer. */
export function readExactly(
  input: RandomAccess,
  offset: number,
  length: number,
  format: string,
): Uint8Array {
  const bytes = input.read(offset, length);
  if (bytes.length < length)
    throw new FormatError(
      format,
      offset + bytes.length,
      `expected ${length - bytes.length} more bytes, found the end`,
    );
  return bytes;
}

/** Zeros from `offset` on. */
export function countZeros(input: RandomAccess, offset: number): number {
  for (let at = offset; ;) {
    const bytes = input.read(at, PIECE);
    const other = bytes.findIndex((byte) => byte !== 0);
    if (other >= 0) return at + other - offset;
    at += bytes.length;
    if (bytes.length < PIECE) return at - offset;
  }
}

/** The bytes from `offset` on as a `ByteInput`. */
export function accessInput(input: RandomAccess, offset = 0): ByteInput {
  const returned: Uint8Array[] = [];
  let at = offset;
  return {
    next: () => {
      const back = returned.pop();
      if (back !== undefined) return Promise.resolve(back);
      const bytes = input.read(at, PIECE);
      at += bytes.length;
      return Promise.resolve(bytes.length === 0 ? null : bytes);
    },
    unread: (bytes) => {
      if (bytes.length > 0) returned.push(bytes);
    },
  };
}

const PIECE = 65_536;

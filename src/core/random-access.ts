/** Bytes that can be read at any place: an open file, a window of one, or a buffer. */

export interface RandomAccess {
  /** Bytes there are. */
  readonly size: number;
  /**
   * `length` bytes from `offset` on, fewer only at the end. The caller may keep the result, and must not write to it.
   * Throws a system error when the bytes cannot be read.
   */
  read(offset: number, length: number): Uint8Array;
  /** The same into a buffer that is used again and again; returns how many bytes there were. Absent where `read` copies nothing. */
  readInto?(target: Uint8Array, offset: number): number;
}

export function bufferAccess(bytes: Uint8Array): RandomAccess {
  return {
    size: bytes.length,
    read: (offset, length) => bytes.subarray(offset, Math.min(bytes.length, offset + length)),
  };
}

/** The part of `input` from `offset` on, `length` bytes or what there is of them. */
export function windowAccess(input: RandomAccess, offset: number, length: number): RandomAccess {
  const start = Math.min(offset, input.size);
  const size = Math.max(0, Math.min(length, input.size - start));
  return {
    size,
    read: (at, wanted) => input.read(start + at, Math.max(0, Math.min(wanted, size - at))),
    ...(input.readInto !== undefined && {
      readInto: (target: Uint8Array, at: number) =>
        input.readInto!(target.subarray(0, Math.max(0, size - at)), start + at),
    }),
  };
}

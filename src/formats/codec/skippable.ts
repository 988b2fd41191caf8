/** Skippable frames: user data in the frame formats of zstd (RFC 8878, section 3.1.2) and LZ4. */

import type { InputCursor } from './input.js';

export function isSkippable(magic: number): boolean {
  return (magic & 0xfffffff0) >>> 0 === 0x184d2a50;
}

/** The 32 bits at `at`, little-endian. */
export function readU32(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
  );
}

/** Moves behind the skippable frame at the cursor. Throws `FormatError`. */
export async function skipFrame(cursor: InputCursor, format: string): Promise<void> {
  await cursor.need(8, format);
  let left = readU32(cursor.bytes, cursor.at + 4);
  cursor.at += 8;
  while (left > 0) {
    await cursor.need(1, format);
    const step = Math.min(left, cursor.available);
    cursor.at += step;
    left -= step;
  }
}

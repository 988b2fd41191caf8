/** The contract between `decompress` and the decoder of one format. */

import type { InputCursor } from './input.js';

export interface DecoderLimits {
  /** Most history that is kept for matches, in bytes. */
  readonly maxMemoryBytes: number;
  /** Most content that will be taken, in bytes: nothing needs to be made beyond it. */
  readonly maxOutputBytes: number;
}

/**
 * Decodes one member (stream, frame), whose magic is at the cursor, and leaves the cursor behind its last byte. Every
 * chunk that is yielded is the consumer's. Throws `FormatError` with offsets from the start of the input.
 */
export type MemberDecoder = (
  cursor: InputCursor,
  limits: DecoderLimits,
) => AsyncGenerator<Uint8Array, void, undefined>;

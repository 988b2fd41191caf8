/** LZO1X blocks: literals and matches in turn, up to an end marker (Linux, `Documentation/staging/lzo.rst`). */

import { FormatError } from '../../core/errors.js';
import { copyMatch } from './history.js';

/** The content of a block, at most `most` bytes; `origin` is the offset of the block in its file. Throws `FormatError`. */
export function decodeLzoBlock(bytes: Uint8Array, most: number, origin: number): Uint8Array {
  const out = new Uint8Array(most);
  const input = new LzoInput(bytes, origin);
  let pos = 0;
  const literals = (count: number): void => {
    if (count > most - pos) throw input.damaged(`expected at most ${most} bytes of content`);
    out.set(input.take(count), pos);
    pos += count;
  };
  const match = (distance: number, length: number): void => {
    if (distance > pos) throw input.damaged(`expected a match within the content`);
    if (length > most - pos) throw input.damaged(`expected at most ${most} bytes of content`);
    copyMatch(out, pos, distance, length);
    pos += length;
  };
  // Literals that came last: 0 to 3 in front of a match, 4 for a run of their own.
  let state = 0;
  if ((bytes[0] ?? 0) > 17) {
    const count = input.byte() - 17;
    literals(count);
    state = Math.min(count, 4);
  }
  for (;;) {
    const code = input.byte();
    if (code >= 64) {
      const length = code >= 128 ? 5 + ((code >> 5) & 3) : 3 + ((code >> 5) & 1);
      match((input.byte() << 3) + ((code >> 2) & 7) + 1, length);
      state = code & 3;
    } else if (code >= 32) {
      const length = 2 + input.length(code & 31, 31);
      const word = input.word();
      match((word >> 2) + 1, length);
      state = word & 3;
    } else if (code >= 16) {
      const length = 2 + input.length(code & 7, 7);
      const word = input.word();
      const distance = 16_384 + ((code & 8) << 11) + (word >> 2);
      if (distance === 16_384) return out.subarray(0, pos);
      match(distance, length);
      state = word & 3;
    } else if (state === 0) {
      literals(3 + input.length(code, 15));
      state = 4;
      continue;
    } else {
      const near = (input.byte() << 2) + (code >> 2) + 1;
      if (state === 4) match(near + 2048, 3);
      else match(near, 2);
      state = code & 3;
    }
    literals(state);
  }
}

class LzoInput {
  readonly #bytes: Uint8Array;
  readonly #origin: number;
  #at = 0;

  constructor(bytes: Uint8Array, origin: number) {
    this.#bytes = bytes;
    this.#origin = origin;
  }

  byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw this.damaged('expected more bytes, found the end of the block');
    this.#at += 1;
    return byte;
  }

  word(): number {
    return this.byte() | (this.byte() << 8);
  }

  take(count: number): Uint8Array {
    if (count > this.#bytes.length - this.#at)
      throw this.damaged('expected more literals, found the end of the block');
    return this.#bytes.subarray(this.#at, (this.#at += count));
  }

  /** A length whose bits are all zero goes on: 255 for each zero byte, and the byte behind them. */
  length(bits: number, base: number): number {
    if (bits > 0) return bits;
    let length = base;
    for (let byte = this.byte(); ; byte = this.byte()) {
      if (byte > 0) return length + byte;
      length += 255;
    }
  }

  damaged(detail: string): FormatError {
    return new FormatError('lzo', this.#origin + this.#at, detail);
  }
}

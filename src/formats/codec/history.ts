/** What was decompressed last, for matches to refer to. Grows as content comes, whatever a header promises. */

import { FormatError } from '../../core/errors.js';
import { LimitError } from './codec.js';

/**
 * Content is written at `bytes[pos]` after `reserve`; matches copy from `bytes[pos - distance]`, at most `reach()` back.
 * Both fields change when more is reserved.
 */
export class History {
  bytes: Uint8Array = new Uint8Array(0);
  pos = 0;
  /** Added to `pos`, gives the position since the last reset in its low four bits. */
  phase = 0;
  readonly #format: string;
  readonly #windowBytes: number;
  readonly #memoryBytes: number;
  #start = 0;
  /** Bytes since the last reset that are not kept any more. */
  #dropped = 0;

  constructor(format: string, windowBytes: number, memoryBytes: number) {
    this.#format = format;
    this.#windowBytes = windowBytes;
    this.#memoryBytes = memoryBytes;
  }

  /** Nothing in front of here can be referred to. */
  reset(): void {
    this.#start = this.pos;
    this.#dropped = 0;
    this.phase = -this.pos & 15;
  }

  /** Makes room for `room` bytes behind `pos`. */
  reserve(room: number): void {
    if (this.pos + room <= this.bytes.length) return;
    const held = this.pos - this.#start;
    const kept = Math.min(held, this.#windowBytes, this.#memoryBytes);
    const from = this.pos - kept;
    if (kept + room + (kept >>> 2) <= this.bytes.length) {
      this.bytes.copyWithin(0, from, this.pos);
    } else {
      const larger = new Uint8Array(kept + room + (kept >>> 1) + SPARE);
      larger.set(this.bytes.subarray(from, this.pos));
      this.bytes = larger;
    }
    this.#dropped += held - kept;
    this.phase = (this.phase + from) & 15;
    this.#start = 0;
    this.pos = kept;
  }

  /** The greatest distance that a match at `pos` may have. */
  reach(pos: number): number {
    return Math.min(pos - this.#start, this.#windowBytes);
  }

  /** The error for a match at `pos` that refers farther back than `reach`; `offset` is that in the input. */
  tooFar(distance: number, pos: number, offset: number): FormatError {
    const total = this.#dropped + pos - this.#start;
    if (distance <= Math.min(total, this.#windowBytes))
      return new LimitError(this.#format, offset, 'memory', this.#memoryBytes);
    return new FormatError(
      this.#format,
      offset,
      `expected a match at most ${Math.min(total, this.#windowBytes)} bytes back, found ${distance}`,
    );
  }
}

const SPARE = 65_536;

/** Copies `length` bytes from `distance` back; they may overlap, and then repeat. */
export function copyMatch(bytes: Uint8Array, pos: number, distance: number, length: number): void {
  if (distance >= length) {
    if (length > 32) {
      bytes.copyWithin(pos, pos - distance, pos - distance + length);
      return;
    }
  } else if (distance === 1) {
    bytes.fill(bytes[pos - 1]!, pos, pos + length);
    return;
  }
  let from = pos - distance;
  for (const end = pos + length; pos < end;) bytes[pos++] = bytes[from++]!;
}

/** Little-endian numbers of a zip archive, with the archive's own faults in place of range errors. */

import { FormatError } from '../core/errors.js';
import { bufferAccess, type RandomAccess } from '../core/random-access.js';

export const FORMAT = 'zip';

/** Bytes read at once from a file where headers follow each other, and where they are scattered among data. */
export const AHEAD_DENSE = 65_536;
export const AHEAD_SPARSE = 2_048;

export class ZipBytes {
  /** How much is read at once, where the bytes are not in memory. */
  ahead = AHEAD_DENSE;
  private readonly input: RandomAccess;
  private readonly inMemory: boolean;
  /** The part at hand, and where it is. */
  private part: Uint8Array;
  private view: DataView;
  private start = 0;

  constructor(input: Uint8Array | RandomAccess) {
    this.inMemory = !('read' in input);
    this.input = 'read' in input ? input : bufferAccess(input);
    this.part = 'read' in input ? new Uint8Array(0) : input;
    this.view = viewOf(this.part);
  }

  get length(): number {
    return this.input.size;
  }

  u16(at: number): number {
    // The place first: bringing bytes to hand may replace the view.
    const place = this.at(at, 2);
    return this.view.getUint16(place, true);
  }

  u32(at: number): number {
    const place = this.at(at, 4);
    return this.view.getUint32(place, true);
  }

  /** 64 bits that have to be a size or an offset. */
  u64(at: number): number {
    const value = this.u32(at + 4) * 2 ** 32 + this.u32(at);
    if (!Number.isSafeInteger(value))
      throw new FormatError(FORMAT, at, 'a number beyond any file size');
    return value;
  }

  /** Whether the number is there: false past either end. */
  is32(at: number, value: number): boolean {
    return at >= 0 && at + 4 <= this.length && this.u32(at) === value;
  }

  slice(at: number, length: number): Uint8Array {
    const start = this.at(at, length);
    const bytes = this.part.subarray(start, start + length);
    // What is kept must not hold on to all that was read ahead with it.
    return this.inMemory ? bytes : new Uint8Array(bytes);
  }

  text(at: number, length: number): string {
    return latin1(this.slice(at, length));
  }

  /** Brings bytes to hand; their place in what is at hand. */
  private at(at: number, length: number): number {
    if (at < 0 || length < 0 || at + length > this.length)
      throw new FormatError(
        FORMAT,
        at,
        `${length} bytes are expected, the file ends at ${this.length}`,
      );
    if (at < this.start || at + length > this.start + this.part.length) {
      this.part = this.input.read(at, Math.max(length, this.ahead));
      this.view = viewOf(this.part);
      this.start = at;
      if (this.part.length < length)
        throw new FormatError(FORMAT, at, `the file ends at ${at + this.part.length} now`);
    }
    return at - this.start;
  }
}

export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Little-endian numbers of a zip archive, with the archive's own faults in place of range errors. */

import { FormatError } from '../core/errors.js';

export const FORMAT = 'zip';

export class ZipBytes {
  readonly bytes: Uint8Array;
  private readonly view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get length(): number {
    return this.bytes.length;
  }

  u16(at: number): number {
    this.check(at, 2);
    return this.view.getUint16(at, true);
  }

  u32(at: number): number {
    this.check(at, 4);
    return this.view.getUint32(at, true);
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
    return at >= 0 && at + 4 <= this.length && this.view.getUint32(at, true) === value;
  }

  slice(at: number, length: number): Uint8Array {
    this.check(at, length);
    return this.bytes.subarray(at, at + length);
  }

  text(at: number, length: number): string {
    return latin1(this.slice(at, length));
  }

  private check(at: number, length: number): void {
    if (at < 0 || length < 0 || at + length > this.length)
      throw new FormatError(
        FORMAT,
        at,
        `${length} bytes are expected, the file ends at ${this.length}`,
      );
  }
}

export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

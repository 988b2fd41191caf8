/** A place in a DWARF section that moves on as numbers are read (DWARF 5, sections 7.4 to 7.6). */

import type { PagedBytes } from './paged-bytes.js';

/** Throws `FormatError` at `end`. */
export class DwarfCursor {
  readonly bytes: PagedBytes;
  at: number;
  /** Of the unit or table that is being read. */
  end: number;

  constructor(bytes: PagedBytes, at: number, end: number = bytes.size) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  u8(): number {
    return Number(this.unsigned(1));
  }

  u16(): number {
    return Number(this.unsigned(2));
  }

  unsigned(bytes: number): bigint {
    this.room(bytes);
    const value = this.bytes.unsigned(this.at, bytes);
    this.at += bytes;
    return value;
  }

  /** A number that has to be an offset or a count. */
  size(bytes: number): number {
    return this.safe(this.unsigned(bytes));
  }

  uleb(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.u8();
      value |= BigInt(byte & 0x7f) << shift;
      if ((byte & 0x80) === 0) return value;
      if (shift > 63n) throw this.bytes.error(this.at, 'a number of more than 64 bits');
    }
  }

  ulebSize(): number {
    return this.safe(this.uleb());
  }

  sleb(): bigint {
    const start = this.at;
    const value = this.uleb();
    const bits = 7n * BigInt(this.at - start);
    return value >> (bits - 1n) === 1n ? value - (1n << bits) : value;
  }

  /** A copy of the next bytes. */
  take(length: number): Uint8Array {
    this.room(length);
    const taken = this.bytes.bytes(this.at, length);
    this.at += length;
    return taken;
  }

  skip(length: number): void {
    this.room(length);
    this.at += length;
  }

  /** The string up to its NUL. */
  text(): string {
    this.room(1);
    const { text, end } = this.bytes.text(this.at, this.end - this.at - 1);
    this.at = end;
    return text;
  }

  /** The length that starts units: 4 bytes, or 12 in the 64-bit format. Bounds the cursor to the unit. */
  unitLength(): { readonly offsetBytes: 4 | 8; readonly end: number } {
    const start = this.at;
    let length = this.size(4);
    const offsetBytes = length === 0xffffffff ? 8 : 4;
    if (length >= 0xfffffff0 && offsetBytes === 4)
      throw this.bytes.error(start, 'a reserved length');
    if (offsetBytes === 8) length = this.size(8);
    const end = this.at + length;
    if (end > this.bytes.size) throw this.bytes.error(start, `${length} bytes leave the section`);
    this.end = end;
    return { offsetBytes, end };
  }

  private safe(value: bigint): number {
    if (value > BigInt(Number.MAX_SAFE_INTEGER))
      throw this.bytes.error(this.at, 'a number beyond any size');
    return Number(value);
  }

  private room(bytes: number): void {
    if (this.at + bytes > this.end)
      throw this.bytes.error(this.at, `${bytes} bytes are expected, the unit ends`);
  }
}

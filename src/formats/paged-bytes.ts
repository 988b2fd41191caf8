/** Numbers and strings at any place of a large input, read page by page: for structures that point far and wide. */

import { FormatError } from '../core/errors.js';
import { bufferAccess, type RandomAccess } from '../core/random-access.js';

export interface PagedText {
  /** Latin1, one char per byte, without the NUL. */
  readonly text: string;
  /** Where the string starts. */
  readonly at: number;
  /** Behind the NUL. */
  readonly end: number;
}

const PAGE_BYTES = 16 * 1024;
/** 4 MiB are kept at most. */
const MAX_PAGES = 256;
const NO_PAGE = new Uint8Array(0);

/** Everything throws `FormatError` for what lies past the end; its offset is that in `input` plus `base`. */
export class PagedBytes {
  readonly input: RandomAccess;
  readonly littleEndian: boolean;
  private readonly format: string;
  private readonly base: number;
  private readonly pages = new Map<number, Uint8Array>();
  private lastNumber = -1;
  private lastPage: Uint8Array = NO_PAGE;

  constructor(input: RandomAccess, littleEndian: boolean, format: string, base = 0) {
    this.input = input;
    this.littleEndian = littleEndian;
    this.format = format;
    this.base = base;
  }

  static of(bytes: Uint8Array, littleEndian: boolean, format: string, base = 0): PagedBytes {
    return new PagedBytes(bufferAccess(bytes), littleEndian, format, base);
  }

  get size(): number {
    return this.input.size;
  }

  u8(at: number): number {
    const value = at >= 0 ? this.page(Math.floor(at / PAGE_BYTES))[at % PAGE_BYTES] : undefined;
    if (value === undefined) throw this.pastEnd(at, 1);
    return value;
  }

  u16(at: number): number {
    return this.part(at, 2);
  }

  u32(at: number): number {
    return this.part(at, 4);
  }

  /** A number of 1 to 8 bytes in the byte order of the input. */
  unsigned(at: number, bytes: number): bigint {
    if (bytes <= 4) return BigInt(this.part(at, bytes));
    const far = bytes - 4;
    const low = this.littleEndian ? this.part(at, 4) : this.part(at + far, 4);
    const high = this.littleEndian ? this.part(at + 4, far) : this.part(at, far);
    return high === 0 ? BigInt(low) : (BigInt(high) << 32n) | BigInt(low);
  }

  /** A copy; `length` is checked before anything is read. */
  bytes(at: number, length: number): Uint8Array {
    if (at < 0 || length < 0 || at + length > this.size) throw this.pastEnd(at, length);
    return this.input.read(at, length);
  }

  /** The string from `at` up to its NUL, which has to come within `maxBytes`. */
  text(at: number, maxBytes: number): PagedText {
    const parts: string[] = [];
    let position = at;
    if (at < 0 || at >= this.size) throw this.pastEnd(at, 1);
    for (;;) {
      const page = this.page(Math.floor(position / PAGE_BYTES));
      const start = position % PAGE_BYTES;
      if (start >= page.length) throw this.error(at, 'a string without its end');
      const nul = page.indexOf(0, start);
      const end = nul < 0 ? page.length : nul;
      if (position - at + end - start > maxBytes)
        throw this.error(at, `a string of more than ${maxBytes} bytes`);
      parts.push(latin1(page.subarray(start, end)));
      position += end - start;
      if (nul >= 0) return { text: parts.join(''), at, end: position + 1 };
    }
  }

  /** A number of 1 to 4 bytes; those of one page without looking the page up for each. */
  private part(at: number, bytes: number): number {
    const start = at % PAGE_BYTES;
    const page = at >= 0 ? this.page((at - start) / PAGE_BYTES) : NO_PAGE;
    const inPage = start + bytes <= page.length;
    let value = 0;
    for (let index = 0; index < bytes; index++) {
      const place = this.littleEndian ? bytes - 1 - index : index;
      value = value * 256 + (inPage ? page[start + place]! : this.u8(at + place));
    }
    return value;
  }

  private page(number: number): Uint8Array {
    if (number === this.lastNumber) return this.lastPage;
    let page = this.pages.get(number);
    if (page === undefined) {
      const at = number * PAGE_BYTES;
      if (at >= this.size) return NO_PAGE;
      page = this.input.read(at, Math.min(PAGE_BYTES, this.size - at));
      if (this.pages.size >= MAX_PAGES) this.pages.clear();
      this.pages.set(number, page);
    }
    this.lastNumber = number;
    this.lastPage = page;
    return page;
  }

  /** For faults that only the caller can see. */
  error(at: number, detail: string): FormatError {
    return new FormatError(this.format, this.base + at, detail);
  }

  private pastEnd(at: number, length: number): FormatError {
    return this.error(at, `${length} bytes are expected, the end is at ${this.base + this.size}`);
  }
}

export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

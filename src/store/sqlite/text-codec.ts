/**
 * The lines of a text as bytes: digests as they are, words of unknown meaning in four bytes. As JSON they take three times as many,
 * and most of what is kept of a system are lines.
 *
 *     varint number of lines, each: 8 bytes digest
 *         varint 0 (no tokens, and the shape is the digest), or the number of tokens plus one, 4 bytes shape,
 *         and each token: u8 kind * 2 + 1, 4 bytes; or u8 kind * 2, varint length, latin1
 *
 * Kinds are numbers of `FACT_KINDS`. A varint is little-endian with seven bits a byte (LEB128).
 */

import { FACT_KINDS, type FactKind, type TextLine, type TextToken } from '../../core/facts.js';

/** Null for lines that are not as `textContent` makes them, for which there is no form. */
export function packLines(lines: readonly TextLine[]): Buffer | null {
  const writer = new Writer();
  writer.varint(lines.length);
  for (const { digest, shape, tokens } of lines) {
    if (!LINE_DIGEST.test(digest)) return null;
    writer.hex(digest);
    if (tokens === null) {
      if (shape !== digest) return null;
      writer.varint(0);
      continue;
    }
    if (!SHORT_DIGEST.test(shape)) return null;
    writer.varint(tokens.length + 1);
    writer.hex(shape);
    for (const { kind, value } of tokens) if (!packToken(writer, kind, value)) return null;
  }
  return writer.taken();
}

/** Throws `RangeError` for bytes that `packLines` does not write. */
export function unpackLines(bytes: Buffer): readonly TextLine[] {
  const reader = new Reader(bytes);
  const lines: TextLine[] = [];
  for (let left = reader.varint(); left > 0; left--) {
    const digest = reader.hex(8);
    const count = reader.varint();
    if (count === 0) {
      lines.push({ digest, shape: digest, tokens: null });
      continue;
    }
    const shape = reader.hex(4);
    const tokens: TextToken[] = [];
    for (let i = 1; i < count; i++) tokens.push(unpackToken(reader));
    lines.push({ digest, shape, tokens });
  }
  if (!reader.isAtEnd) throw new RangeError('more bytes than lines');
  return lines;
}

const LINE_DIGEST = /^[\da-f]{16}$/;
const SHORT_DIGEST = /^[\da-f]{8}$/;
const NOT_LATIN1 = /[^\0-\xff]/;
const KIND_NUMBERS: ReadonlyMap<FactKind, number> = new Map(FACT_KINDS.map((kind, i) => [kind, i]));

function packToken(writer: Writer, kind: FactKind, value: string): boolean {
  const number = KIND_NUMBERS.get(kind)! * 2;
  if (SHORT_DIGEST.test(value)) {
    writer.byte(number + 1);
    writer.hex(value);
    return true;
  }
  if (NOT_LATIN1.test(value)) return false;
  writer.byte(number);
  writer.varint(value.length);
  writer.latin1(value);
  return true;
}

function unpackToken(reader: Reader): TextToken {
  const byte = reader.byte();
  const kind = FACT_KINDS[byte >>> 1];
  if (kind === undefined) throw new RangeError(`no kind has the number ${byte >>> 1}`);
  const value = (byte & 1) === 1 ? reader.hex(4) : reader.latin1(reader.varint());
  return { kind, value };
}

/** What all writers write into: texts are many and small. */
let scratch = Buffer.allocUnsafeSlow(64 * 1024);

class Writer {
  #length = 0;

  byte(value: number): void {
    this.#reserve(1);
    scratch[this.#length++] = value;
  }

  varint(value: number): void {
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) this.byte((rest & 0x7f) | 0x80);
    this.byte(rest);
  }

  hex(digits: string): void {
    this.#reserve(digits.length / 2);
    this.#length += scratch.write(digits, this.#length, 'hex');
  }

  latin1(text: string): void {
    this.#reserve(text.length);
    this.#length += scratch.write(text, this.#length, 'latin1');
  }

  /** A copy of all that was written. */
  taken(): Buffer {
    return Buffer.from(scratch.subarray(0, this.#length));
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= scratch.length) return;
    scratch = Buffer.concat([scratch], Math.max(2 * scratch.length, this.#length + bytes));
  }
}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  byte(): number {
    return this.#bytes[this.#take(1)]!;
  }

  varint(): number {
    let value = 0;
    for (let unit = 1; ; unit *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) return value;
    }
  }

  hex(bytes: number): string {
    const start = this.#take(bytes);
    return this.#bytes.toString('hex', start, start + bytes);
  }

  latin1(length: number): string {
    const start = this.#take(length);
    return this.#bytes.toString('latin1', start, start + length);
  }

  #take(bytes: number): number {
    const start = this.#at;
    if (start + bytes > this.#bytes.length) throw new RangeError(`cut at ${start}`);
    this.#at = start + bytes;
    return start;
  }
}

/** Compressed blocks of Zstandard (RFC 8878, section 3.1.1.3): literals, and sequences that place them. */

import { FormatError } from '../../core/errors.js';
import { copyMatch, type History } from './history.js';
import { ZSTD_BLOCK_BYTES } from './zstd-fields.js';
import {
  BackwardBits,
  buildFseTable,
  readFseTable,
  readHuffmanTable,
  rleFseTable,
  type FseTable,
  type HuffmanTable,
} from './zstd-entropy.js';

/** Decodes the blocks of one frame; tables and offsets carry over from block to block. */
export class ZstdBlockDecoder {
  readonly #history: History;
  readonly #blockBytes: number;
  /** The block, with zeros behind it that bits may be read from. */
  readonly #block = new Uint8Array(ZSTD_BLOCK_BYTES + 8);
  readonly #literals = new Uint8Array(ZSTD_BLOCK_BYTES);
  #literalBytes = 0;
  #huffman: HuffmanTable | null = null;
  #lengths: FseTable | null = null;
  #offsets: FseTable | null = null;
  #matches: FseTable | null = null;
  #repeats: readonly [number, number, number] = [1, 4, 8];

  /** `windowBytes` is what the frame's header says. */
  constructor(history: History, windowBytes: number) {
    this.#history = history;
    this.#blockBytes = Math.min(windowBytes, ZSTD_BLOCK_BYTES);
  }

  /** Most content of a block. */
  get blockBytes(): number {
    return this.#blockBytes;
  }

  /** Appends the block's content to the history. `offset` is that of the payload. Throws `FormatError`. */
  decode(payload: Uint8Array, offset: number): void {
    this.#block.set(payload);
    this.#block.fill(0, payload.length, payload.length + 8);
    const at = this.#readLiterals(payload.length, offset);
    this.#readSequences(at, payload.length, offset);
  }

  #readLiterals(end: number, offset: number): number {
    const block = this.#block;
    if (end < 2) throw new FormatError('zstd', offset, 'expected a block of two bytes or more');
    const kind = block[0]! & 3;
    const format = (block[0]! >>> 2) & 3;
    const word = block[0]! | (block[1]! << 8) | (block[2]! << 16);
    const need = (wanted: number): void => {
      if (wanted > end) throw new FormatError('zstd', offset + end, 'expected more literals');
    };
    if (kind < 2) {
      const headerBytes = format === 3 ? 3 : format === 1 ? 2 : 1;
      const size =
        format === 3 ? word >>> 4 : format === 1 ? (word & 0xffff) >>> 4 : block[0]! >>> 3;
      this.#setLiteralBytes(size, offset);
      const behind = headerBytes + (kind === 0 ? size : 1);
      need(behind);
      if (kind === 0) this.#literals.set(block.subarray(headerBytes, behind));
      else this.#literals.fill(block[headerBytes]!, 0, size);
      return behind;
    }
    const width = format < 2 ? 10 : format === 2 ? 14 : 18;
    const headerBytes = format < 2 ? 3 : format + 2;
    need(headerBytes);
    let value = 0;
    for (let i = headerBytes - 1; i >= 0; i--) value = value * 256 + block[i]!;
    value = Math.floor(value / 16);
    const size = value % 2 ** width;
    const compressed = Math.floor(value / 2 ** width);
    this.#setLiteralBytes(size, offset);
    const behind = headerBytes + compressed;
    need(behind);
    let at = headerBytes;
    if (kind === 2) {
      const tree = readHuffmanTable(block, at, behind, offset);
      this.#huffman = tree.table;
      at = tree.end;
    }
    if (this.#huffman === null)
      throw new FormatError('zstd', offset, 'expected a Huffman tree of a block before');
    if (format === 0) this.#readStream(this.#huffman, at, behind, [0, size], offset);
    else this.#readFourStreams(this.#huffman, at, behind, offset);
    return behind;
  }

  #setLiteralBytes(size: number, offset: number): void {
    if (size > this.#blockBytes)
      throw new FormatError('zstd', offset, `expected at most ${this.#blockBytes} literals`);
    this.#literalBytes = size;
  }

  #readFourStreams(huffman: HuffmanTable, at: number, end: number, offset: number): void {
    const block = this.#block;
    const size = this.#literalBytes;
    const quarter = (size + 3) >>> 2;
    if (end - at < 6 || quarter * 3 > size)
      throw new FormatError('zstd', offset + at, 'expected four streams of literals');
    let start = at + 6;
    for (let i = 0; i < 4; i++) {
      const length = i < 3 ? block[at + 2 * i]! | (block[at + 2 * i + 1]! << 8) : end - start;
      const stop = start + length;
      if (stop > end || length < 1)
        throw new FormatError('zstd', offset + at, 'expected streams within the literals');
      const to = i < 3 ? quarter * (i + 1) : size;
      this.#readStream(huffman, start, stop, [quarter * i, to], offset);
      start = stop;
    }
  }

  #readStream(
    huffman: HuffmanTable,
    start: number,
    end: number,
    [from, to]: readonly [number, number],
    offset: number,
  ): void {
    const bits = new BackwardBits(this.#block, start, end, offset + start);
    const literals = this.#literals;
    const { entries, longest } = huffman;
    for (let i = from; i < to; i++) {
      const entry = entries[bits.peek(longest)]!;
      bits.left -= entry & 15;
      literals[i] = entry >>> 4;
    }
    if (bits.left !== 0)
      throw new FormatError('zstd', offset + start, 'expected literals that use all bits');
  }

  #readSequences(start: number, end: number, offset: number): void {
    const block = this.#block;
    const history = this.#history;
    const fail = (detail: string): FormatError => new FormatError('zstd', offset + start, detail);
    if (start >= end) throw fail('expected sequences, found the end');
    let at = start + 1;
    let count = block[start]!;
    if (count === 255) {
      count = block[at]! + (block[at + 1]! << 8) + 0x7f00;
      at += 2;
    } else if (count >= 128) {
      count = ((count - 128) << 8) + block[at]!;
      at++;
    }
    if (at > end) throw fail('expected the number of sequences');
    if (count === 0) {
      if (at !== end) throw fail('expected nothing behind the literals');
      this.#place(this.#literals.subarray(0, this.#literalBytes));
      return;
    }
    const modes = at < end ? block[at++]! : 3;
    if ((modes & 3) !== 0) throw fail('expected modes of tables');
    const read = (mode: number, kind: Kind, before: FseTable | null): FseTable => {
      switch (mode & 3) {
        case 0:
          return kind.standard;
        case 1: {
          if (at >= end || block[at]! > kind.mostSymbol) throw fail('expected a symbol');
          return rleFseTable(block[at++]!);
        }
        case 2: {
          const result = readFseTable(block, at, end, { ...kind, origin: offset });
          at = result.end;
          return result.table;
        }
        default:
          if (before === null) throw fail('expected a table of a block before');
          return before;
      }
    };
    const lengths = (this.#lengths = read(modes >>> 6, LITERAL_LENGTHS, this.#lengths));
    const offsets = (this.#offsets = read(modes >>> 4, OFFSETS, this.#offsets));
    const matches = (this.#matches = read(modes >>> 2, MATCH_LENGTHS, this.#matches));
    const bits = new BackwardBits(block, at, end, offset + at);
    let lengthState = bits.take(lengths.accuracy);
    let offsetState = bits.take(offsets.accuracy);
    let matchState = bits.take(matches.accuracy);
    let [first, second, third] = this.#repeats;
    const out = history.bytes;
    const literals = this.#literals;
    let pos = history.pos;
    const limit = pos + this.#blockBytes;
    let literal = 0;
    for (let left = count; left > 0; left--) {
      const offsetCode = offsets.symbols[offsetState]!;
      let value = 2 ** offsetCode;
      if (offsetCode > 24) value += bits.take(offsetCode - 24) * 0x1000000 + bits.take(24);
      else value += bits.take(offsetCode);
      const matchCode = matches.symbols[matchState]!;
      const matchLength = MATCH_BASE[matchCode]! + bits.take(MATCH_BITS[matchCode]!);
      const lengthCode = lengths.symbols[lengthState]!;
      const literalLength = LENGTH_BASE[lengthCode]! + bits.take(LENGTH_BITS[lengthCode]!);
      if (left > 1) {
        lengthState = lengths.bases[lengthState]! + bits.take(lengths.bits[lengthState]!);
        matchState = matches.bases[matchState]! + bits.take(matches.bits[matchState]!);
        offsetState = offsets.bases[offsetState]! + bits.take(offsets.bits[offsetState]!);
      }
      if (bits.left < 0) throw fail('expected more bits of sequences');
      let distance: number;
      if (value > 3) {
        distance = value - 3;
        third = second;
        second = first;
        first = distance;
      } else {
        const index = literalLength === 0 ? value + 1 : value;
        distance = index === 1 ? first : index === 2 ? second : index === 3 ? third : first - 1;
        if (distance === 0) throw fail('expected an offset, found 0');
        if (index > 2) third = second;
        if (index > 1) second = first;
        first = distance;
      }
      if (literalLength > this.#literalBytes - literal || literalLength + matchLength > limit - pos)
        throw fail('expected sequences within the block');
      if (literalLength > 32) {
        out.set(literals.subarray(literal, literal + literalLength), pos);
        literal += literalLength;
        pos += literalLength;
      } else {
        for (const stop = literal + literalLength; literal < stop;)
          out[pos++] = literals[literal++]!;
      }
      if (distance > history.reach(pos)) throw history.tooFar(distance, pos, offset + start);
      copyMatch(out, pos, distance, matchLength);
      pos += matchLength;
    }
    if (bits.left !== 0) throw fail('expected sequences that use all bits');
    this.#repeats = [first, second, third];
    if (this.#literalBytes - literal > limit - pos)
      throw fail('expected literals within the block');
    history.pos = pos;
    this.#place(literals.subarray(literal, this.#literalBytes));
  }

  #place(literals: Uint8Array): void {
    this.#history.bytes.set(literals, this.#history.pos);
    this.#history.pos += literals.length;
  }
}

interface Kind {
  readonly mostAccuracy: number;
  readonly mostSymbol: number;
  readonly standard: FseTable;
}

/** Codes of lengths: 0 to 15 are themselves, the others a base and bits (section 3.1.1.3.2.1.1). */
const LENGTH_BITS = [
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12,
  13, 14, 15, 16,
];
const MATCH_BITS = [
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
  1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
];
const LENGTH_BASE = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 20, 22, 24, 28, 32, 40, 48, 64, 128,
  256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536,
];
const MATCH_BASE = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28,
  29, 30, 31, 32, 33, 34, 35, 37, 39, 41, 43, 47, 51, 59, 67, 83, 99, 131, 259, 515, 1027, 2051,
  4099, 8195, 16387, 32771, 65539,
];

/** The predefined distributions (section 3.1.1.3.2.2). */
const LITERAL_LENGTHS: Kind = {
  mostAccuracy: 9,
  mostSymbol: 35,
  standard: buildFseTable(
    [
      4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1,
      1, -1, -1, -1, -1,
    ],
    6,
  ),
};
const OFFSETS: Kind = {
  mostAccuracy: 8,
  mostSymbol: 31,
  standard: buildFseTable(
    [1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1],
    5,
  ),
};
const MATCH_LENGTHS: Kind = {
  mostAccuracy: 9,
  mostSymbol: 52,
  standard: buildFseTable(
    [
      1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
      1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1,
    ],
    6,
  ),
};

/**
 * The LZMA decoder (LZMA specification of the LZMA SDK): range coder, literals, matches. Serves LZMA2 chunks of known
 * size and endless streams alike. Numbers of 32 bits without sign are kept as signed ones and compared unsigned.
 */

import { FormatError } from '../../core/errors.js';
import { copyMatch, type History } from './history.js';

/** `input`: more bytes are needed; `output`: `limit` is reached; `end`: the end marker was met. */
export type LzmaStop = 'input' | 'output' | 'end';

export interface LzmaProperties {
  readonly literalContextBits: number;
  readonly literalPositionBits: number;
  readonly positionBits: number;
}

/** From the byte that has `(pb * 5 + lp) * 9 + lc`; null for one that is none. */
export function lzmaProperties(byte: number): LzmaProperties | null {
  if (byte >= 9 * 5 * 5) return null;
  const rest = Math.floor(byte / 9);
  return {
    literalContextBits: byte % 9,
    literalPositionBits: rest % 5,
    positionBits: Math.floor(rest / 5),
  };
}

/** No symbol takes more bytes of input than this. */
export const LZMA_SYMBOL_BYTES = 24;
/** No symbol gives more bytes of content than this. */
export const LZMA_MATCH_BYTES = 273;

export class LzmaDecoder {
  /** Next byte of input; set it before `run`, read it after. */
  at = 0;
  readonly #format: string;
  #probs: Uint16Array = new Uint16Array(0);
  #input: Uint8Array = new Uint8Array(0);
  #range = 0;
  #code = 0;
  #state = 0;
  #rep0 = 0;
  #rep1 = 0;
  #rep2 = 0;
  #rep3 = 0;
  #literalContextBits = 0;
  #literalPositionMask = 0;
  #positionMask = 0;

  constructor(format: string) {
    this.#format = format;
  }

  setProperties(properties: LzmaProperties): void {
    this.#literalContextBits = properties.literalContextBits;
    this.#literalPositionMask = (1 << properties.literalPositionBits) - 1;
    this.#positionMask = (1 << properties.positionBits) - 1;
    const size =
      LITERAL + (0x300 << (properties.literalContextBits + properties.literalPositionBits));
    if (this.#probs.length !== size) this.#probs = new Uint16Array(size);
    this.resetState();
  }

  resetState(): void {
    this.#probs.fill(PROB_INIT);
    this.#state = 0;
    this.#rep0 = 0;
    this.#rep1 = 0;
    this.#rep2 = 0;
    this.#rep3 = 0;
  }

  /** Reads the five bytes that start the range coder. */
  startRange(bytes: Uint8Array, at: number, offset: number): void {
    if (bytes[at] !== 0)
      throw new FormatError(
        this.#format,
        offset,
        `expected 0 in front of the code, found ${bytes[at]}`,
      );
    this.#range = -1;
    this.#code =
      (bytes[at + 1]! << 24) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 8) | bytes[at + 4]!;
    this.at = at + 5;
  }

  /** Whether the range coder has come to a proper end; takes the last byte if it is due. */
  isFinished(bytes: Uint8Array): boolean {
    this.#input = bytes;
    this.#normalize();
    return this.#code === 0;
  }

  /**
   * Decodes from `bytes[this.at..end)` into the history until its `pos` is at least `limit`. Stops for input while
   * fewer than `LZMA_SYMBOL_BYTES` are there, unless `isLast`. With `isHardLimit` no match may go beyond `limit`;
   * without, the history has room for one more. `origin` is the offset of `bytes[0]` in the input.
   */
  run(
    bytes: Uint8Array,
    end: number,
    isLast: boolean,
    history: History,
    limit: number,
    isHardLimit: boolean,
    origin: number,
  ): LzmaStop {
    this.#input = bytes;
    const probs = this.#probs;
    const out = history.bytes;
    const phase = history.phase;
    const safeEnd = isLast ? end : end - LZMA_SYMBOL_BYTES;
    let pos = history.pos;
    let isFirst = history.reach(pos) === 0;
    while (pos < limit) {
      if (this.at > safeEnd) {
        history.pos = pos;
        if (isLast) throw this.#truncated(origin + end);
        return 'input';
      }
      const posState = (pos + phase) & this.#positionMask;
      const state = this.#state;
      if (this.#bit(IS_MATCH + (state << 4) + posState) === 0) {
        const previous = isFirst ? 0 : out[pos - 1]!;
        isFirst = false;
        const context =
          (((pos + phase) & this.#literalPositionMask) << this.#literalContextBits) +
          (previous >>> (8 - this.#literalContextBits));
        const base = LITERAL + 0x300 * context;
        out[pos] =
          state < 7
            ? this.#literal(probs, base)
            : this.#matchedLiteral(probs, base, out[pos - this.#rep0 - 1]!);
        pos++;
        this.#state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
        continue;
      }
      let length: number;
      if (this.#bit(IS_REP + state) === 0) {
        this.#rep3 = this.#rep2;
        this.#rep2 = this.#rep1;
        this.#rep1 = this.#rep0;
        length = this.#length(LENGTH, posState);
        this.#state = state < 7 ? 7 : 10;
        this.#rep0 = this.#distance(length);
        if (this.#rep0 === -1) {
          history.pos = pos;
          if (this.at > end) throw this.#truncated(origin + end);
          return 'end';
        }
      } else {
        length = this.#repeated(state, posState);
      }
      // An unsigned number of 32 bits, plus one.
      const distance = (this.#rep0 >>> 0) + 1;
      if (distance > history.reach(pos)) {
        if (this.at > end) throw this.#truncated(origin + end);
        throw history.tooFar(distance, pos, origin + this.at);
      }
      if (isHardLimit && pos + length > limit)
        throw new FormatError(
          this.#format,
          origin + this.at,
          `expected a match of at most ${limit - pos} bytes, found ${length}`,
        );
      copyMatch(out, pos, distance, length);
      pos += length;
      isFirst = false;
    }
    history.pos = pos;
    if (this.at > end) throw this.#truncated(origin + end);
    return 'output';
  }

  #truncated(offset: number): FormatError {
    return new FormatError(this.#format, offset, 'expected more compressed bytes, found the end');
  }

  /** A repeated distance moves to the front; gives the length. */
  #repeated(state: number, posState: number): number {
    if (this.#bit(IS_REP_G0 + state) === 0) {
      if (this.#bit(IS_REP0_LONG + (state << 4) + posState) === 0) {
        this.#state = state < 7 ? 9 : 11;
        return 1;
      }
    } else {
      let distance: number;
      if (this.#bit(IS_REP_G1 + state) === 0) {
        distance = this.#rep1;
      } else {
        if (this.#bit(IS_REP_G2 + state) === 0) {
          distance = this.#rep2;
        } else {
          distance = this.#rep3;
          this.#rep3 = this.#rep2;
        }
        this.#rep2 = this.#rep1;
      }
      this.#rep1 = this.#rep0;
      this.#rep0 = distance;
    }
    this.#state = state < 7 ? 8 : 11;
    return this.#length(REP_LENGTH, posState);
  }

  #length(base: number, posState: number): number {
    if (this.#bit(base) === 0) return 2 + this.#tree(base + LEN_LOW + (posState << 3), 3);
    if (this.#bit(base + 1) === 0) return 10 + this.#tree(base + LEN_MID + (posState << 3), 3);
    return 18 + this.#tree(base + LEN_HIGH, 8);
  }

  /** One less than the distance, as a signed number; -1 marks the end. */
  #distance(length: number): number {
    const slot = this.#tree(POS_SLOT + ((length < 6 ? length - 2 : 3) << 6), 6);
    if (slot < 4) return slot;
    const bits = (slot >>> 1) - 1;
    const high = (2 | (slot & 1)) << bits;
    if (slot < 14) return high + this.#reverseTree(SPECIAL_POS + high - slot, bits);
    const middle = this.#direct(bits - 4) << 4;
    return (high + middle + this.#reverseTree(ALIGN, 4)) | 0;
  }

  #literal(probs: Uint16Array, base: number): number {
    const input = this.#input;
    let range = this.#range;
    let code = this.#code;
    let at = this.at;
    let symbol = 1;
    do {
      if ((range & 0xff000000) === 0) {
        range <<= 8;
        code = (code << 8) | input[at++]!;
      }
      const prob = probs[base + symbol]!;
      const bound = Math.imul(range >>> 11, prob);
      if (code >>> 0 < bound >>> 0) {
        range = bound;
        probs[base + symbol] = prob + ((2048 - prob) >>> 5);
        symbol <<= 1;
      } else {
        range = (range - bound) | 0;
        code = (code - bound) | 0;
        probs[base + symbol] = prob - (prob >>> 5);
        symbol = (symbol << 1) | 1;
      }
    } while (symbol < 0x100);
    this.#range = range;
    this.#code = code;
    this.at = at;
    return symbol & 0xff;
  }

  #matchedLiteral(probs: Uint16Array, base: number, match: number): number {
    const input = this.#input;
    let range = this.#range;
    let code = this.#code;
    let at = this.at;
    let symbol = 1;
    let offset = 0x100;
    let matched = match << 1;
    do {
      if ((range & 0xff000000) === 0) {
        range <<= 8;
        code = (code << 8) | input[at++]!;
      }
      const matchBit = matched & offset;
      matched <<= 1;
      const index = base + offset + matchBit + symbol;
      const prob = probs[index]!;
      const bound = Math.imul(range >>> 11, prob);
      if (code >>> 0 < bound >>> 0) {
        range = bound;
        probs[index] = prob + ((2048 - prob) >>> 5);
        symbol <<= 1;
        offset &= ~matchBit;
      } else {
        range = (range - bound) | 0;
        code = (code - bound) | 0;
        probs[index] = prob - (prob >>> 5);
        symbol = (symbol << 1) | 1;
        offset &= matchBit;
      }
    } while (symbol < 0x100);
    this.#range = range;
    this.#code = code;
    this.at = at;
    return symbol & 0xff;
  }

  #normalize(): void {
    if ((this.#range & 0xff000000) !== 0) return;
    this.#range <<= 8;
    this.#code = (this.#code << 8) | this.#input[this.at++]!;
  }

  #bit(index: number): 0 | 1 {
    if ((this.#range & 0xff000000) === 0) {
      this.#range <<= 8;
      this.#code = (this.#code << 8) | this.#input[this.at++]!;
    }
    const prob = this.#probs[index]!;
    const bound = Math.imul(this.#range >>> 11, prob);
    if (this.#code >>> 0 < bound >>> 0) {
      this.#range = bound;
      this.#probs[index] = prob + ((2048 - prob) >>> 5);
      return 0;
    }
    this.#range = (this.#range - bound) | 0;
    this.#code = (this.#code - bound) | 0;
    this.#probs[index] = prob - (prob >>> 5);
    return 1;
  }

  #tree(base: number, bits: number): number {
    let symbol = 1;
    for (let i = 0; i < bits; i++) symbol = (symbol << 1) | this.#bit(base + symbol);
    return symbol - (1 << bits);
  }

  #reverseTree(base: number, bits: number): number {
    let symbol = 1;
    let value = 0;
    for (let i = 0; i < bits; i++) {
      const bit = this.#bit(base + symbol);
      symbol = (symbol << 1) | bit;
      value |= bit << i;
    }
    return value;
  }

  #direct(bits: number): number {
    let value = 0;
    for (let i = 0; i < bits; i++) {
      this.#normalize();
      this.#range >>>= 1;
      const isSet = this.#code >>> 0 >= this.#range >>> 0;
      if (isSet) this.#code = (this.#code - this.#range) | 0;
      value = (value << 1) | (isSet ? 1 : 0);
    }
    return value;
  }
}

const PROB_INIT = 1024;
/** Where each set of probabilities starts in the one array. */
const IS_MATCH = 0;
const IS_REP = IS_MATCH + 12 * 16;
const IS_REP_G0 = IS_REP + 12;
const IS_REP_G1 = IS_REP_G0 + 12;
const IS_REP_G2 = IS_REP_G1 + 12;
const IS_REP0_LONG = IS_REP_G2 + 12;
const POS_SLOT = IS_REP0_LONG + 12 * 16;
const SPECIAL_POS = POS_SLOT + 4 * 64;
const ALIGN = SPECIAL_POS + 128;
const LENGTH = ALIGN + 16;
/** Within a length coder: two choices, then three trees. */
const LEN_LOW = 2;
const LEN_MID = LEN_LOW + 16 * 8;
const LEN_HIGH = LEN_MID + 16 * 8;
const REP_LENGTH = LENGTH + LEN_HIGH + 256;
const LITERAL = REP_LENGTH + LEN_HIGH + 256;

/** Content of a member with the CRC-32 of its bytes. */

import { crc32 } from 'node:zlib';

import type { RandomAccess } from '../../core/random-access.js';

type Content = RandomAccess | AsyncIterable<Uint8Array>;

export class WatchedContent {
  /** To be read in place of what was given. */
  readonly input: Content;
  #crc = 0;
  #isWhole = false;

  constructor(content: Content) {
    this.input = content;
    if (Symbol.asyncIterator in content) this.input = this.#watched(content);
  }

  /** Of all bytes; null for a stream that was not read to its end. Bytes at hand are read for it. */
  crc(): number | null {
    const { input } = this;
    if (Symbol.asyncIterator in input) return this.#isWhole ? this.#crc : null;
    let crc = 0;
    for (let at = 0; at < input.size; at += STEP)
      crc = crc32(input.read(at, Math.min(STEP, input.size - at)), crc);
    return crc;
  }

  async *#watched(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of content) {
      this.#crc = crc32(chunk, this.#crc);
      yield chunk;
    }
    this.#isWhole = true;
  }
}

const STEP = 1024 * 1024;

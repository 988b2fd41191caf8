/** Whether a part holds a secret: then sums over its bytes must not stand beside it, for they tell whether it was guessed. */

import type { RandomAccess } from '../../core/random-access.js';
import { isSecretContent, isSecretPath } from '../../core/secrets.js';
import { HEAD_BYTES } from '../define.js';

/** Content on its way into a part. */
export class WatchedContent {
  readonly input: RandomAccess | AsyncIterable<Uint8Array>;
  readonly #name: string;
  #head: Uint8Array = new Uint8Array(0);

  constructor(name: string, input: RandomAccess | AsyncIterable<Uint8Array>) {
    this.#name = name;
    if (Symbol.asyncIterator in input) this.input = this.#watch(input);
    else {
      this.input = input;
      this.#head = input.read(0, HEAD_BYTES);
    }
  }

  /** To be asked when the content was read: judges as the engine does, by name and first bytes. */
  get isSecret(): boolean {
    return isSecretPath(this.#name) || isSecretContent(this.#head);
  }

  async *#watch(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      if (this.#head.length < HEAD_BYTES)
        this.#head = Buffer.concat([this.#head, chunk.subarray(0, HEAD_BYTES - this.#head.length)]);
      yield chunk;
    }
  }
}

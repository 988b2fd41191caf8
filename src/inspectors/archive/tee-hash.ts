/** A stream that is hashed as it passes, and given up when the time is over. */

import { createHash, type Hash } from 'node:crypto';

import type { InspectContext } from '../define.js';

export class TeeHash {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #context: Pick<InspectContext, 'spend'>;
  readonly #hash: Hash | null;

  /** Without `isHashed` the time is watched, and nothing else. */
  constructor(
    source: AsyncIterable<Uint8Array>,
    context: Pick<InspectContext, 'spend'>,
    isHashed = true,
  ) {
    this.#hash = isHashed ? createHash('sha256') : null;
    this.#source = source[Symbol.asyncIterator]();
    this.#context = context;
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    for (let chunk = await this.#next(); chunk !== null; chunk = await this.#next()) {
      this.#context.spend(0);
      yield chunk;
    }
  }

  /** Reads what is left; SHA-256 of all bytes, the first 32 hex digits. */
  async finish(): Promise<string> {
    while ((await this.#next()) !== null);
    if (this.#hash === null) throw new Error('the stream was not hashed');
    return this.#hash.digest('hex').slice(0, 32);
  }

  async #next(): Promise<Uint8Array | null> {
    const step = await this.#source.next();
    if (step.done === true) return null;
    this.#hash?.update(step.value);
    return step.value;
  }
}

/** Pieces over bytes at hand and over streams; both are hashed as a whole, whatever an inspector reads of them. */

import { createHash, type Hash } from 'node:crypto';

import { bufferAccess, type RandomAccess } from '../../core/random-access.js';
import { HEAD_BYTES, type Piece } from '../define.js';
import { isStop, LimitError, type Stop } from './limits.js';

const CHUNK_BYTES = 1024 * 1024;

export function pieceOf(name: string, input: RandomAccess): Piece {
  return {
    name,
    size: input.size,
    head: input.read(0, HEAD_BYTES),
    chunks: () => chunksOf(input),
    random: () => Promise.resolve(input),
    whole: (limit) =>
      input.size > limit
        ? Promise.reject(tooLong(input.size, limit))
        : Promise.resolve(input.read(0, input.size)),
  };
}

/** Bytes from front to back. */
export async function* chunksOf(input: RandomAccess): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < input.size; offset += CHUNK_BYTES)
    yield input.read(offset, CHUNK_BYTES);
}

/** SHA-256 of all bytes, 64 hex digits. */
export function digestOf(input: RandomAccess): string {
  const hash = createHash('sha256');
  for (let offset = 0; offset < input.size; offset += CHUNK_BYTES)
    hash.update(input.read(offset, CHUNK_BYTES));
  return hash.digest('hex');
}

/** A stream that is hashed and counted as it passes. Damage or a used up budget upstream ends it early, as `failure`. */
export class HashedStream {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #check: () => void;
  readonly #hash: Hash = createHash('sha256');
  /** Chunks that were looked at and not yet handed out. */
  readonly #held: Uint8Array[] = [];
  #heldBytes = 0;
  #size = 0;
  #ended = false;
  #failure: Stop | null = null;
  #handedOut = false;

  /** `check` is asked before every chunk, and throws when nothing more is to be read. */
  constructor(stream: AsyncIterable<Uint8Array>, check: () => void = () => undefined) {
    this.#check = check;
    this.#source = stream[Symbol.asyncIterator]();
  }

  get hasEnded(): boolean {
    return this.#ended;
  }

  /** What ended it before its end. */
  get failure(): Stop | null {
    return this.#failure;
  }

  /** Reads until `bytes` are held or the stream ends; whether it has ended. */
  async hold(bytes: number): Promise<boolean> {
    while (this.#heldBytes < bytes && !this.#ended) {
      const next = await this.#next();
      if (next === null) break;
      this.#held.push(next);
      this.#heldBytes += next.length;
    }
    return this.#ended;
  }

  /** All that is held, in one piece. */
  held(): Uint8Array {
    if (this.#held.length > 1) this.#held.splice(0, this.#held.length, Buffer.concat(this.#held));
    return this.#held[0] ?? new Uint8Array(0);
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    if (this.#handedOut) throw new Error('the chunks of a stream were asked for twice');
    this.#handedOut = true;
    for (;;) {
      const held = this.#held.shift();
      if (held !== undefined) {
        this.#heldBytes -= held.length;
        yield held;
        continue;
      }
      const next = await this.#next();
      if (next === null) return;
      yield next;
    }
  }

  /** Reads what nobody read, and returns the size and the SHA-256 of all. */
  async finish(): Promise<{ readonly size: number; readonly digest: string }> {
    this.#held.length = 0;
    while ((await this.#next()) !== null);
    return { size: this.#size, digest: this.#hash.digest('hex') };
  }

  async #next(): Promise<Uint8Array | null> {
    if (this.#ended) return null;
    const value = await this.#pull();
    if (value === null) {
      this.#ended = true;
      return null;
    }
    this.#hash.update(value);
    this.#size += value.length;
    return value;
  }

  async #pull(): Promise<Uint8Array | null> {
    try {
      this.#check();
      const { done, value } = await this.#source.next();
      return done === true ? null : value;
    } catch (error) {
      if (!isStop(error)) throw error;
      this.#failure = error;
      return null;
    }
  }
}

/** A piece over a stream of which the first bytes are held already. */
export function streamPiece(name: string, stream: HashedStream, heldBytes: number): Piece {
  const hold = async (limit: number): Promise<Uint8Array> => {
    if (!(await stream.hold(limit + 1))) throw tooLong(null, limit);
    const held = stream.held();
    if (held.length > limit) throw tooLong(held.length, limit);
    return held;
  };
  return {
    name,
    size: null,
    head: stream.held().subarray(0, HEAD_BYTES),
    chunks: () => stream.chunks(),
    random: async () => bufferAccess(await hold(heldBytes)),
    whole: (limit) => hold(Math.min(limit, heldBytes)),
  };
}

function tooLong(size: number | null, limit: number): LimitError {
  return new LimitError(
    size === null ? `more than ${limit} bytes` : `${size} bytes, more than ${limit}`,
  );
}

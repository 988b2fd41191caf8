/** Compressed bytes, pulled as they are needed; what was pulled and not used goes back. */

import { FormatError } from '../../core/errors.js';

/** What decompression needs of a reader. */
export interface ByteInput {
  /** The next bytes, at least one; null at the end. The chunk stays unchanged while it is in use. */
  next(): Promise<Uint8Array | null>;
  /** Puts bytes back: the following `next()` gives them first. */
  unread(bytes: Uint8Array): void;
}

/** A `ByteInput` over chunks; `close` tells their producer that no more is wanted. */
export interface ChunkInput extends ByteInput {
  close(): Promise<void>;
}

export function chunkInput(chunks: AsyncIterable<Uint8Array>): ChunkInput {
  const iterator = chunks[Symbol.asyncIterator]();
  const returned: Uint8Array[] = [];
  let hasEnded = false;
  return {
    next: async () => {
      const back = returned.pop();
      if (back !== undefined) return back;
      while (!hasEnded) {
        const step = await iterator.next();
        if (step.done === true) hasEnded = true;
        else if (step.value.length > 0) return step.value;
      }
      return null;
    },
    unread: (bytes) => {
      if (bytes.length > 0) returned.push(bytes);
    },
    close: async () => {
      if (hasEnded) return;
      hasEnded = true;
      await iterator.return?.();
    },
  };
}

/**
 * A window on a `ByteInput`: `bytes[at..end)` are pulled and not yet used. Decoders move `at` themselves; `fill` makes
 * more available and may replace `bytes`.
 */
export class InputCursor {
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  end = 0;
  /** No more will come behind `end`. */
  isLast = false;
  readonly #source: ByteInput;
  /** Position in the input of `bytes[0]`. */
  #origin: number;

  /** `origin` is the position that the source's first byte is to have. */
  constructor(source: ByteInput, origin = 0) {
    this.#source = source;
    this.#origin = origin;
  }

  /** Bytes of the input in front of `at`. */
  get position(): number {
    return this.#origin + this.at;
  }

  get available(): number {
    return this.end - this.at;
  }

  /** Pulls until `wanted` bytes are available or the input ends; gives how many are. */
  async fill(wanted: number): Promise<number> {
    if (this.available >= wanted || this.isLast) return this.available;
    const chunks: Uint8Array[] = [];
    let total = this.available;
    if (total > 0) chunks.push(this.bytes.subarray(this.at, this.end));
    while (total < wanted) {
      const chunk = await this.#source.next();
      if (chunk === null) {
        this.isLast = true;
        break;
      }
      chunks.push(chunk);
      total += chunk.length;
    }
    this.#origin += this.at;
    this.bytes = chunks.length === 1 ? chunks[0]! : joined(chunks, total);
    this.at = 0;
    this.end = total;
    return total;
  }

  /** As `fill`, and throws `FormatError` when the input ends before. */
  async need(wanted: number, format: string): Promise<void> {
    const found = await this.fill(wanted);
    if (found < wanted)
      throw new FormatError(
        format,
        this.position + found,
        `expected ${wanted - found} more bytes, found the end`,
      );
  }

  /** The next `length` bytes, which must be available. Valid until the next `fill`. */
  take(length: number): Uint8Array {
    const taken = this.bytes.subarray(this.at, this.at + length);
    this.at += length;
    return taken;
  }

  /** Puts back the bytes that were taken last. */
  unread(bytes: Uint8Array): void {
    if (this.at >= bytes.length) {
      this.at -= bytes.length;
      return;
    }
    const rest = this.bytes.subarray(this.at, this.end);
    this.#origin += this.at - bytes.length;
    this.end = bytes.length + rest.length;
    this.bytes = joined([bytes, rest], this.end);
    this.at = 0;
  }

  /** What is available, and moves behind it. */
  takeAll(): Uint8Array {
    return this.take(this.available);
  }

  /** The next `length` bytes or what there is of them, left in place. Valid until the next `fill`. */
  peek(length: number): Uint8Array {
    return this.bytes.subarray(this.at, Math.min(this.end, this.at + length));
  }

  /** Moves behind the zeros that come next; gives how many they were. */
  async skipZeros(): Promise<number> {
    let count = 0;
    while ((await this.fill(1)) > 0) {
      const from = this.at;
      while (this.at < this.end && this.bytes[this.at] === 0) this.at++;
      count += this.at - from;
      if (this.at < this.end) break;
    }
    return count;
  }

  /** Gives back to the source what was pulled and not used. */
  release(): void {
    if (this.available > 0) this.#source.unread(this.bytes.subarray(this.at, this.end));
    this.#origin += this.at;
    this.bytes = new Uint8Array(0);
    this.at = 0;
    this.end = 0;
  }
}

function joined(chunks: readonly Uint8Array[], total: number): Uint8Array {
  const all = new Uint8Array(total);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

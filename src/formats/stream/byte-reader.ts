/**
 * Bytes pulled from a stream, in pieces of any size, with the position kept. Every question has a form that answers at once
 * when the bytes are there already (`try...`): an archive of a million members would spend its time in promises otherwise.
 *
 * What is handed out are views of the chunks that came in: copy what is kept, and never write to it.
 */

import { FormatError } from '../../core/errors.js';

export interface ByteReaderOptions {
  /** Named in errors. */
  readonly format?: string;
  /** What the first byte counts as. */
  readonly position?: number;
}

const NOTHING = new Uint8Array(0);

export class ByteReader {
  private readonly format: string;
  private readonly upstream: AsyncIterator<Uint8Array>;
  /** What has come and was not read: `held[first]` from `at` on, then the others. */
  private held: Uint8Array[] = [];
  private first = 0;
  private at = 0;
  private available = 0;
  private place: number;
  private hasEnded = false;

  constructor(source: AsyncIterable<Uint8Array>, options: ByteReaderOptions = {}) {
    this.upstream = source[Symbol.asyncIterator]();
    this.format = options.format ?? 'stream';
    this.place = options.position ?? 0;
  }

  /** Of the next byte. */
  get position(): number {
    return this.place;
  }

  /** Bytes that can be read without waiting. */
  get buffered(): number {
    return this.available;
  }

  /** Waits until `length` bytes are buffered or the end is known. Holds what it waits for: ask for little. */
  async fill(length: number): Promise<void> {
    while (this.available < length && !this.hasEnded) await this.pull();
  }

  /** The next `length` bytes, fewer at the end, left where they are; null when that takes waiting. */
  tryPeek(length: number): Uint8Array | null {
    if (this.available < length && !this.hasEnded) return null;
    const wanted = Math.min(length, this.available);
    if (wanted === 0) return NOTHING;
    const chunk = this.held[this.first]!;
    if (chunk.length - this.at >= wanted) return chunk.subarray(this.at, this.at + wanted);
    const joined = this.join(wanted);
    this.putBack(joined);
    return joined;
  }

  async peek(length: number): Promise<Uint8Array> {
    await this.fill(length);
    return this.tryPeek(length)!;
  }

  /** The next `length` bytes, fewer at the end; null, and nothing read, when that takes waiting. */
  tryTake(length: number): Uint8Array | null {
    if (this.available < length && !this.hasEnded) return null;
    const wanted = Math.min(length, this.available);
    if (wanted === 0) return NOTHING;
    this.place += wanted;
    const chunk = this.held[this.first]!;
    const end = this.at + wanted;
    if (chunk.length < end) return this.join(wanted);
    const bytes = chunk.subarray(this.at, end);
    this.available -= wanted;
    if (chunk.length === end) this.nextChunk();
    else this.at = end;
    return bytes;
  }

  /** Exactly the next `length` bytes; null, and nothing read, when that takes waiting. Throws `FormatError` at the end. */
  tryRead(length: number): Uint8Array | null {
    if (this.available < length) {
      if (this.hasEnded) throw this.cut(length);
      return null;
    }
    return this.tryTake(length);
  }

  async read(length: number): Promise<Uint8Array> {
    await this.fill(length);
    return this.tryRead(length)!;
  }

  /** Passes buffered bytes, `length` at most; how many they were. */
  trySkip(length: number): number {
    let left = Math.min(length, this.available);
    const skipped = left;
    while (left > 0) left -= this.tryChunk(left)!.length;
    return skipped;
  }

  /** Passes exactly `length` bytes. Throws `FormatError` at the end. */
  async skip(length: number): Promise<void> {
    for (let left = length; ;) {
      left -= this.trySkip(left);
      if (left === 0) return;
      if (this.hasEnded) throw this.cut(left);
      await this.pull();
    }
  }

  /** What is there of the next `length` bytes, as it came; null when nothing is, or at the end. */
  tryChunk(length: number): Uint8Array | null {
    if (this.available === 0 || length <= 0) return null;
    return this.tryTake(Math.min(length, this.held[this.first]!.length - this.at));
  }

  /** The next `length` bytes as they come; throws `FormatError` when the end comes first, unless `length` is Infinity. */
  async *chunks(length: number): AsyncGenerator<Uint8Array, void> {
    for (let left = length; left > 0;) {
      const chunk = this.tryChunk(left);
      if (chunk !== null) {
        left -= chunk.length;
        yield chunk;
      } else if (!this.hasEnded) await this.pull();
      else if (left === Infinity) return;
      else throw this.cut(left);
    }
  }

  /** The next chunk whatever its size, null at the end: the input of a decompressor. */
  async next(): Promise<Uint8Array | null> {
    await this.fill(1);
    return this.tryChunk(Infinity);
  }

  /** Puts bytes back in front: those read last, so that the position stays right. */
  unread(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.place -= bytes.length;
    this.putBack(bytes);
  }

  /** Passes zero bytes; how many they were. */
  async skipZeros(): Promise<number> {
    for (let count = 0; ;) {
      await this.fill(1);
      if (this.available === 0) return count;
      const chunk = this.held[this.first]!;
      const start = this.at;
      let at = start;
      while (at < chunk.length && chunk[at] === 0) at++;
      this.trySkip(at - start);
      count += at - start;
      if (at < chunk.length) return count;
    }
  }

  async atEnd(): Promise<boolean> {
    await this.fill(1);
    return this.available === 0;
  }

  /** True when the end is known and reached; false when bytes are there or may come. */
  get isDone(): boolean {
    return this.hasEnded && this.available === 0;
  }

  /** Lets go of the source; what was not read is lost. */
  async close(): Promise<void> {
    this.held = [];
    this.first = this.at = this.available = 0;
    if (this.hasEnded) return;
    this.hasEnded = true;
    await this.upstream.return?.();
  }

  private async pull(): Promise<void> {
    const step = await this.upstream.next();
    if (this.hasEnded) return;
    if (step.done === true) this.hasEnded = true;
    else if (step.value.length > 0) {
      this.held.push(step.value);
      this.available += step.value.length;
    }
  }

  /** Takes bytes that lie in several chunks. */
  private join(length: number): Buffer {
    const joined = Buffer.allocUnsafe(length);
    for (let filled = 0; filled < length;) {
      const chunk = this.held[this.first]!;
      const end = Math.min(chunk.length, this.at + length - filled);
      joined.set(chunk.subarray(this.at, end), filled);
      filled += end - this.at;
      if (end === chunk.length) this.nextChunk();
      else this.at = end;
    }
    this.available -= length;
    return joined;
  }

  private nextChunk(): void {
    this.at = 0;
    this.held[this.first++] = NOTHING;
    // Chunks that are used up go, a heap of them at a time.
    if (this.first === this.held.length) {
      this.held.length = 0;
      this.first = 0;
    } else if (this.first >= 1024) {
      this.held.splice(0, this.first);
      this.first = 0;
    }
  }

  private putBack(bytes: Uint8Array): void {
    if (this.at > 0) {
      this.held[this.first] = this.held[this.first]!.subarray(this.at);
      this.at = 0;
    }
    if (this.first > 0) this.held[--this.first] = bytes;
    else this.held.unshift(bytes);
    this.available += bytes.length;
  }

  private cut(missing: number): FormatError {
    return new FormatError(
      this.format,
      this.place,
      `${missing} more bytes are expected, the input ends ${this.available} bytes on`,
    );
  }
}

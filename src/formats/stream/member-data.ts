/** The data of one member of a stream: read once, as far as wanted, before the next member is asked for. */

import { FormatError } from '../../core/errors.js';
import type { ByteReader } from './byte-reader.js';

const NOTHING = new Uint8Array(0);

export class MemberData {
  /** Stored bytes, without padding. */
  readonly size: number;
  private readonly reader: ByteReader;
  private readonly paddingBytes: number;
  private left: number;
  private pad: Uint8Array | null = null;

  constructor(reader: ByteReader, size: number, paddingBytes: number) {
    this.reader = reader;
    this.size = size;
    this.paddingBytes = paddingBytes;
    this.left = size;
    if (size === 0 && paddingBytes === 0) this.pad = NOTHING;
  }

  /** Bytes of the data that were not read. */
  get remaining(): number {
    return this.left;
  }

  /** The bytes between the data and the next header, zeros mostly; null until the data was passed. */
  get padding(): Uint8Array | null {
    return this.pad;
  }

  /** All that remains, when it is buffered in one place: no waiting, no copy. Null otherwise, and nothing is read. */
  tryAll(): Uint8Array | null {
    if (this.left === 0) return NOTHING;
    if (this.reader.buffered < this.left) return null;
    const bytes = this.reader.tryTake(this.left);
    this.left = 0;
    return bytes;
  }

  /** All that remains; throws `FormatError` when that is more than `limit` bytes, or cut. */
  async all(limit: number): Promise<Uint8Array> {
    if (this.left > limit)
      throw new FormatError(
        'archive',
        this.reader.position,
        `data of ${this.left} bytes, ${limit} at most are read`,
      );
    const bytes = await this.reader.read(this.left);
    this.left = 0;
    return bytes;
  }

  /** What remains, as it comes: views, in pieces of any size. Throws `FormatError` when it is cut. */
  async *chunks(): AsyncGenerator<Uint8Array, void> {
    while (this.left > 0) {
      const chunk = this.tryChunk();
      if (chunk !== null) yield chunk;
      else await this.more();
    }
  }

  /** The next piece when it is there; null when that takes waiting (`more`), and when nothing remains. */
  tryChunk(): Uint8Array | null {
    const chunk = this.reader.tryChunk(this.left);
    if (chunk !== null) this.left -= chunk.length;
    return chunk;
  }

  /** Waits for the next piece; throws `FormatError` when the input ends first. */
  async more(): Promise<void> {
    await this.reader.fill(1);
    if (this.reader.isDone) await this.reader.read(this.left);
  }

  /** Passes what remains and the padding; false when that takes waiting (`finish`). */
  tryFinish(): boolean {
    if (this.left > 0) this.left -= this.reader.trySkip(this.left);
    if (this.left > 0) return false;
    this.pad ??= this.reader.tryRead(this.paddingBytes);
    return this.pad !== null;
  }

  async finish(): Promise<void> {
    if (this.left > 0) {
      await this.reader.skip(this.left);
      this.left = 0;
    }
    this.pad ??= await this.reader.read(this.paddingBytes);
  }
}

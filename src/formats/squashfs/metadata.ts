/** Metadata of squashfs: blocks of 8 KiB before compression, each with its length in front, that are read as one stream. */

import { FormatError } from '../../core/errors.js';
import type { RandomAccess } from '../../core/random-access.js';
import type { BlockContent } from './block-content.js';
import { SQUASHFS } from './superblock.js';

/** Content of a metadata block; all but the last of a table have as much. */
export const METADATA_BYTES = 8192;

/** A place in metadata: a block by its offset in the image, and an offset in its content. */
export interface MetadataPlace {
  readonly block: number;
  readonly offset: number;
}

export interface MetadataBlock {
  readonly content: Buffer;
  /** Where the next block lies in the image. */
  readonly end: number;
}

/** Blocks that are kept; neighbouring inodes and names share them. */
const KEPT_BLOCKS = 256;

export class Metadata {
  readonly #image: RandomAccess;
  readonly #contentOf: BlockContent;
  readonly #end: number;
  readonly #kept = new Map<number, MetadataBlock>();

  /** Reads nothing at or behind `end`. */
  constructor(image: RandomAccess, contentOf: BlockContent, end: number) {
    this.#image = image;
    this.#contentOf = contentOf;
    this.#end = Math.min(end, image.size);
  }

  /** Throws `FormatError`. */
  async block(at: number): Promise<MetadataBlock> {
    const kept = this.#kept.get(at);
    if (kept !== undefined) return kept;
    const block = await this.#read(at);
    if (this.#kept.size >= KEPT_BLOCKS) this.#kept.delete(this.#kept.keys().next().value!);
    this.#kept.set(at, block);
    return block;
  }

  cursor({ block, offset }: MetadataPlace): MetadataCursor {
    return new MetadataCursor(this, block, offset);
  }

  /** Bytes that the blocks from `start` on can hold together, up to the first that begins at or behind `end`. */
  capacity(start: number, end: number): number {
    let bytes = 0;
    for (let at = start; at < Math.min(end, this.#end) - 2; bytes += METADATA_BYTES) {
      const length = this.#header(at) & LENGTH;
      if (length === 0) break;
      at += 2 + length;
    }
    return bytes;
  }

  async #read(at: number): Promise<MetadataBlock> {
    if (!(at >= 0 && at + 2 < this.#end))
      throw new FormatError(SQUASHFS, at, 'expected a block of metadata');
    const header = this.#header(at);
    const length = header & LENGTH;
    const end = at + 2 + length;
    if (length === 0 || end > this.#end)
      throw new FormatError(SQUASHFS, at, `expected a block of metadata, found ${length} bytes`);
    const stored = this.#image.read(at + 2, length);
    if (stored.length < length)
      throw new FormatError(SQUASHFS, at, `expected ${length} bytes, found ${stored.length}`);
    const isStored = (header & STORED) !== 0;
    const content = isStored ? stored : await this.#contentOf(stored, METADATA_BYTES, at + 2);
    if (content.length === 0 || content.length > METADATA_BYTES)
      throw new FormatError(SQUASHFS, at, `expected metadata, found ${content.length} bytes`);
    return { content: Buffer.from(content.buffer, content.byteOffset, content.length), end };
  }

  #header(at: number): number {
    const [low = 0, high = 0] = this.#image.read(at, 2);
    return low | (high << 8);
  }
}

/** In front of each block. */
const LENGTH = 0x7fff;
const STORED = 0x8000;

/** Reads on from a place, from block to block. */
export class MetadataCursor {
  readonly #metadata: Metadata;
  #block: number;
  #offset: number;

  constructor(metadata: Metadata, block: number, offset: number) {
    this.#metadata = metadata;
    this.#block = block;
    this.#offset = offset;
  }

  get place(): MetadataPlace {
    return { block: this.#block, offset: this.#offset };
  }

  /** For errors: where in the image the block lies that is read. */
  get at(): number {
    return this.#block;
  }

  /** The next bytes, `length` of them; valid as long as the caller likes. Throws `FormatError` at the end of the metadata. */
  async take(length: number): Promise<Buffer> {
    const { content, end } = await this.#metadata.block(this.#block);
    const left = content.length - this.#offset;
    if (left < 0)
      throw new FormatError(SQUASHFS, this.#block, `no byte ${this.#offset} in a block`);
    if (length <= left) {
      const taken = content.subarray(this.#offset, this.#offset + length);
      this.#offset += length;
      return taken;
    }
    const taken = [content.subarray(this.#offset)];
    this.#block = end;
    this.#offset = 0;
    taken.push(await this.take(length - left));
    return Buffer.concat(taken);
  }
}

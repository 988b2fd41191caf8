/** Contents of squashfs files: data blocks one behind the other, holes, and an end that may lie in a fragment. */

import { FormatError } from '../../core/errors.js';
import { LimitError } from '../codec/codec.js';
import type { SquashfsImage } from './image.js';
import type { FileInode } from './inode.js';
import { SQUASHFS } from './superblock.js';

/** A block as it lies in the image. */
export interface StoredBlock {
  readonly offset: number;
  /** 0 for a hole. */
  readonly length: number;
  readonly isCompressed: boolean;
}

const STORED = 0x100_0000;
/** Fragments that are kept decompressed: files of one directory share them. */
const KEPT_BYTES = 8 * 1024 * 1024;
/** Sizes that are read at once. */
const SIZES = 512;

/** From a size as lists of blocks and the table of fragments have it. */
export function storedBlock(offset: number, sizeWord: number): StoredBlock {
  return { offset, length: sizeWord & (STORED - 1), isCompressed: (sizeWord & STORED) === 0 };
}

/** The blocks of a file without its fragment. Throws `FormatError`. */
export async function* blocksOf(
  image: SquashfsImage,
  { start, blockCount, blockSizes }: FileInode,
): AsyncGenerator<StoredBlock> {
  const cursor = image.metadata.cursor(blockSizes);
  let offset = start;
  for (let done = 0; done < blockCount; done += SIZES) {
    const count = Math.min(SIZES, blockCount - done);
    const words = await cursor.take(4 * count);
    for (let i = 0; i < count; i++) {
      const block = storedBlock(offset, words.readUInt32LE(4 * i));
      offset += block.length;
      yield block;
    }
  }
}

export class FileContents {
  /** Bytes of the fragments that were read, by number. */
  readonly fragmentBytes = new Map<number, number>();
  readonly #image: SquashfsImage;
  readonly #fragments = new Map<number, Uint8Array>();
  readonly #hole: Uint8Array;
  readonly #most: number;
  #left: number;

  /** `most`: bytes of content that are made, of fragments each time anew; beyond it a `LimitError` is thrown. */
  constructor(image: SquashfsImage, most: number) {
    this.#image = image;
    this.#most = most;
    this.#left = most;
    this.#hole = new Uint8Array(image.superblock.blockSize);
  }

  /** The content, block by block; chunks are not to be written to. Throws `FormatError` where it is damaged. */
  async *chunks(inode: FileInode): AsyncGenerator<Uint8Array> {
    const { blockSize } = this.#image.superblock;
    let left = inode.size;
    for await (const block of blocksOf(this.#image, inode)) {
      const wanted = Math.min(blockSize, left);
      const content =
        block.length === 0 ? this.#holeOf(wanted) : await this.#content(block, wanted);
      if (content.length !== wanted)
        throw new FormatError(
          SQUASHFS,
          block.offset,
          `expected a block of ${wanted} bytes, found ${content.length}`,
        );
      left -= wanted;
      yield content;
    }
    if (left > 0) yield await this.#tail(inode, left);
  }

  /** The content of a small file in one piece. Throws `FormatError` where it is damaged. */
  async whole(inode: FileInode): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for await (const chunk of this.chunks(inode)) parts.push(chunk);
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  }

  /** Throws `FormatError`. */
  async fragment(index: number): Promise<Uint8Array> {
    const kept = this.#fragments.get(index);
    if (kept !== undefined) return kept;
    const { start, sizeWord } = await this.#image.fragment(index);
    const { blockSize } = this.#image.superblock;
    const content = await this.#content(storedBlock(start, sizeWord), blockSize);
    if ((this.#fragments.size + 1) * blockSize > KEPT_BYTES)
      this.#fragments.delete(this.#fragments.keys().next().value ?? -1);
    this.#fragments.set(index, content);
    this.fragmentBytes.set(index, content.length);
    return content;
  }

  async #tail({ fragment }: FileInode, length: number): Promise<Uint8Array> {
    if (fragment === null) throw new FormatError(SQUASHFS, 0, 'a file without its end');
    const { index, offset } = fragment;
    const content = await this.fragment(index);
    if (offset + length > content.length)
      throw new FormatError(
        SQUASHFS,
        (await this.#image.fragment(index)).start,
        `expected ${length} bytes at ${offset} of fragment ${index}, found ${content.length} in all`,
      );
    return content.subarray(offset, offset + length);
  }

  #holeOf(length: number): Uint8Array {
    this.#spend(length, 0);
    return this.#hole.subarray(0, length);
  }

  async #content(block: StoredBlock, most: number): Promise<Uint8Array> {
    const { blockSize, bytesUsed } = this.#image.superblock;
    const { offset, length, isCompressed } = block;
    if (length > blockSize || offset + length > Math.min(bytesUsed, this.#image.bytes.size))
      throw new FormatError(SQUASHFS, offset, `expected a block, found ${length} bytes`);
    this.#spend(most, offset);
    const bytes = this.#image.bytes.read(offset, length);
    if (bytes.length < length)
      throw new FormatError(SQUASHFS, offset, `expected ${length} bytes, found ${bytes.length}`);
    return isCompressed ? this.#image.contentOf(bytes, most, offset) : bytes;
  }

  #spend(length: number, offset: number): void {
    this.#left -= length;
    if (this.#left < 0) throw new LimitError(SQUASHFS, offset, 'output', this.#most);
  }
}

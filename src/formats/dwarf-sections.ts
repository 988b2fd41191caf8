/**
 * The sections DWARF is in, unpacked and relocated where needed: SHF_COMPRESSED (gABI, "Section Compression"),
 * `.zdebug_*` of older GNU tools, and object files, whose references between sections the linker has yet to fill in.
 */

import { inflateSync } from 'node:zlib';

import { FormatError } from '../core/errors.js';
import { rangePages } from './elf-content.js';
import { readStructure, structureBytes } from './elf-layout.js';
import { ET, SHT, type ByteRange, type Elf, type ElfSection } from './elf.js';
import { orProblem, type ElfProblem } from './elf-problems.js';
import { addRelocations, hasRelocations } from './elf-relocate.js';
import { PagedBytes } from './paged-bytes.js';

export type DebugCompression = 'none' | 'zlib' | 'zdebug';

export interface DebugSection {
  /** `.debug_info`, also where the file has `.zdebug_info`. */
  readonly name: string;
  readonly index: number;
  readonly compression: DebugCompression;
  readonly bytes: PagedBytes;
  /** Where its bytes start in the file; null when they come out of a compressed section. */
  readonly fileOffset: number | null;
}

const SHF_COMPRESSED = 0x800n;
const ZLIB = 1n;
const ZSTD = 2n;
const ZDEBUG_HEADER = 12;

/** Hands out sections by name, each read once, all of them within `maxBytes` of memory. */
export class DebugSections {
  readonly problems: ElfProblem[];
  private readonly elf: Elf;
  private left: number;
  private readonly known = new Map<string, readonly DebugSection[]>();

  constructor(elf: Elf, maxBytes: number, problems: ElfProblem[]) {
    this.elf = elf;
    this.left = maxBytes;
    this.problems = problems;
  }

  /** The first of that name; null when the file has none, or none that could be read. */
  get(name: string): DebugSection | null {
    return this.all(name)[0] ?? null;
  }

  /** An object file has one `.debug_info` for each group of sections. What cannot be read is a problem, told once. */
  all(name: string): readonly DebugSection[] {
    const before = this.known.get(name);
    if (before !== undefined) return before;
    const packedName = name.replace('.debug_', '.zdebug_');
    const found = this.elf.sections
      .filter((section) => section.name === name || section.name === packedName)
      .map((section) => orProblem(this.problems, () => this.open(name, section)))
      .filter((section) => section !== null);
    this.known.set(name, found);
    return found;
  }

  private open(name: string, section: ElfSection): DebugSection | null {
    const { index, content: range } = section;
    if (range === null) return null;
    const compression = compressionOf(section);
    if (compression === 'none' && !this.needsRelocation(index)) {
      const bytes = rangePages(this.elf, range, 'dwarf');
      return { name, index, compression, bytes, fileOffset: range.offset };
    }
    const content = compression === 'none' ? this.copy(range) : this.unpack(range, compression);
    if (this.needsRelocation(index)) addRelocations(this.elf, index, content);
    const fileOffset = compression === 'none' ? range.offset : null;
    const bytes = PagedBytes.of(content, this.elf.littleEndian, 'dwarf', fileOffset ?? 0);
    return { name, index, compression, bytes, fileOffset };
  }

  private needsRelocation(index: number): boolean {
    return this.elf.type === ET.relocatable && hasRelocations(this.elf, index);
  }

  private copy(range: ByteRange): Uint8Array {
    this.spend(range, range.bytes);
    return new Uint8Array(this.elf.input.read(range.offset, range.bytes));
  }

  private unpack(range: ByteRange, compression: 'zlib' | 'zdebug'): Uint8Array {
    const pages = rangePages(this.elf, range, 'dwarf');
    const { size, headerBytes } =
      compression === 'zlib' ? compressionHeader(this.elf, pages) : zdebugHeader(pages);
    this.spend(range, size);
    this.spend(range, range.bytes);
    const packed = pages.bytes(headerBytes, range.bytes - headerBytes);
    const content = inflated(packed, size, range.offset);
    if (content.length !== size)
      throw new FormatError(
        'dwarf',
        range.offset,
        `expected ${size} bytes unpacked, found ${content.length}`,
      );
    return content;
  }

  private spend({ offset }: ByteRange, bytes: number): void {
    if (bytes > this.left)
      throw new FormatError('dwarf', offset, `${bytes} bytes in memory are more than may be used`);
    this.left -= bytes;
  }
}

function compressionOf({ flags, name, type }: ElfSection): DebugCompression {
  if (type !== SHT.nobits && (flags & SHF_COMPRESSED) !== 0n) return 'zlib';
  return name.startsWith('.zdebug_') ? 'zdebug' : 'none';
}

function compressionHeader(elf: Elf, pages: PagedBytes) {
  const raw = readStructure('compression', elf.bits, pages, 0);
  if (raw.ch_type === ZSTD) throw pages.error(0, 'zstd compression is not supported');
  if (raw.ch_type !== ZLIB) throw pages.error(0, `unknown compression ${raw.ch_type}`);
  return { size: sizeOf(pages, raw.ch_size), headerBytes: structureBytes('compression', elf.bits) };
}

/** `ZLIB` and the size in eight bytes, big-endian whatever the file is. */
function zdebugHeader(pages: PagedBytes) {
  const head = pages.bytes(0, ZDEBUG_HEADER);
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (view.getUint32(0) !== 0x5a4c4942) throw pages.error(0, 'expected ZLIB');
  return { size: sizeOf(pages, view.getBigUint64(4)), headerBytes: ZDEBUG_HEADER };
}

function sizeOf(pages: PagedBytes, size: bigint): number {
  if (size > BigInt(Number.MAX_SAFE_INTEGER)) throw pages.error(0, `${size} bytes unpacked`);
  return Number(size);
}

function inflated(packed: Uint8Array, size: number, offset: number): Uint8Array {
  try {
    // One byte more than expected: zlib refuses a limit of 0, and a longer stream is to be noticed.
    return new Uint8Array(inflateSync(packed, { maxOutputLength: size + 1 }));
  } catch (error) {
    throw new FormatError('dwarf', offset, `zlib: ${String(error)}`);
  }
}

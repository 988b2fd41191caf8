/** The bytes of sections and segments, read whole where they are small and page by page where they may not be. */

import { FormatError } from '../core/errors.js';
import { windowAccess } from '../core/random-access.js';
import type { ByteRange, Elf, ElfSection } from './elf.js';
import { PagedBytes, latin1 } from './paged-bytes.js';

/** A string and where it stands in the file. */
export interface ElfText {
  /** Latin1, one char per byte. */
  readonly text: string;
  readonly offset: number;
}

/** Notes, comments and the like are small; what is larger is not read. */
const MAX_SMALL = 16 * 1024 * 1024;

/** A range as a whole. Throws `FormatError` when it is larger than 16 MiB. */
export function rangeBytes(elf: Elf, { offset, bytes }: ByteRange): Uint8Array {
  if (bytes > MAX_SMALL)
    throw new FormatError('elf', offset, `${bytes} bytes are more than ${MAX_SMALL}`);
  return elf.input.read(offset, bytes);
}

/** A range page by page; offsets in it count from its start, those in its errors from that of the file. */
export function rangePages(elf: Elf, { offset, bytes }: ByteRange, format = 'elf'): PagedBytes {
  return new PagedBytes(windowAccess(elf.input, offset, bytes), elf.littleEndian, format, offset);
}

/** The strings between the NULs of a section such as `.comment` or `.GCC.command.line`; empty ones are left out. */
export function sectionStrings(elf: Elf, section: ElfSection | undefined): readonly ElfText[] {
  const range = section?.content;
  if (range === undefined || range === null) return [];
  const all = latin1(rangeBytes(elf, range));
  const found: ElfText[] = [];
  for (let start = 0; start < all.length;) {
    const nul = all.indexOf('\0', start);
    const end = nul < 0 ? all.length : nul;
    if (end > start) found.push({ text: all.slice(start, end), offset: range.offset + start });
    start = end + 1;
  }
  return found;
}

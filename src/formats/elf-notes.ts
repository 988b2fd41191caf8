/** Notes: pieces of metadata with an owner and a type (gABI, chapter 5, "Note Section"; elf(5)). */

import { FormatError } from '../core/errors.js';
import { rangeBytes } from './elf-content.js';
import { PT, SHT, type ByteRange, type Elf } from './elf.js';
import { orProblem, type ElfProblem } from './elf-problems.js';
import { PagedBytes, latin1 } from './paged-bytes.js';

export interface ElfNote {
  /** Name of the section, or `segment 3` where no section has it. */
  readonly container: string;
  /** Of the note's header: bytes of the name, bytes of the data, type, four bytes each. */
  readonly offset: number;
  /** Behind the padding of the data. */
  readonly end: number;
  /** Latin1, without the NULs at its end; `GNU`, `FDO`, `Go`. */
  readonly owner: string;
  readonly ownerOffset: number;
  /** Its meaning is the owner's. */
  readonly type: number;
  readonly descOffset: number;
  readonly desc: Uint8Array;
}

export interface ElfNotes {
  readonly notes: readonly ElfNote[];
  readonly problems: readonly ElfProblem[];
}

const HEADER = 12;

/** The notes of all note sections, then of note segments that no note section covers; each once. */
export function readElfNotes(elf: Elf): ElfNotes {
  const notes: ElfNote[] = [];
  const problems: ElfProblem[] = [];
  const done: ByteRange[] = [];
  for (const { container, range, align } of containersOf(elf)) {
    if (done.some(({ offset, bytes }) => range.offset >= offset && range.offset < offset + bytes))
      continue;
    done.push(range);
    orProblem(problems, () => {
      const all = rangeBytes(elf, range);
      for (let at = 0; at < all.length;) {
        const note = readNote(elf, all, at, { container, base: range.offset, align });
        notes.push(note);
        at = note.end - range.offset;
      }
    });
  }
  return { notes, problems };
}

function* containersOf(elf: Elf) {
  for (const { type, content, name, index, raw } of elf.sections)
    if (type === SHT.note && content !== null)
      yield {
        container: name === '' ? `section ${index}` : name,
        range: content,
        align: alignOf(raw.sh_addralign),
      };
  for (const { type, content, index, raw } of elf.segments)
    if (type === PT.note && content !== null)
      yield { container: `segment ${index}`, range: content, align: alignOf(raw.p_align) };
}

/** 8 in the 64-bit files that say so (GNU properties), otherwise 4. */
function alignOf(align: bigint): number {
  return align === 8n ? 8 : 4;
}

interface Place {
  readonly container: string;
  /** Offset in the file of what `all` holds. */
  readonly base: number;
  readonly align: number;
}

function readNote(elf: Elf, all: Uint8Array, at: number, { container, base, align }: Place) {
  const offset = base + at;
  if (at + HEADER > all.length) throw new FormatError('elf note', offset, 'a header is cut');
  const head = PagedBytes.of(all.subarray(at, at + HEADER), elf.littleEndian, 'elf note');
  const ownerBytes = head.u32(0);
  const descBytes = head.u32(4);
  const descAt = roundUp(at + HEADER + ownerBytes, align);
  const descEnd = descAt + descBytes;
  if (at + HEADER + ownerBytes > all.length || (descBytes > 0 && descEnd > all.length))
    throw new FormatError('elf note', offset, 'an owner or data beyond the end');
  return {
    container,
    offset,
    // The last one may go without its padding.
    end: base + Math.min(all.length, roundUp(descEnd, align)),
    owner: latin1(all.subarray(at + HEADER, at + HEADER + ownerBytes)).replace(/\0+$/, ''),
    ownerOffset: offset + HEADER,
    type: head.u32(8),
    descOffset: base + Math.min(all.length, descAt),
    desc: all.subarray(descAt, descEnd),
  };
}

function roundUp(value: number, align: number): number {
  return Math.ceil(value / align) * align;
}

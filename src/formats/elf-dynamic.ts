/** What the dynamic linker is told (gABI, chapter 5, "Dynamic Section"), and the interpreter that is asked for. */

import { FormatError } from '../core/errors.js';
import { rangeBytes, rangePages, type ElfText } from './elf-content.js';
import { PT, SHT, type ByteRange, type Elf } from './elf.js';
import { orProblem, type ElfProblem } from './elf-problems.js';
import { latin1, type PagedBytes } from './paged-bytes.js';

export interface ElfDynamicEntry {
  /** Of the tag; the value stands right behind it. */
  readonly offset: number;
  readonly tag: bigint;
  /** `NEEDED`, without `DT_`; the number in hex where we know no name. */
  readonly name: string;
  readonly value: bigint;
  /** For tags whose value points to a string; null when it is not there. */
  readonly string: ElfText | null;
}

export interface ElfDynamic {
  /** Up to DT_NULL, which is left out. */
  readonly entries: readonly ElfDynamicEntry[];
  readonly problems: readonly ElfProblem[];
}

const STRTAB = 5n;
const STRSZ = 10n;
const TAGS: ReadonlyMap<bigint, string> = new Map(
  Object.entries({
    NEEDED: 1,
    PLTRELSZ: 2,
    PLTGOT: 3,
    HASH: 4,
    STRTAB: 5,
    SYMTAB: 6,
    RELA: 7,
    RELASZ: 8,
    RELAENT: 9,
    STRSZ: 10,
    SYMENT: 11,
    INIT: 12,
    FINI: 13,
    SONAME: 14,
    RPATH: 15,
    SYMBOLIC: 16,
    REL: 17,
    RELSZ: 18,
    RELENT: 19,
    PLTREL: 20,
    DEBUG: 21,
    TEXTREL: 22,
    JMPREL: 23,
    BIND_NOW: 24,
    INIT_ARRAY: 25,
    FINI_ARRAY: 26,
    INIT_ARRAYSZ: 27,
    FINI_ARRAYSZ: 28,
    RUNPATH: 29,
    FLAGS: 30,
    PREINIT_ARRAY: 32,
    PREINIT_ARRAYSZ: 33,
    SYMTAB_SHNDX: 34,
    RELRSZ: 35,
    RELR: 36,
    RELRENT: 37,
    GNU_PRELINKED: 0x6ffffdf5,
    CHECKSUM: 0x6ffffdf8,
    GNU_HASH: 0x6ffffef5,
    CONFIG: 0x6ffffefa,
    DEPAUDIT: 0x6ffffefb,
    AUDIT: 0x6ffffefc,
    VERSYM: 0x6ffffff0,
    RELACOUNT: 0x6ffffff9,
    RELCOUNT: 0x6ffffffa,
    FLAGS_1: 0x6ffffffb,
    VERDEF: 0x6ffffffc,
    VERDEFNUM: 0x6ffffffd,
    VERNEED: 0x6ffffffe,
    VERNEEDNUM: 0x6fffffff,
    AUXILIARY: 0x7ffffffd,
    FILTER: 0x7fffffff,
  }).map(([name, tag]) => [BigInt(tag), name]),
);
const STRINGS: ReadonlySet<string> = new Set(
  'NEEDED SONAME RPATH RUNPATH CONFIG DEPAUDIT AUDIT AUXILIARY FILTER'.split(' '),
);
const MAX_ENTRIES = 100_000;
const MAX_STRING = 64 * 1024;
/** All strings together. */
const MAX_STRINGS = 16 * 1024 * 1024;

/** The dynamic section, or the segment where there are no sections; no entries when there is neither. */
export function readElfDynamic(elf: Elf): ElfDynamic {
  const problems: ElfProblem[] = [];
  const section = elf.sections.find(({ type }) => type === SHT.dynamic);
  const range = section?.content ?? elf.segments.find(({ type }) => type === PT.dynamic)?.content;
  if (range === null || range === undefined) return { entries: [], problems };
  const raw = orProblem(problems, () => rawEntries(elf, range)) ?? [];
  const strings = stringsOf(elf, raw, section?.link);
  let left = MAX_STRINGS;
  const entries = raw.map((entry) => {
    const name = TAGS.get(entry.tag) ?? `0x${entry.tag.toString(16)}`;
    const string = STRINGS.has(name)
      ? orProblem(problems, () => stringAt(strings, entry, Math.min(left, MAX_STRING)))
      : null;
    left -= string?.text.length ?? 0;
    return { ...entry, name, string };
  });
  return { entries, problems };
}

/** The path in PT_INTERP or `.interp`. */
export function elfInterpreter(elf: Elf): ElfText | null {
  const segment = elf.segments.find(({ type }) => type === PT.interp)?.content;
  const range = segment ?? elf.sections.find(({ name }) => name === '.interp')?.content;
  if (range === null || range === undefined || range.bytes > MAX_STRING) return null;
  return { text: latin1(rangeBytes(elf, range)).split('\0', 1)[0] ?? '', offset: range.offset };
}

/** Where an address is in the file, by the segments that are loaded; null when nowhere. */
export function fileOffsetOf(elf: Elf, address: bigint): number | null {
  for (const { type, raw, content } of elf.segments) {
    if (type !== PT.load || content === null) continue;
    const into = address - raw.p_vaddr;
    if (into >= 0n && into < BigInt(content.bytes)) return content.offset + Number(into);
  }
  return null;
}

interface RawEntry {
  readonly offset: number;
  readonly tag: bigint;
  readonly value: bigint;
}

function rawEntries(elf: Elf, range: ByteRange): readonly RawEntry[] {
  const word = elf.bits / 8;
  const bytes = rangePages(elf, range, 'elf dynamic');
  const entries: RawEntry[] = [];
  for (let at = 0; at + 2 * word <= range.bytes && entries.length < MAX_ENTRIES; at += 2 * word) {
    const tag = bytes.unsigned(at, word);
    if (tag === 0n) break;
    entries.push({ offset: range.offset + at, tag, value: bytes.unsigned(at + word, word) });
  }
  return entries;
}

interface Strings {
  readonly bytes: PagedBytes;
  readonly base: number;
}

function stringsOf(elf: Elf, entries: readonly RawEntry[], link: number | undefined) {
  const linked = link === undefined ? null : (elf.sections[link]?.content ?? null);
  if (linked !== null) return { bytes: rangePages(elf, linked), base: linked.offset };
  const address = entries.find(({ tag }) => tag === STRTAB)?.value;
  const size = entries.find(({ tag }) => tag === STRSZ)?.value;
  const offset = address === undefined ? null : fileOffsetOf(elf, address);
  if (offset === null || size === undefined) return null;
  const there = BigInt(elf.input.size - offset);
  const bytes = Number(size < there ? size : there);
  return { bytes: rangePages(elf, { offset, bytes }), base: offset };
}

function stringAt(strings: Strings | null, entry: RawEntry, maxBytes: number): ElfText {
  if (strings === null) throw new FormatError('elf dynamic', entry.offset, 'no table of strings');
  const { text, at } = strings.bytes.text(Number(entry.value), maxBytes);
  return { text, offset: strings.base + at };
}

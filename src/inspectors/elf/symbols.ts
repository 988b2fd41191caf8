/** Symbol tables: source files that they name, and which symbols there are, whatever their order. */

import { createHash } from 'node:crypto';

import type { FactRow } from '../../core/facts.js';
import { rangePages, type ElfText } from '../../formats/elf-content.js';
import { structureBytes } from '../../formats/elf-layout.js';
import { orProblem } from '../../formats/elf-problems.js';
import { SHT, type Elf, type ElfSection } from '../../formats/elf.js';
import type { ElfFindings } from './elf.js';
import { lastPart } from './last-part.js';
import type { SectionSort } from './sections.js';

/**
 * What the bytes of symbol tables and of their strings mean, by index: where names, sizes and types of all symbols are told,
 * they only place them.
 */
export function symbolFacts(elf: Elf, found: ElfFindings): ReadonlyMap<number, SectionSort> {
  const sorts = new Map<number, SectionSort>();
  const names = elf.sections[Number(elf.header.raw.e_shstrndx)];
  if (names?.type === SHT.strtab) sorts.set(names.index, 'layout');
  sourceFiles(elf, found);
  for (const section of elf.sections) {
    if (section.type !== SHT.symtab && section.type !== SHT.dynsym) continue;
    const value = symbolsDigest(elf, section);
    if (value === null) {
      // The names of sections may be in the same table.
      if (sorts.has(section.link)) sorts.set(section.link, 'derived');
      continue;
    }
    const name = `symbols of ${section.name}`;
    found.facts.push({ name, kind: 'opaque', value, offset: section.content?.offset ?? null });
    sorts.set(section.index, 'layout');
    sorts.set(section.link, 'layout');
  }
  return sorts;
}

/** Rows by the last part of the path, so that a changed directory is a changed path. */
function sourceFiles(elf: Elf, found: ElfFindings): void {
  const rows: FactRow[] = [];
  for (const section of elf.sections)
    if (section.type === SHT.symtab)
      orProblem(found.problems, () => {
        for (const { text, offset } of fileNames(elf, section)) {
          found.told.add(offset, text.length);
          rows.push({ key: lastPart(text), values: [text], offset, part: null });
        }
      });
  const columns = [{ name: 'STT_FILE', kind: 'path' }] as const;
  if (rows.length > 0) found.tables.push({ name: 'source', ordered: true, columns, rows });
}

/** They are local symbols, which come before all others: `sh_info` is the first of those (gABI, "Symbol Table"). */
function* fileNames(elf: Elf, { content, link, raw }: ElfSection): Generator<ElfText> {
  const strings = elf.sections[link]?.content ?? null;
  if (content === null || strings === null) return;
  const entry = structureBytes('symbol', elf.bits);
  const infoAt = elf.bits === 64 ? 4 : 12;
  const count = Math.floor(content.bytes / entry);
  const local = raw.sh_info < BigInt(count) ? Number(raw.sh_info) : count;
  const table = rangePages(elf, content);
  const names = rangePages(elf, strings);
  let left = MOST_FILES;
  for (let index = 0; index < local && left > 0; index++) {
    if ((table.u8(index * entry + infoAt) & 15) !== STT_FILE) continue;
    const { text, at } = names.text(table.u32(index * entry), LONGEST_NAME);
    left--;
    if (text !== '') yield { text, offset: strings.offset + at };
  }
}

/** Of names, types, bindings and sizes in a sorted sequence; null when there are too many, or they make no sense. */
function symbolsDigest(elf: Elf, { content, link }: ElfSection): string | null {
  const strings = elf.sections[link]?.content ?? null;
  const entry = structureBytes('symbol', elf.bits);
  if (content === null || strings === null) return null;
  const count = Math.floor(content.bytes / entry);
  if (count > MOST_SYMBOLS || strings.bytes > MOST_NAMES || content.bytes % entry !== 0)
    return null;
  return orProblem([], () => {
    const table = rangePages(elf, content);
    const names = rangePages(elf, strings);
    const [infoAt, sizeAt] = elf.bits === 64 ? [4, 16] : [12, 8];
    const symbols: string[] = [];
    let left = 4 * MOST_NAMES;
    for (let at = 0; at < content.bytes; at += entry) {
      const info = table.u8(at + infoAt);
      if ((info & 15) === STT_FILE) continue;
      const name = names.text(table.u32(at), strings.bytes).text;
      if ((left -= name.length) < 0) return null;
      const isUndefined = table.u16(at + infoAt + 2) === 0;
      const size = table.unsigned(at + sizeAt, elf.bits / 8);
      symbols.push(`${name}\0${info} ${table.u8(at + infoAt + 1)} ${isUndefined} ${size}`);
    }
    const hash = createHash('sha256');
    for (const symbol of symbols.sort()) hash.update(`${symbol}\0`, 'latin1');
    return hash.digest('hex').slice(0, 32);
  });
}

const STT_FILE = 4;
const MOST_FILES = 5000;
const LONGEST_NAME = 4096;
const MOST_SYMBOLS = 50_000;
const MOST_NAMES = 8 * 1024 * 1024;

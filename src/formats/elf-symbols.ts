/** Symbol tables by number and kind, and the source files they name (gABI, chapter 4, "Symbol Table"). */

import { rangePages, type ElfText } from './elf-content.js';
import { structureBytes } from './elf-layout.js';
import type { Elf, ElfSection } from './elf.js';
import { SHT } from './elf.js';
import { addProblem, orProblem, type ElfProblem } from './elf-problems.js';
import type { PagedBytes } from './paged-bytes.js';

export interface ElfSymbols {
  /** Name of the section. */
  readonly section: string;
  readonly dynamic: boolean;
  /** With the null symbol. */
  readonly count: number;
  /** By STB_* number: 0 local, 1 global, 2 weak. */
  readonly byBinding: ReadonlyMap<number, number>;
  /** By STT_* number: 0 none, 1 object, 2 function, 3 section, 4 file. */
  readonly byType: ReadonlyMap<number, number>;
  /** With st_shndx 0: to be found elsewhere. The null symbol is not counted. */
  readonly undefinedCount: number;
  /** Names of STT_FILE symbols, in the order of the table. A compiler's temporary file may be among them. */
  readonly files: readonly ElfText[];
  readonly problems: readonly ElfProblem[];
}

const STT_FILE = 4;
/** Of `.symtab` in Chromium with all symbols: about three million. */
const MAX_SYMBOLS = 4_000_000;
const MAX_FILES = 100_000;
const MAX_NAME = 4096;
const MAX_NAMES = 16 * 1024 * 1024;

/** `.symtab` and `.dynsym`, whichever there are. Reads them whole, page by page. */
export function readElfSymbols(elf: Elf): readonly ElfSymbols[] {
  return elf.sections
    .filter(({ type }) => type === SHT.symtab || type === SHT.dynsym)
    .slice(0, 4)
    .map((section) => readTable(elf, section));
}

function readTable(elf: Elf, section: ElfSection): ElfSymbols {
  const problems: ElfProblem[] = [];
  const byBinding = new Map<number, number>();
  const byType = new Map<number, number>();
  const entry = structureBytes('symbol', elf.bits);
  const infoAt = elf.bits === 64 ? 4 : 12;
  const count = Math.floor((section.content?.bytes ?? 0) / entry);
  const fileNames: number[] = [];
  let undefinedCount = 0;
  if (section.content !== null) {
    const table = rangePages(elf, section.content);
    for (let index = 0; index < Math.min(count, MAX_SYMBOLS); index++) {
      const at = index * entry;
      const info = table.u8(at + infoAt);
      add(byBinding, info >> 4);
      add(byType, info & 15);
      if (index > 0 && table.u16(at + infoAt + 2) === 0) undefinedCount++;
      if ((info & 15) === STT_FILE && fileNames.length < MAX_FILES) fileNames.push(table.u32(at));
    }
    if (count > MAX_SYMBOLS)
      addProblem(problems, section.content.offset, `of ${count} symbols ${MAX_SYMBOLS} were read`);
  }
  const files = fileTexts(elf, section, fileNames, problems);
  const { name, type } = section;
  const dynamic = type === SHT.dynsym;
  return { section: name, dynamic, count, byBinding, byType, undefinedCount, files, problems };
}

function fileTexts(
  elf: Elf,
  { link }: ElfSection,
  names: readonly number[],
  problems: ElfProblem[],
): readonly ElfText[] {
  const range = elf.sections[link]?.content ?? null;
  if (range === null || names.length === 0) return [];
  const strings: PagedBytes = rangePages(elf, range);
  const files: ElfText[] = [];
  let left = MAX_NAMES;
  for (const at of names) {
    const found = orProblem(problems, () => strings.text(at, Math.min(MAX_NAME, left)));
    if (found === null) continue;
    left -= found.text.length;
    files.push({ text: found.text, offset: range.offset + at });
  }
  return files;
}

function add(counts: Map<number, number>, key: number): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

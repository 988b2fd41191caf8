/** What DWARF tells of the build: directories, source files, compilers. Each value once, whatever the number of units. */

import type { FactColumn, FactRow, FactValue } from '../../core/facts.js';
import type { DwarfString } from '../../formats/dwarf-forms.js';
import type { DwarfFile } from '../../formats/dwarf-line.js';
import { readDwarf } from '../../formats/dwarf.js';
import { SHT, type Elf } from '../../formats/elf.js';
import type { InspectContext } from '../define.js';
import type { ElfFindings } from './elf.js';
import { lastPart } from './last-part.js';

export function debugFacts(elf: Elf, found: ElfFindings, context: InspectContext): void {
  if (!elf.sections.some(({ name, type }) => DEBUG.test(name) && type !== SHT.nobits)) return;
  const { units, lineTables, problems } = readDwarf(elf, LIMITS);
  // What was left unread is in the digests of the sections.
  found.problems.push(...problems.filter(({ detail }) => !LEFT_UNREAD.test(detail)));
  const tell = (text: DwarfString): void => {
    if (text.offset !== null) found.told.add(text.offset, text.text.length);
  };
  const distinct = (strings: readonly (DwarfString | null)[], most: number): DwarfString[] => {
    const first = new Map<string, DwarfString>();
    for (const each of strings) {
      // What is longer than any path stays in the digest of its section.
      if (each === null || each.text === '' || each.text.length > LONGEST) continue;
      if (!first.has(each.text) && first.size >= most) continue;
      if (!first.has(each.text)) first.set(each.text, each);
      tell(each);
    }
    return [...first.values()];
  };
  const compiledIn = distinct(
    units.map(({ compDir }) => compDir),
    MOST_ROWS,
  );
  for (const { text, offset } of compiledIn)
    found.facts.push({ name: 'DW_AT_comp_dir', kind: 'path', value: text, offset });
  for (const { text, offset } of distinct(
    units.map(({ producer }) => producer),
    MOST_ROWS,
  )) {
    const { compiler, flags } = splitProducer(text);
    found.facts.push({ name: 'DW_AT_producer', kind: 'version', value: compiler, offset });
    if (flags !== null)
      found.facts.push({ name: 'DW_AT_producer flags', kind: 'flags', value: flags, offset });
  }
  const add = (name: string, columns: readonly FactColumn[], rows: readonly FactRow[]): void => {
    context.spend(rows.length);
    if (rows.length > 0) found.tables.push({ name, ordered: true, columns, rows });
  };
  const paths = (strings: readonly (DwarfString | null)[]): FactRow[] =>
    distinct(strings, MOST_ROWS).map(({ text, offset }) => rowOf(text, [text], offset));
  const known = new Set(compiledIn.map(({ text }) => text));
  add(
    'unit',
    [{ name: 'DW_AT_name', kind: 'path' }],
    paths(units.flatMap(({ name, dwoName }) => [name, dwoName])),
  );
  add(
    'directory',
    [{ name: 'path', kind: 'path' }],
    // The first directory of a table is that of the unit again.
    paths(lineTables.flatMap(({ directories }) => directories.map(stringOf))).filter(
      ({ values }) => !known.has(String(values[0])),
    ),
  );
  add(
    'file',
    FILE_COLUMNS,
    fileRows(
      lineTables.flatMap(({ files }) => files),
      tell,
    ),
  );
}

/** Names without a directory say no more than those of the units do, unless a time is with them. */
function fileRows(files: readonly DwarfFile[], tell: (text: DwarfString) => void): FactRow[] {
  const rows = new Map<string, FactRow>();
  for (const { name, mtime, sizeBytes } of files) {
    const text = stringOf(name);
    if (text === null || text.text.length > LONGEST) continue;
    const hasTime = mtime !== null && mtime !== 0n;
    if (!text.text.includes('/') && !hasTime) continue;
    const values = [
      text.text,
      hasTime ? String(mtime) : null,
      sizeBytes ? String(sizeBytes) : null,
    ];
    const key = values.join('\0');
    if (!rows.has(key) && rows.size >= MOST_ROWS) continue;
    if (!rows.has(key)) rows.set(key, rowOf(text.text, values, text.offset));
    tell(text);
  }
  return [...rows.values()];
}

function rowOf(path: string, values: readonly FactValue[], offset: number | null): FactRow {
  return { key: lastPart(path), values, offset, part: null };
}

/** Compilers write their version before the options, the first of which begins with a dash. */
function splitProducer(text: string): { readonly compiler: string; readonly flags: string | null } {
  const at = text.search(/ -[A-Za-z]/);
  return at < 0
    ? { compiler: text, flags: null }
    : { compiler: text.slice(0, at), flags: text.slice(at + 1) };
}

function stringOf(value: DwarfFile['name']): DwarfString | null {
  return value?.kind === 'string' ? value : null;
}

const DEBUG = /^\.z?debug_(?:info|types|line)/;
const LEFT_UNREAD = /the rest was left|zstd compression|more than may be used/;
const MOST_ROWS = 5000;
const LONGEST = 4096;
const LIMITS = {
  maxUnits: 10_000,
  maxSteps: 500_000,
  maxTextBytes: 16 * 1024 * 1024,
  maxMemoryBytes: 32 * 1024 * 1024,
};

const FILE_COLUMNS: readonly FactColumn[] = [
  { name: 'name', kind: 'path' },
  { name: 'mtime', kind: 'time' },
  { name: 'size', kind: 'size' },
];

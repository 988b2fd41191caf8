/** The dynamic section, entry by entry, with the strings that it points to. */

import type { FactColumn, FactRow, FactValue } from '../../core/facts.js';
import { readElfDynamic, type ElfDynamicEntry } from '../../formats/elf-dynamic.js';
import type { Elf } from '../../formats/elf.js';
import { bigFact } from '../common/fact-number.js';
import type { InspectContext } from '../define.js';
import type { ElfFindings } from './elf.js';

export function dynamicTable(elf: Elf, found: ElfFindings, context: InspectContext): void {
  const { entries, problems } = readElfDynamic(elf);
  found.problems.push(...problems);
  if (entries.length === 0) return;
  context.spend(entries.length);
  for (const { offset, string } of entries) {
    found.told.add(offset, elf.bits / 4);
    if (string !== null) found.told.add(string.offset, string.text.length);
  }
  const rows = entries.map(rowOf);
  found.tables.push({ name: 'dynamic', ordered: true, columns: COLUMNS, rows });
}

function rowOf(entry: ElfDynamicEntry): FactRow {
  const { name, string, offset } = entry;
  const isPath = PATHS.has(name);
  const text = string?.text ?? null;
  const place = COLUMNS.findIndex(({ name: column }) => column === columnOf(name));
  const values: FactValue[] = COLUMNS.map(() => null);
  values[place] = bigFact(entry.value);
  if (text !== null) values[isPath ? 1 : 0] = text;
  return { key: name, values, offset, part: null };
}

function columnOf(name: string): string {
  if (name.startsWith('FLAGS') || name === 'BIND_NOW') return 'flags';
  if (/(?:SZ|ENT|NUM|COUNT)$/.test(name)) return 'size';
  return name.startsWith('0x') ? 'number' : 'address';
}

const PATHS: ReadonlySet<string> = new Set(['RPATH', 'RUNPATH', 'CONFIG']);

const COLUMNS: readonly FactColumn[] = [
  { name: 'string', kind: 'text' },
  { name: 'path', kind: 'path' },
  { name: 'flags', kind: 'flags' },
  { name: 'size', kind: 'size' },
  { name: 'address', kind: 'offset' },
  { name: 'number', kind: 'number' },
];

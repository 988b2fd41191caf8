/** What a kernel module says of itself. */

import type { FactColumn, FactKind } from '../../core/facts.js';
import { readModinfo } from '../../formats/elf-modinfo.js';
import { orProblem } from '../../formats/elf-problems.js';
import type { Elf } from '../../formats/elf.js';
import type { InspectContext } from '../define.js';
import type { ElfFindings } from './elf.js';
import { shortText } from './short-text.js';

export function modinfoTable(elf: Elf, found: ElfFindings, context: InspectContext): void {
  const entries = orProblem(found.problems, () => readModinfo(elf)) ?? [];
  if (entries.length === 0) return;
  context.spend(entries.length);
  const rows = entries.map(({ key, value, offset, valueOffset }) => {
    found.told.add(offset, valueOffset + value.length - offset);
    const kind = KINDS[key] ?? 'text';
    const values = COLUMNS.map((column) => (column.kind === kind ? shortText(value) : null));
    return { key: shortText(key), values, offset, part: null };
  });
  found.tables.push({ name: 'modinfo', ordered: true, columns: COLUMNS, rows });
}

const KINDS: Readonly<Record<string, FactKind>> = {
  vermagic: 'version',
  version: 'version',
  rhelversion: 'version',
  suserelease: 'version',
  // Over the sources of the module.
  srcversion: 'digest',
  firmware: 'path',
};

const COLUMNS: readonly FactColumn[] = [
  { name: 'value', kind: 'text' },
  { name: 'version', kind: 'version' },
  { name: 'digest', kind: 'digest' },
  { name: 'path', kind: 'path' },
];

/** ELF files, kernel modules with a signature behind them among them. */

import type { Fact, FactTable } from '../../core/facts.js';
import { windowAccess, type RandomAccess } from '../../core/random-access.js';
import { isElf, readElf } from '../../formats/elf.js';
import type { ElfProblem } from '../../formats/elf-problems.js';
import { elfRegions } from '../../formats/elf-regions.js';
import { readModuleSignature } from '../../formats/module-signature.js';
import { Told } from '../common/told.js';
import { defineInspector, type InspectContext, type InspectedFacts } from '../define.js';
import { debugFacts } from './debug.js';
import { dynamicTable } from './dynamic.js';
import { headerFacts, segmentTable } from './header.js';
import { modinfoTable } from './modinfo.js';
import { moduleSignature } from './module-signature.js';
import { noteFacts } from './notes.js';
import { paddingFact, sectionTable, trailingTable } from './sections.js';
import { stringFacts } from './strings.js';
import { symbolFacts } from './symbols.js';

export const elfInspector = defineInspector({
  id: 'elf',
  version: 1,
  summary:
    'ELF (System V gABI): headers, segments, sections, notes, dynamic section, DWARF paths and compilers; signatures of kernel modules.',
  streams: false,
  claims: ({ head }) => isElf(head),
  inspect: async (piece, context) => inspectElf(await piece.random(), context),
});

/** What the parts of an inspection add to. */
export interface ElfFindings {
  readonly facts: Fact[];
  readonly tables: FactTable[];
  readonly problems: ElfProblem[];
  /** Bytes that need no digest any more. */
  readonly told: Told;
}

async function inspectElf(file: RandomAccess, context: InspectContext): Promise<InspectedFacts> {
  const signature = readModuleSignature(file);
  const input = signature === null ? file : windowAccess(file, 0, signature.contentBytes);
  const elf = readElf(input);
  context.spend(elf.sections.length + elf.segments.length);
  const found: ElfFindings = {
    facts: headerFacts(elf),
    tables: [],
    problems: [...elf.problems],
    told: new Told(),
  };
  found.tables.push(segmentTable(elf));
  noteFacts(elf, found);
  stringFacts(elf, found);
  dynamicTable(elf, found, context);
  modinfoTable(elf, found, context);
  debugFacts(elf, found, context);
  const sorts = symbolFacts(elf, found);
  const regions = elfRegions(elf);
  found.tables.push(await sectionTable(elf, regions, found.told, sorts, context));
  found.facts.push(paddingFact(elf, regions));
  found.tables.push(...(await trailingTable(elf, regions, context)));
  if (signature !== null) moduleSignature(file, signature, found);
  const { facts, tables, problems } = found;
  return { facts, tables: tables.filter(({ rows }) => rows.length > 0), problems };
}

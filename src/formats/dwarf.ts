/** What debug information tells of how a file was built: units and their line tables (DWARF 2 to 5), no types and no code. */

import { DWARF_LIMITS, DwarfBudget, type DwarfLimits } from './dwarf-budget.js';
import { readLineTables, type DwarfLineTable } from './dwarf-line.js';
import { DebugSections, type DebugCompression } from './dwarf-sections.js';
import { readUnits, type DwarfUnit } from './dwarf-units.js';
import type { Elf } from './elf.js';
import type { ElfProblem } from './elf-problems.js';

export interface Dwarf {
  readonly units: readonly DwarfUnit[];
  readonly lineTables: readonly DwarfLineTable[];
  /** Of `.debug_info`; null when there is none that could be read. */
  readonly compression: DebugCompression | null;
  /** What was left out because of `limits` is among them, and so are sections packed with zstd. */
  readonly problems: readonly ElfProblem[];
}

/** Empty lists when the file has no debug information. */
export function readDwarf(elf: Elf, limits: Partial<DwarfLimits> = {}): Dwarf {
  const all = { ...DWARF_LIMITS, ...limits };
  const problems: ElfProblem[] = [];
  const sections = new DebugSections(elf, all.maxMemoryBytes, problems);
  const budget = new DwarfBudget(all);
  const units = readUnits(sections, budget);
  const lineTables = readLineTables(sections, budget);
  const info = sections.get('.debug_info') ?? sections.get('.debug_info.dwo');
  const compression = info?.compression ?? null;
  return { units, lineTables, compression, problems };
}

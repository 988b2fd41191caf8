/** Strings that attributes and line tables refer to. */

import { FormatError } from '../core/errors.js';
import type { DwarfBudget } from './dwarf-budget.js';
import type { DwarfAbsentString, DwarfString } from './dwarf-forms.js';
import type { DebugSections } from './dwarf-sections.js';
import { addProblem } from './elf-problems.js';

/** Longer ones are command lines of their own kind; none was seen above 20 KB. */
const MAX_TEXT = 1024 * 1024;

/** The string at `at` of `.debug_str` or `.debug_line_str`, with `.dwo` behind the name where `suffix` says so. */
export function lookUpString(
  sections: DebugSections,
  budget: DwarfBudget,
  suffix: '' | '.dwo',
  place: { readonly section: '.debug_str' | '.debug_line_str'; readonly at: number },
): DwarfString | DwarfAbsentString {
  const { section: name, at } = place;
  const section = sections.get(name + suffix) ?? sections.get(name);
  const absent = { kind: 'string-elsewhere', ...place } as const;
  if (section === null) return absent;
  try {
    const { text } = section.bytes.text(at, MAX_TEXT);
    budget.spendText(text.length);
    const offset = section.fileOffset === null ? null : section.fileOffset + at;
    return { kind: 'string', text, section: section.name, at, offset };
  } catch (error) {
    if (!(error instanceof FormatError) || budget.spent) throw error;
    addProblem(sections.problems, error.offset, error.message);
    return absent;
  }
}

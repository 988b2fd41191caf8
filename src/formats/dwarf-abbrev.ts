/** Declarations of `.debug_abbrev`: which attributes an entry has, in which forms (DWARF 5, section 7.5.3). */

import { FormatError } from '../core/errors.js';
import type { DwarfBudget } from './dwarf-budget.js';
import { DwarfCursor } from './dwarf-cursor.js';
import { DW_FORM } from './dwarf-names.js';
import type { DebugSection } from './dwarf-sections.js';

export interface AbbrevAttribute {
  readonly name: number;
  readonly form: number;
  /** Of DW_FORM_implicit_const, otherwise 0. */
  readonly constant: bigint;
}

export interface AbbrevDeclaration {
  readonly tag: number;
  readonly hasChildren: boolean;
  readonly attributes: readonly AbbrevAttribute[];
}

/** The declaration with that code in the table that starts at `tableAt`. Throws `FormatError` when it is not there. */
export function findAbbrev(
  section: DebugSection,
  tableAt: number,
  code: bigint,
  budget: DwarfBudget,
): AbbrevDeclaration {
  const cursor = new DwarfCursor(section.bytes, tableAt);
  for (;;) {
    const found = cursor.uleb();
    if (found === 0n)
      throw new FormatError('dwarf', tableAt, `abbreviation ${code} is not in the table`);
    const tag = cursor.ulebSize();
    const hasChildren = cursor.u8() !== 0;
    const attributes: AbbrevAttribute[] = [];
    for (;;) {
      budget.spendStep();
      const name = cursor.ulebSize();
      const form = cursor.ulebSize();
      const constant = form === DW_FORM.implicitConst ? cursor.sleb() : 0n;
      if (name === 0 && form === 0) break;
      if (found === code) attributes.push({ name, form, constant });
    }
    if (found === code) return { tag, hasChildren, attributes };
  }
}

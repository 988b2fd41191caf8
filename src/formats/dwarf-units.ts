/** Units of `.debug_info` and `.debug_types`: the header and the first entry, which says what was compiled, where, by what. */

import { findAbbrev } from './dwarf-abbrev.js';
import type { DwarfBudget } from './dwarf-budget.js';
import { DwarfCursor } from './dwarf-cursor.js';
import { readForm, type DwarfString, type DwarfValue, type FormContext } from './dwarf-forms.js';
import { DW_AT, DW_UT } from './dwarf-names.js';
import type { DebugSection, DebugSections } from './dwarf-sections.js';
import { lookUpString } from './dwarf-strings.js';
import { orProblem } from './elf-problems.js';

export interface DwarfAttribute {
  /** DW_AT_* number. */
  readonly name: number;
  /** DW_FORM_* number. */
  readonly form: number;
  /** In the section, unpacked. */
  readonly at: number;
  readonly bytes: number;
  /** In the file; null when the section is compressed. */
  readonly offset: number | null;
  readonly value: DwarfValue;
}

export interface DwarfUnit {
  /** `.debug_info`, `.debug_types`, `.debug_info.dwo`. */
  readonly section: string;
  readonly sectionIndex: number;
  /** Of the header in the section, unpacked. */
  readonly at: number;
  /** In the file; null when the section is compressed. */
  readonly offset: number | null;
  /** With header and all entries. */
  readonly bytes: number;
  readonly version: number;
  /** 4 or 8: the 32-bit or the 64-bit format. */
  readonly offsetBytes: 4 | 8;
  readonly addressBytes: number;
  /** DW_UT_* number; before DWARF 5 that of a compilation or a type unit. */
  readonly unitType: number;
  readonly abbrevAt: number;
  /** Identifies a type unit, or a skeleton and its split unit. */
  readonly signature: bigint | null;
  /** DW_TAG_* of the first entry; null when the unit is empty or its first entry could not be read. */
  readonly tag: number | null;
  /** Of the first entry. */
  readonly attributes: readonly DwarfAttribute[];
  /** Source file. */
  readonly name: DwarfString | null;
  /** Directory the compiler ran in. */
  readonly compDir: DwarfString | null;
  /** Compiler, often with its options. */
  readonly producer: DwarfString | null;
  /** File with the rest of the unit, in split DWARF. */
  readonly dwoName: DwarfString | null;
  /** DW_LANG_* number. */
  readonly language: bigint | null;
  /** Of its line table in `.debug_line`. */
  readonly lineAt: number | null;
}

const SECTIONS = ['.debug_info', '.debug_types', '.debug_info.dwo', '.debug_types.dwo'];

/** Faults become problems of `sections`; after one inside a unit the next unit is read. */
export function readUnits(sections: DebugSections, budget: DwarfBudget): readonly DwarfUnit[] {
  const units: DwarfUnit[] = [];
  for (const name of SECTIONS)
    for (const section of sections.all(name)) {
      let at: number | null = 0;
      while (at !== null && at < section.bytes.size && !budget.spent) {
        const unit: Unit | null = orProblem(sections.problems, () => {
          budget.spendUnit();
          return readUnitAt(sections, budget, section, at!);
        });
        at = unit?.next ?? null;
        if (unit !== null && unit.unit !== null) units.push(unit.unit);
      }
    }
  return units;
}

interface Unit {
  readonly unit: DwarfUnit | null;
  readonly next: number;
}

/** Throws only where the length is unusable, or the budget is spent before anything was read. */
function readUnitAt(
  sections: DebugSections,
  budget: DwarfBudget,
  section: DebugSection,
  at: number,
): Unit {
  const cursor = new DwarfCursor(section.bytes, at);
  const { offsetBytes, end } = cursor.unitLength();
  // Linkers fill up with zeros, which read as units of no bytes.
  if (end === cursor.at) return { unit: null, next: end };
  const header = orProblem(sections.problems, () => readHeader(cursor, section, offsetBytes));
  if (header === null) return { unit: null, next: end };
  const root = orProblem(sections.problems, () =>
    readRoot(sections, budget, cursor, { ...header, offsetBytes, section }),
  );
  const attributes = root?.attributes ?? [];
  const text = (name: number) => {
    const value = attributes.find((attribute) => attribute.name === name)?.value;
    return value?.kind === 'string' ? value : null;
  };
  const number = (name: number) => {
    const value = attributes.find((attribute) => attribute.name === name)?.value;
    return value?.kind === 'number' ? value.value : null;
  };
  const lineAt = number(DW_AT.stmtList);
  const unit: DwarfUnit = {
    section: section.name,
    sectionIndex: section.index,
    at,
    offset: section.fileOffset === null ? null : section.fileOffset + at,
    bytes: end - at,
    ...header,
    offsetBytes,
    tag: root?.tag ?? null,
    attributes,
    name: text(DW_AT.name),
    compDir: text(DW_AT.compDir),
    producer: text(DW_AT.producer),
    dwoName: text(DW_AT.dwoName) ?? text(DW_AT.gnuDwoName),
    language: number(DW_AT.language),
    lineAt: lineAt === null ? null : Number(lineAt),
  };
  return { unit, next: end };
}

interface Header {
  readonly version: number;
  readonly unitType: number;
  readonly addressBytes: number;
  readonly abbrevAt: number;
  readonly signature: bigint | null;
}

/** DWARF 5, section 7.5.1; before, the address size comes last and type units have a section of their own. */
function readHeader(cursor: DwarfCursor, section: DebugSection, offsetBytes: 4 | 8): Header {
  const version = cursor.u16();
  if (version < 2 || version > 5)
    throw cursor.bytes.error(cursor.at - 2, `unknown version ${version} of a unit`);
  if (version < 5) {
    const abbrevAt = cursor.size(offsetBytes);
    const addressBytes = checkedAddress(cursor);
    const isType = section.name.startsWith('.debug_types');
    const signature = isType ? cursor.unsigned(8) : null;
    if (isType) cursor.skip(offsetBytes);
    const unitType = isType ? DW_UT.type : DW_UT.compile;
    return { version, unitType, addressBytes, abbrevAt, signature };
  }
  const unitType = cursor.u8();
  const addressBytes = checkedAddress(cursor);
  const abbrevAt = cursor.size(offsetBytes);
  const isType = unitType === DW_UT.type || unitType === DW_UT.splitType;
  const isSplit = unitType === DW_UT.skeleton || unitType === DW_UT.splitCompile;
  const signature = isType || isSplit ? cursor.unsigned(8) : null;
  if (isType) cursor.skip(offsetBytes);
  return { version, unitType, addressBytes, abbrevAt, signature };
}

function checkedAddress(cursor: DwarfCursor): number {
  const bytes = cursor.u8();
  if (bytes < 1 || bytes > 8)
    throw cursor.bytes.error(cursor.at - 1, `addresses of ${bytes} bytes`);
  return bytes;
}

interface RootContext extends Header {
  readonly offsetBytes: 4 | 8;
  readonly section: DebugSection;
}

function readRoot(
  sections: DebugSections,
  budget: DwarfBudget,
  cursor: DwarfCursor,
  header: RootContext,
) {
  const { section } = header;
  const suffix = section.name.endsWith('.dwo') ? '.dwo' : '';
  const code = cursor.uleb();
  if (code === 0n) return null;
  const abbrevs = sections.get(`.debug_abbrev${suffix}`);
  if (abbrevs === null) throw cursor.bytes.error(cursor.at, 'no section of abbreviations');
  const { tag, attributes: declared } = findAbbrev(abbrevs, header.abbrevAt, code, budget);
  const context: FormContext = {
    ...header,
    string: (name, at) => lookUpString(sections, budget, suffix, { section: name, at }),
    spendText: (bytes) => budget.spendText(bytes),
  };
  const attributes: DwarfAttribute[] = [];
  // What was read before a fault still counts.
  orProblem(sections.problems, () => {
    for (const { name, form, constant } of declared) {
      budget.spendStep();
      const { at } = cursor;
      const value = readForm(cursor, form, context, constant);
      const offset = section.fileOffset === null ? null : section.fileOffset + at;
      attributes.push({ name, form, at, bytes: cursor.at - at, offset, value });
    }
  });
  return { tag, attributes: withIndexed(sections, attributes, context, suffix) };
}

/** Strings by index: their base may come behind them in the entry (DWARF 5, section 7.26). */
function withIndexed(
  sections: DebugSections,
  attributes: readonly DwarfAttribute[],
  context: FormContext,
  suffix: '' | '.dwo',
): readonly DwarfAttribute[] {
  if (!attributes.some(({ value }) => value.kind === 'string-index')) return attributes;
  const stated = attributes.find(({ name }) => name === DW_AT.strOffsetsBase)?.value;
  const headerBytes = context.version < 5 ? 0 : context.offsetBytes === 4 ? 8 : 16;
  const base = stated?.kind === 'number' ? Number(stated.value) : headerBytes;
  const offsets = sections.get(`.debug_str_offsets${suffix}`);
  if (offsets === null) return attributes;
  return attributes.map((attribute) => {
    const { value } = attribute;
    if (value.kind !== 'string-index') return attribute;
    const at = base + value.index * context.offsetBytes;
    const resolved = orProblem(sections.problems, () => {
      const cursor = new DwarfCursor(offsets.bytes, at);
      return context.string('.debug_str', cursor.size(context.offsetBytes));
    });
    return resolved === null ? attribute : { ...attribute, value: resolved };
  });
}

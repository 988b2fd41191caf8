/** Headers of line tables in `.debug_line`: directories and files (DWARF 5, section 6.2.4; DWARF 2 to 4 before it). */

import type { DwarfBudget } from './dwarf-budget.js';
import { DwarfCursor } from './dwarf-cursor.js';
import {
  readForm,
  type DwarfAbsentString,
  type DwarfString,
  type FormContext,
} from './dwarf-forms.js';
import { DW_LNCT } from './dwarf-names.js';
import type { DebugSection, DebugSections } from './dwarf-sections.js';
import { lookUpString } from './dwarf-strings.js';
import { orProblem } from './elf-problems.js';

export interface DwarfFile {
  /** Of the entry in the section, unpacked. */
  readonly at: number;
  readonly name: DwarfString | DwarfAbsentString | null;
  /** DWARF 5 counts directories from 0; before, 0 is the unit's directory and the first in the list is 1. */
  readonly directory: number | null;
  /** Seconds since 1970, or what the compiler put there; mostly 0. */
  readonly mtime: bigint | null;
  readonly sizeBytes: bigint | null;
  /** Lower-case hex. */
  readonly md5: string | null;
}

export interface DwarfLineTable {
  readonly section: string;
  readonly sectionIndex: number;
  /** Of the header in the section, unpacked: DW_AT_stmt_list of the unit. */
  readonly at: number;
  /** In the file; null when the section is compressed. */
  readonly offset: number | null;
  /** With header and program. */
  readonly bytes: number;
  readonly version: number;
  readonly offsetBytes: 4 | 8;
  /** From minimum_instruction_length to standard_opcode_lengths, raw. */
  readonly parameters: Uint8Array;
  readonly directories: readonly (DwarfString | DwarfAbsentString)[];
  readonly files: readonly DwarfFile[];
  /** Where the line number program starts, in the section; it reaches to the end of the table. */
  readonly programAt: number;
}

/** Faults become problems of `sections`; after one inside a table the next table is read. */
export function readLineTables(
  sections: DebugSections,
  budget: DwarfBudget,
): readonly DwarfLineTable[] {
  const tables: DwarfLineTable[] = [];
  for (const name of ['.debug_line', '.debug_line.dwo'])
    for (const section of sections.all(name)) {
      let at: number | null = 0;
      while (at !== null && at < section.bytes.size && !budget.spent) {
        const cursor: DwarfCursor = new DwarfCursor(section.bytes, at);
        at = orProblem(sections.problems, () => {
          budget.spendUnit();
          const start = cursor.at;
          const { offsetBytes, end } = cursor.unitLength();
          // Linkers fill up with zeros.
          const table =
            end === cursor.at
              ? null
              : orProblem(sections.problems, () =>
                  readTable(sections, budget, { cursor, section, start, end, offsetBytes }),
                );
          if (table !== null) tables.push(table);
          return end;
        });
      }
    }
  return tables;
}

interface Place {
  readonly cursor: DwarfCursor;
  readonly section: DebugSection;
  readonly start: number;
  readonly end: number;
  readonly offsetBytes: 4 | 8;
}

function readTable(sections: DebugSections, budget: DwarfBudget, place: Place): DwarfLineTable {
  const { cursor, section, start, end, offsetBytes } = place;
  const version = cursor.u16();
  if (version < 2 || version > 5)
    throw cursor.bytes.error(cursor.at - 2, `unknown version ${version} of a line table`);
  const addressBytes = version < 5 ? 0 : cursor.u8();
  if (version >= 5) cursor.skip(1);
  const headerBytes = cursor.size(offsetBytes);
  const programAt = cursor.at + headerBytes;
  if (programAt > end) throw cursor.bytes.error(cursor.at, 'a header that leaves its table');
  cursor.end = programAt;
  const parametersAt = cursor.at;
  cursor.skip(version < 4 ? 4 : 5);
  const opcodeBase = cursor.u8();
  cursor.skip(Math.max(0, opcodeBase - 1));
  const parameters = cursor.bytes.bytes(parametersAt, cursor.at - parametersAt);

  const suffix = section.name.endsWith('.dwo') ? '.dwo' : '';
  const context: FormContext = {
    version,
    addressBytes,
    offsetBytes,
    section,
    string: (name, at) => lookUpString(sections, budget, suffix, { section: name, at }),
    spendText: (bytes) => budget.spendText(bytes),
  };
  const directories: (DwarfString | DwarfAbsentString)[] = [];
  const files: DwarfFile[] = [];
  // What was read before a fault still counts.
  orProblem(sections.problems, () => {
    if (version < 5) readOldLists(cursor, budget, context, { directories, files });
    else {
      for (const { name } of readEntries(cursor, budget, context))
        if (name !== null) directories.push(name);
      files.push(...readEntries(cursor, budget, context));
    }
  });
  return {
    section: section.name,
    sectionIndex: section.index,
    at: start,
    offset: section.fileOffset === null ? null : section.fileOffset + start,
    bytes: end - start,
    version,
    offsetBytes,
    parameters,
    directories,
    files,
    programAt,
  };
}

interface Lists {
  readonly directories: (DwarfString | DwarfAbsentString)[];
  readonly files: DwarfFile[];
}

/** Strings up to an empty one, then strings with three numbers up to an empty one. */
function readOldLists(
  cursor: DwarfCursor,
  budget: DwarfBudget,
  context: FormContext,
  { directories, files }: Lists,
): void {
  for (let text = inlineText(cursor, budget, context); text.text !== '';) {
    directories.push(text);
    text = inlineText(cursor, budget, context);
  }
  for (let name = inlineText(cursor, budget, context); name.text !== '';) {
    const directory = cursor.ulebSize();
    const mtime = cursor.uleb();
    files.push({ at: name.at, name, directory, mtime, sizeBytes: cursor.uleb(), md5: null });
    name = inlineText(cursor, budget, context);
  }
}

function inlineText(
  cursor: DwarfCursor,
  budget: DwarfBudget,
  { section }: FormContext,
): DwarfString {
  budget.spendStep();
  const { at } = cursor;
  const text = cursor.text();
  budget.spendText(text.length);
  const offset = section.fileOffset === null ? null : section.fileOffset + at;
  return { kind: 'string', text, section: section.name, at, offset };
}

/** A list that describes itself: which fields in which forms, how many entries, the entries. */
function* readEntries(
  cursor: DwarfCursor,
  budget: DwarfBudget,
  context: FormContext,
): Generator<DwarfFile, void> {
  const formats: { readonly content: number; readonly form: number }[] = [];
  for (let left = cursor.u8(); left > 0; left--)
    formats.push({ content: cursor.ulebSize(), form: cursor.ulebSize() });
  for (let left = cursor.uleb(); left > 0n; left--) {
    budget.spendStep();
    const { at } = cursor;
    let file: DwarfFile = {
      at,
      name: null,
      directory: null,
      mtime: null,
      sizeBytes: null,
      md5: null,
    };
    for (const { content, form } of formats) {
      budget.spendStep();
      const value = readForm(cursor, form, context);
      if (value.kind === 'string' || value.kind === 'string-elsewhere') {
        if (content === DW_LNCT.path) file = { ...file, name: value };
      } else if (value.kind === 'number') {
        if (content === DW_LNCT.directoryIndex) file = { ...file, directory: Number(value.value) };
        if (content === DW_LNCT.timestamp) file = { ...file, mtime: value.value };
        if (content === DW_LNCT.size) file = { ...file, sizeBytes: value.value };
      } else if (value.kind === 'bytes' && content === DW_LNCT.md5)
        file = { ...file, md5: Buffer.from(value.bytes).toString('hex') };
    }
    // Otherwise a count alone would make a list without end.
    if (cursor.at === at) throw cursor.bytes.error(at, 'entries of no bytes');
    yield file;
  }
}

/** Values of attributes and of line table entries by their form (DWARF 5, section 7.5.6). */

import type { DwarfCursor } from './dwarf-cursor.js';
import { DW_FORM as F } from './dwarf-names.js';
import type { DebugSection } from './dwarf-sections.js';

export type DwarfValue =
  /** Numbers, flags, addresses, references, offsets and indexes that are not to strings. */
  | { readonly kind: 'number'; readonly value: bigint }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | DwarfString
  /** An index into the string offsets of the unit. */
  | { readonly kind: 'string-index'; readonly index: number }
  | DwarfAbsentString;

/** A string that is not in this file, or not where it should be. */
export interface DwarfAbsentString {
  readonly kind: 'string-elsewhere';
  /** `supplementary` is `.debug_str` of the file that `.gnu_debugaltlink` names. */
  readonly section: '.debug_str' | '.debug_line_str' | 'supplementary';
  readonly at: number;
}

export interface DwarfString {
  readonly kind: 'string';
  /** Latin1, one char per byte. */
  readonly text: string;
  /** Section its bytes are in. */
  readonly section: string;
  /** In that section, unpacked. */
  readonly at: number;
  /** In the file; null when the section is compressed. */
  readonly offset: number | null;
}

/** What a form needs to know of its unit. */
export interface FormContext {
  readonly version: number;
  readonly addressBytes: number;
  readonly offsetBytes: 4 | 8;
  /** Where the cursor is. */
  readonly section: DebugSection;
  /** Looks a string up. Throws `FormatError` when the budget is spent. */
  readonly string: (
    section: '.debug_str' | '.debug_line_str',
    at: number,
  ) => DwarfString | DwarfAbsentString;
  /** Takes a string's bytes off the budget. Throws `FormatError` when it is spent. */
  readonly spendText: (bytes: number) => void;
}

/** Moves the cursor behind the value. `constant` is that of DW_FORM_implicit_const. Throws `FormatError`. */
export function readForm(
  cursor: DwarfCursor,
  form: number,
  context: FormContext,
  constant: bigint = 0n,
): DwarfValue {
  const number = (value: bigint): DwarfValue => ({ kind: 'number', value });
  const bytes = (length: number): DwarfValue => ({ kind: 'bytes', bytes: cursor.take(length) });
  const { offsetBytes, addressBytes } = context;
  switch (form) {
    case F.addr:
      return number(cursor.unsigned(addressBytes));
    case F.data1:
    case F.flag:
    case F.ref1:
    case F.addrx1:
      return number(cursor.unsigned(1));
    case F.data2:
    case F.ref2:
    case F.addrx2:
      return number(cursor.unsigned(2));
    case F.addrx3:
      return number(cursor.unsigned(3));
    case F.data4:
    case F.ref4:
    case F.addrx4:
    case F.refSup4:
      return number(cursor.unsigned(4));
    case F.data8:
    case F.ref8:
    case F.refSig8:
    case F.refSup8:
      return number(cursor.unsigned(8));
    case F.data16:
      return bytes(16);
    case F.sdata:
      return number(cursor.sleb());
    case F.udata:
    case F.refUdata:
    case F.addrx:
    case F.loclistx:
    case F.rnglistx:
    case F.gnuAddrIndex:
      return number(cursor.uleb());
    case F.refAddr:
      // An address in DWARF 2, an offset since.
      return number(cursor.unsigned(context.version < 3 ? addressBytes : offsetBytes));
    case F.secOffset:
    case F.gnuRefAlt:
      return number(cursor.unsigned(offsetBytes));
    case F.flagPresent:
      return number(1n);
    case F.implicitConst:
      return number(constant);
    case F.block1:
      return bytes(cursor.u8());
    case F.block2:
      return bytes(cursor.u16());
    case F.block4:
      return bytes(cursor.size(4));
    case F.block:
    case F.exprloc:
      return bytes(cursor.ulebSize());
    case F.string:
      return inlineString(cursor, context);
    case F.strp:
      return context.string('.debug_str', cursor.size(offsetBytes));
    case F.lineStrp:
      return context.string('.debug_line_str', cursor.size(offsetBytes));
    case F.strpSup:
    case F.gnuStrpAlt:
      return { kind: 'string-elsewhere', section: 'supplementary', at: cursor.size(offsetBytes) };
    case F.strx:
    case F.gnuStrIndex:
      return { kind: 'string-index', index: cursor.ulebSize() };
    case F.strx1:
      return { kind: 'string-index', index: cursor.size(1) };
    case F.strx2:
      return { kind: 'string-index', index: cursor.size(2) };
    case F.strx3:
      return { kind: 'string-index', index: cursor.size(3) };
    case F.strx4:
      return { kind: 'string-index', index: cursor.size(4) };
    case F.indirect:
      return indirect(cursor, context);
    default:
      throw cursor.bytes.error(cursor.at, `unknown form 0x${form.toString(16)}`);
  }
}

/** The form comes before the value; one that is indirect again would have no end. */
function indirect(cursor: DwarfCursor, context: FormContext): DwarfValue {
  const form = cursor.ulebSize();
  if (form === F.indirect || form === F.implicitConst)
    throw cursor.bytes.error(cursor.at, 'a form that may not be indirect');
  return readForm(cursor, form, context);
}

function inlineString(cursor: DwarfCursor, { section, spendText }: FormContext): DwarfString {
  const { at } = cursor;
  const text = cursor.text();
  spendText(text.length);
  const offset = section.fileOffset === null ? null : section.fileOffset + at;
  return { kind: 'string', text, section: section.name, at, offset };
}

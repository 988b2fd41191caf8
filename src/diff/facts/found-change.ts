/** One difference between two `Facts`, with the raw values; causes are looked for in these, and people see them last. */

import type { FactKind, FactValue, TextToken } from '../../core/facts.js';

/**
 * `value`: a field, a column of a row, a word of a text. `order`: the same in another sequence. `member`: a row that came or
 * went. `name`: equal bytes under another name. `line`: a line of a text. `range`: bytes without a meaning. `untold`: could not
 * be compared.
 */
export type ChangeSort = 'value' | 'order' | 'member' | 'name' | 'line' | 'range' | 'untold';

export interface FoundChange {
  readonly sort: ChangeSort;
  readonly piece: ComparedPiece;
  /** Of the row it belongs to; null for the piece as a whole. */
  readonly row: ComparedRow | null;
  /** As in `FactChange`. */
  readonly field: string;
  readonly kind: FactKind;
  readonly before: FactValue;
  readonly after: FactValue;
  readonly offset: { readonly before: number | null; readonly after: number | null };
  /** How a value among bytes is stored: `u32le`; null for everything else. */
  readonly encoding: string | null;
  /** Words of the same line, after the change; of a line that went, before. Null where there is no line. */
  readonly line: readonly TextToken[] | null;
  /** Which of them this is; -1 where it is all of them or none. */
  readonly place: number;
  /** Names in the sequence of either side; for `order` alone. */
  readonly sequences: {
    readonly before: readonly string[];
    readonly after: readonly string[];
  } | null;
}

/** A row that both sides have, or one. */
export interface ComparedRow {
  /** Name of its table; `''` for the members of a container. */
  readonly table: string;
  /** Members from the file to this row. */
  readonly chain: readonly string[];
  /** Whether it stands for bytes that both sides have and that are equal. */
  readonly hasEqualPart: boolean;
  readonly hasPart: boolean;
  /** Whether it lies in the bytes of its piece; members that come out of compressed bytes do not. */
  readonly hasPlace: boolean;
  /** Of the bytes it stands for; null where that side has none. */
  readonly digests: { readonly before: string | null; readonly after: string | null };
}

/** Bytes whose facts were compared: the file, or a member at any depth. */
export interface ComparedPiece {
  readonly parent: ComparedPiece | null;
  /** The row of the parent that stands for it. */
  readonly row: ComparedRow | null;
  readonly chain: readonly string[];
  readonly format: string;
  /** Whether it holds members: it has a table without a name. */
  readonly isContainer: boolean;
  /** In bytes. */
  readonly sizes: { readonly before: number; readonly after: number };
  /** SHA-256, 64 hex digits; null where that side has none. */
  readonly digests: { readonly before: string | null; readonly after: string | null };
}

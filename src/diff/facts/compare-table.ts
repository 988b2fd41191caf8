/** Compares the rows of two tables: values, order, what came and went. Parts are left to the caller. */

import type { FactColumn, FactRow, FactTable } from '../../core/facts.js';
import { NOWHERE, valueChange, type Collector } from './collector.js';
import type { ComparedPiece, ComparedRow, FoundChange } from './found-change.js';
import { matchRows, rowWord } from './match-rows.js';
import { withoutChance } from './names.js';
import { describeSequences, isReordered } from './sequence.js';

/** A row on both sides whose bytes differ. */
export interface ChangedPart {
  readonly row: ComparedRow;
  readonly before: FactRow;
  readonly after: FactRow;
}

/** `comparable`: whether keyed digests of both sides were made with the same key. */
export function compareTable(
  piece: ComparedPiece,
  before: FactTable,
  after: FactTable,
  comparable: boolean,
  collector: Collector,
): ChangedPart[] {
  const parts: ChangedPart[] = [];
  const columns = matchColumns(before.columns, after.columns);
  const { pairs, gone, come } = matchRows(before.rows, after.rows);
  const pair = (old: FactRow, now: FactRow): void => {
    if (isSame(old, now, columns)) return;
    const row = comparedRow(piece, before.name, old, now);
    compareValues(piece, row, old, now, columns, comparable, collector);
    if (differ(old, now)) parts.push({ row, before: old, after: now });
  };
  for (const [i, j] of pairs) pair(before.rows[i]!, after.rows[j]!);
  if (before.ordered && after.ordered && isReordered(pairs))
    collector.add(orderChange(piece, before, after, pairs));
  const renamed = renamedRows(before.rows, gone, after.rows, come);
  for (const [i, j] of renamed) {
    const [old, now] = [before.rows[i]!, after.rows[j]!];
    collector.add({
      ...valueChange(
        piece,
        comparedRow(piece, before.name, old, now),
        'name',
        'path',
        old.key,
        now.key,
        {
          before: old.offset,
          after: now.offset,
        },
      ),
      sort: 'name',
    });
    pair(old, now);
  }
  const [left, right] = [new Set(renamed.map(([i]) => i)), new Set(renamed.map(([, j]) => j))];
  for (const i of gone)
    if (!left.has(i)) collector.add(memberChange(piece, before, before.rows[i]!, true));
  for (const j of come)
    if (!right.has(j)) collector.add(memberChange(piece, after, after.rows[j]!, false));
  return parts;
}

interface ColumnPair {
  readonly column: FactColumn;
  /** Position on either side; -1 where it has none. */
  readonly before: number;
  readonly after: number;
}

function matchColumns(
  before: readonly FactColumn[],
  after: readonly FactColumn[],
): readonly ColumnPair[] {
  const pairs = before.map((column, i) => ({
    column,
    before: i,
    after: after.findIndex(({ name }) => name === column.name),
  }));
  const added = after.flatMap((column, j) =>
    before.some(({ name }) => name === column.name) ? [] : [{ column, before: -1, after: j }],
  );
  return [...pairs, ...added];
}

function isSame(old: FactRow, now: FactRow, columns: readonly ColumnPair[]): boolean {
  if (differ(old, now)) return false;
  for (const { before, after } of columns)
    if ((old.values[before] ?? null) !== (now.values[after] ?? null)) return false;
  return true;
}

function differ({ part: a }: FactRow, { part: b }: FactRow): boolean {
  return a?.digest !== b?.digest;
}

function comparedRow(
  piece: ComparedPiece,
  table: string,
  old: FactRow | null,
  now: FactRow | null,
): ComparedRow {
  const key = (old ?? now)!.key;
  const hasPart = (old?.part ?? now?.part ?? null) !== null;
  return {
    table,
    chain: table === '' ? [...piece.chain, key] : [...piece.chain, table, key],
    hasPart,
    hasPlace: (old ?? now)!.offset !== null,
    hasEqualPart: hasPart && old !== null && now !== null && !differ(old, now),
    digests: { before: old?.part?.digest ?? null, after: now?.part?.digest ?? null },
  };
}

function compareValues(
  piece: ComparedPiece,
  row: ComparedRow,
  old: FactRow,
  now: FactRow,
  columns: readonly ColumnPair[],
  comparable: boolean,
  collector: Collector,
): void {
  const offset = { before: old.offset, after: now.offset };
  for (const { column, before, after } of columns) {
    const [a, b] = [old.values[before] ?? null, now.values[after] ?? null];
    if (a === b) continue;
    const change = valueChange(piece, row, column.name, column.kind, a, b, offset);
    collector.add(column.kind === 'secret' && !comparable ? { ...change, sort: 'untold' } : change);
  }
}

function orderChange(
  piece: ComparedPiece,
  before: FactTable,
  after: FactTable,
  pairs: readonly (readonly [number, number])[],
): FoundChange {
  const old = pairs.map(([i]) => before.rows[i]!.key);
  const now = pairs.toSorted(([, a], [, b]) => a - b).map(([, j]) => after.rows[j]!.key);
  const [textBefore, textAfter] = describeSequences(old, now);
  const hasPart = before.rows.some(({ part }) => part !== null);
  const chain = before.name === '' ? piece.chain : [...piece.chain, before.name];
  const hasPlace = before.rows.every(({ offset }) => offset !== null);
  return {
    ...valueChange(
      piece,
      { table: before.name, chain, hasPart, hasPlace, hasEqualPart: false, digests: NO_DIGESTS },
      'order',
      'layout',
      textBefore,
      textAfter,
      NOWHERE,
    ),
    sort: 'order',
    sequences: { before: old, after: now },
  };
}

const NO_DIGESTS = { before: null, after: null };

function memberChange(
  piece: ComparedPiece,
  table: FactTable,
  row: FactRow,
  isGone: boolean,
): FoundChange {
  const text = row.part === null ? 'there' : `${row.part.size} bytes`;
  return {
    ...valueChange(
      piece,
      comparedRow(piece, table.name, isGone ? row : null, isGone ? null : row),
      'member',
      'opaque',
      isGone ? text : null,
      isGone ? null : text,
      { before: isGone ? row.offset : null, after: isGone ? null : row.offset },
    ),
    sort: 'member',
  };
}

/**
 * Rows that are the same under another key: equal bytes, or equal values where there are no bytes, or equal names but for what
 * was drawn by chance. Only where there is no choice.
 */
function renamedRows(
  before: readonly FactRow[],
  gone: readonly number[],
  after: readonly FactRow[],
  come: readonly number[],
): readonly (readonly [number, number])[] {
  if (gone.length === 0 || come.length === 0) return [];
  const pairs: [number, number][] = [];
  const [left, right] = [new Set(gone), new Set(come)];
  const pairBy = (word: (row: FactRow) => string | null): void => {
    const [old, now] = [uniqueBy(before, left, word), uniqueBy(after, right, word)];
    for (const [key, i] of old) {
      const j = now.get(key) ?? -1;
      if (i < 0 || j < 0) continue;
      pairs.push([i, j]);
      left.delete(i);
      right.delete(j);
    }
  };
  pairBy(({ key }) => withoutChance(key));
  pairBy(({ part }) => (part === null || part.size === 0 ? null : part.digest));
  pairBy((row) => (row.part === null && isTelling(row) ? rowWord(row) : null));
  return pairs.toSorted(([a], [b]) => a - b);
}

/** Rows of few and empty values are alike by chance. */
function isTelling({ values }: FactRow): boolean {
  return values.filter((value) => value !== null && value !== '' && value !== 0).length >= 3;
}

/** Position by word; -1 where several rows have it. */
function uniqueBy(
  rows: readonly FactRow[],
  places: ReadonlySet<number>,
  word: (row: FactRow) => string | null,
): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const place of places) {
    const key = word(rows[place]!);
    if (key !== null) found.set(key, found.has(key) ? -1 : place);
  }
  return found;
}

/** What compressed files consist of, one after another: members, streams, frames. Each has facts of its own. */

import type { Fact, FactKind, FactTable, FactValue } from '../../core/facts.js';
import type { RandomAccess } from '../../core/random-access.js';
import type { DecompressedMember } from '../../formats/codec/decompress.js';
import { RowCollector } from '../common/row-collector.js';

export interface CodecUnit {
  /** Of its first byte, from the start of the compressed bytes. */
  readonly offset: number;
  /** Every byte of it, and zeros in front of it. */
  readonly facts: readonly Fact[];
}

export interface CodecUnits {
  /** What its specification calls them, in the plural; names the table. */
  readonly name: string;
  readonly units: readonly CodecUnit[];
  /** Behind the last one. */
  readonly end: number;
}

/**
 * Reads the units of `input`, which begins with the first of them; `members` are those that were decompressed. Throws
 * `FormatError`.
 */
export type UnitsReader = (
  input: RandomAccess,
  members: readonly DecompressedMember[],
) => Promise<CodecUnits> | CodecUnits;

/** The first unit as facts of the file, and a table of those behind it: most files have one. */
export function splitUnits({ name, units }: CodecUnits): {
  readonly facts: readonly Fact[];
  readonly tables: readonly FactTable[];
} {
  const [first, ...others] = units;
  const tables = unitsTable(
    name,
    others.map((unit, i) => ({ unit, key: String(i + 2) })),
  );
  return { facts: first?.facts ?? [], tables };
}

/** A row for each unit, a column for each field that one of them has. */
export function unitsTable(
  name: string,
  units: readonly { readonly unit: CodecUnit; readonly key: string }[],
): readonly FactTable[] {
  const columns = new Map<string, FactKind>();
  for (const { unit } of units) for (const each of unit.facts) columns.set(each.name, each.kind);
  const list = [...columns];
  const places = new Map(list.map(([column], i) => [column, i]));
  const collector = new RowCollector(name, list);
  for (const { unit, key } of units) {
    const values: FactValue[] = list.map(() => null);
    for (const each of unit.facts) values[places.get(each.name)!] = each.value;
    collector.add(key, values, unit.offset, null);
  }
  return collector.tables();
}

export function fact(name: string, kind: FactKind, value: FactValue, offset: number | null): Fact {
  return { name, kind, value, offset };
}

/** Zeros in front of a unit, none where there are none. */
export function paddingFacts(before: number, offset: number): readonly Fact[] {
  return offset > before ? [fact('padding', 'slack', offset - before, before)] : [];
}

/** A checksum as its eight hex digits. */
export function hex32(value: number): string {
  return value.toString(16).padStart(8, '0');
}

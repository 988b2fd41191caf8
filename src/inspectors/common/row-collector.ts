/** A table of facts whose columns are known to be needed only when all rows are there. */

import type {
  FactColumn,
  FactKind,
  FactPart,
  FactRow,
  FactTable,
  FactValue,
} from '../../core/facts.js';

/** `[name, kind]` in order. */
export type ColumnList = readonly (readonly [string, FactKind])[];

/** Values by column, null or absent for a field that a row does not have. */
export type RowValues = readonly (FactValue | undefined)[];

export class RowCollector {
  readonly #name: string;
  readonly #ordered: boolean;
  readonly #columns: readonly FactColumn[];
  readonly #rows: FactRow[] = [];
  readonly #used: boolean[];

  constructor(name: string, columns: ColumnList, ordered = true) {
    this.#name = name;
    this.#ordered = ordered;
    this.#columns = columns.map(([column, kind]) => ({ name: column, kind }));
    this.#used = columns.map(() => false);
  }

  get length(): number {
    return this.#rows.length;
  }

  add(key: string, values: RowValues, offset: number | null, part: FactPart | null): void {
    const all = this.#columns.map((_, i) => {
      const value = values[i] ?? null;
      if (value !== null) this.#used[i] = true;
      return value;
    });
    this.#rows.push({ key, values: all, offset, part });
  }

  /** Without columns that no row has a value for; none at all without rows. */
  tables(): readonly FactTable[] {
    if (this.#rows.length === 0) return [];
    const used = this.#used;
    const isUsed = (_: unknown, i: number): boolean => used[i] === true;
    return [
      {
        name: this.#name,
        ordered: this.#ordered,
        columns: this.#columns.filter(isUsed),
        rows: used.every(Boolean)
          ? this.#rows
          : this.#rows.map((row) => ({ ...row, values: row.values.filter(isUsed) })),
      },
    ];
  }
}

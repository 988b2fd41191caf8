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
    const found: FactValue[] = [];
    for (let i = 0; i < this.#columns.length; i++) {
      const value = values[i] ?? null;
      if (value === null) continue;
      this.#used[i] = true;
      // Most rows have values for the first columns alone: what follows is filled up at the end.
      while (found.length < i) found.push(null);
      found.push(value);
    }
    this.#rows.push({ key, values: found, offset, part });
  }

  /** Without columns that no row has a value for; none at all without rows. To be asked once: the rows are handed over. */
  tables(): readonly FactTable[] {
    if (this.#rows.length === 0) return [];
    const places = this.#columns.flatMap((_, i) => (this.#used[i] === true ? [i] : []));
    // Row by row, so that a million of them are not held twice.
    for (const [i, row] of this.#rows.entries())
      this.#rows[i] = { ...row, values: places.map((place) => row.values[place] ?? null) };
    return [
      {
        name: this.#name,
        ordered: this.#ordered,
        columns: places.map((place) => this.#columns[place]!),
        rows: this.#rows,
      },
    ];
  }
}

/** What is known about files that vary: data that names findings. Rules act; rows only speak. */

interface NamedRow {
  /** Kebab-case, unique, stable: part of finding ids. */
  readonly id: string;
  /** From the root; `etc/` stands for `usr/etc/` too, `boot/` for `usr/lib/ostree-boot/`. */
  readonly globs: readonly string[];
  /** One clause: what varies and why. */
  readonly what: string;
  /** One clause: what a builder does about it. */
  readonly remedy: string;
}

/** A row that a scrub rule takes care of, if it is on. */
export interface ScrubbedRow extends NamedRow {
  /** Id of the rule. */
  readonly rule: string;
}

/** A row that scrub never touches: it is reported and explained. */
export interface ReportedRow extends NamedRow {
  readonly rule: null;
  /** One clause: why scrub leaves it alone. */
  readonly why: string;
  /** Where the knowledge comes from. */
  readonly source: string;
}

export type CatalogueRow = ScrubbedRow | ReportedRow;

/** A table of rows with literal ids. */
export function defineRows(rows: readonly CatalogueRow[]): readonly CatalogueRow[] {
  return rows;
}

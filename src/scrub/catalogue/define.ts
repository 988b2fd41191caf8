/** What is known about files that vary: data that names findings. Rules act; rows only speak. */

export interface CatalogueRow {
  /** Kebab-case, unique, stable: part of finding ids. */
  readonly id: string;
  /** From the root; `etc/` stands for `usr/etc/` too, `boot/` for `usr/lib/ostree-boot/`. */
  readonly globs: readonly string[];
  /** One clause: what varies and why. */
  readonly what: string;
  /** One clause: what a builder does about it. */
  readonly remedy: string;
  /** The scrub rule that takes care of it; null when none does. */
  readonly rule: string | null;
}

/** A table of rows with literal ids. */
export function defineRows(rows: readonly CatalogueRow[]): readonly CatalogueRow[] {
  return rows;
}

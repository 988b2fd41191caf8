/**
 * What could not be seen although it should have been. A gap is never "same" and never a difference: it is listed,
 * and the verdict can no longer be "same". Gaps come from the diagnostics, because equal directories are not
 * visited, and from what the descent meets.
 */

import type { Diagnostic, DiagnosticCode } from '../core/diagnostic.js';
import { comparePaths, type TreePath } from '../core/path.js';
import type { NotCompared, Uncompared } from '../core/report.js';
import type { Side } from './comparison.js';

/** What a diagnostic leaves uncompared; null: it says nothing about the comparison. */
const LEAVES_OUT = {
  unreadable: 'content',
  unstable: 'content',
  vanished: 'existence',
  'not-recorded': 'existence',
  'package-database': 'packages',
  format: 'format',
  'not-rewritable': null,
} as const satisfies Record<DiagnosticCode, Uncompared | null>;

interface Gap {
  readonly path: TreePath | null;
  what: Uncompared;
  reason: string;
  before: boolean;
  after: boolean;
}

export class Gaps {
  readonly #byPath = new Map<TreePath, Gap>();
  readonly #others: Gap[] = [];

  constructor(before: readonly Diagnostic[], after: readonly Diagnostic[]) {
    for (const diagnostic of before) this.#add(diagnostic, 'before');
    for (const diagnostic of after) this.#add(diagnostic, 'after');
  }

  /** Paths that a diagnostic names, in tree order. */
  paths(): TreePath[] {
    return [...this.#byPath.keys()].toSorted(comparePaths);
  }

  has(path: TreePath, side: Side): boolean {
    return this.#byPath.size > 0 && this.#byPath.get(path)?.[side] === true;
  }

  /** Whether a side does not tell if there is anything. */
  leavesExistenceOpen(path: TreePath): boolean {
    return this.#byPath.size > 0 && this.#byPath.get(path)?.what === 'existence';
  }

  /** The descent met an entry that was not wholly seen. */
  note(path: TreePath, side: Side, what: Uncompared, reason: string): void {
    const gap = this.#byPath.get(path);
    if (gap === undefined) this.#set(path, side, what, reason);
    else {
      gap.what = what;
      gap[side] = true;
    }
  }

  list(): NotCompared[] {
    const inOrder = [...this.#byPath.values()].toSorted((a, b) => comparePaths(a.path!, b.path!));
    return [...this.#others, ...inOrder].map(({ path, what, reason, before, after }) => ({
      path,
      pattern: null,
      side: before ? (after ? 'both' : 'before') : 'after',
      what,
      reason,
      declared: false,
    }));
  }

  #add({ code, path, detail }: Diagnostic, side: Side): void {
    const what = LEAVES_OUT[code];
    if (what === null) return;
    // A damaged database is a file of the tree like any other: its bytes were compared.
    const inTree = what === 'content' || what === 'existence';
    if (path === null || !inTree) {
      const known = this.#others.find(
        (gap) => gap.path === path && gap.what === what && gap.reason === detail,
      );
      if (known === undefined)
        this.#others.push({
          path,
          what,
          reason: detail,
          before: false,
          after: false,
          [side]: true,
        });
      else known[side] = true;
      return;
    }
    const known = this.#byPath.get(path);
    if (known === undefined) this.#set(path, side, what, detail);
    else known[side] = true;
  }

  #set(path: TreePath, side: Side, what: Uncompared, reason: string): void {
    this.#byPath.set(path, { path, what, reason, before: false, after: false, [side]: true });
  }
}

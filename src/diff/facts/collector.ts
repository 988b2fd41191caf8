/** Takes differences as they are found, up to a limit; the rest is counted. */

import type { FactKind, FactValue } from '../../core/facts.js';
import type { ComparedPiece, ComparedRow, FoundChange } from './found-change.js';

/** More differences than this in one file are counted without being looked at. */
const MAX_CHANGES = 250_000;

export class Collector {
  readonly changes: FoundChange[] = [];
  /** Differences beyond the limit. */
  beyond = 0;

  get count(): number {
    return this.changes.length + this.beyond;
  }

  add(change: FoundChange): void {
    if (this.changes.length < MAX_CHANGES) this.changes.push(change);
    else this.beyond += 1;
  }
}

/** What most differences are: one value of one field. */
export function valueChange(
  piece: ComparedPiece,
  row: ComparedRow | null,
  field: string,
  kind: FactKind,
  before: FactValue,
  after: FactValue,
  offset: FoundChange['offset'] = NOWHERE,
): FoundChange {
  return {
    sort: 'value',
    piece,
    row,
    field,
    kind,
    before,
    after,
    offset,
    encoding: null,
    line: null,
    place: -1,
    sequences: null,
  };
}

export const NOWHERE: FoundChange['offset'] = { before: null, after: null };

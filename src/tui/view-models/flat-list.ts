/** The changes that the chosen group and kinds leave, in the chosen order. */

import type { ChangeIndex } from './change-index.js';
import { hasKind, type KindMask } from './change-kind.js';
import { orderDescending } from './order.js';

export type SortOrder = 'path' | 'size';

export interface Selection {
  /** Position of a finding, or null for all. */
  readonly finding: number | null;
  readonly kinds: KindMask;
  readonly sort: SortOrder;
}

/** Positions of changes. */
export function flatList(index: ChangeIndex, selection: Selection): Uint32Array {
  const { finding, kinds, sort } = selection;
  const candidates =
    sort === 'size' ? bySize(index) : finding === null ? null : changesOf(index, finding);
  const total = candidates?.length ?? index.count;
  const list = new Uint32Array(total);
  let length = 0;
  for (let i = 0; i < total; i++) {
    const change = candidates === null ? i : candidates[i]!;
    if (finding !== null && index.findings[change] !== finding) continue;
    if (hasKind(kinds, index.kinds[change]!)) list[length++] = change;
  }
  return list.subarray(0, length);
}

/** Changes of one finding in tree order. */
export function changesOf(index: ChangeIndex, finding: number): Uint32Array {
  return index.byFinding.subarray(index.findingStart[finding], index.findingStart[finding + 1]);
}

/** All changes, largest first; sorted when first asked for. */
function bySize(index: ChangeIndex): Uint32Array {
  const known = ordersBySize.get(index);
  if (known !== undefined) return known;
  const order = orderDescending(index.sizes);
  ordersBySize.set(index, order);
  return order;
}

const ordersBySize = new WeakMap<ChangeIndex, Uint32Array>();

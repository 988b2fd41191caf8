/** Whether two files are equal but for one thing. */

import type { SameExcept } from '../../core/explanation.js';
import type { FactKind } from '../../core/facts.js';
import type { FoundChange } from '../facts/found-change.js';

const METADATA: ReadonlySet<FactKind> = new Set([
  'time',
  'local-time',
  'mode',
  'owner',
  'user',
  'file-system',
]);

/** `roots`: all differences that follow from no other. Null when they are of several sorts. */
export function sameExcept(roots: readonly FoundChange[]): SameExcept | null {
  const [first] = roots;
  if (first === undefined) return null;
  const found = exceptOf(first);
  return found !== null && roots.every((root) => exceptOf(root) === found) ? found : null;
}

function exceptOf({ sort, kind, row, piece }: FoundChange): SameExcept | null {
  if (sort === 'order') return 'order';
  if (sort !== 'value') return null;
  // Times, keys and certificates of a signature change nothing of what is signed.
  if (row?.table.startsWith('signature') === true) return 'signature';
  const except = BY_KIND[kind];
  if (except !== undefined) return except;
  // What a container says of its members; members whose bytes differ have roots of their own.
  const isOfMember = row === null ? piece.isContainer : row.table === '' || row.hasEqualPart;
  return METADATA.has(kind) && isOfMember ? 'metadata' : null;
}

const BY_KIND: Readonly<Partial<Record<FactKind, SameExcept>>> = {
  signature: 'signature',
  stream: 'compression',
  codec: 'compression',
  layout: 'layout',
  slack: 'layout',
};

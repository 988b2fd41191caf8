/** The four kinds that the list is filtered by; each has its letter on the screen and as a key. */

import type { Attribute, Change, Finding } from '../../core/report.js';
import type { Token } from '../text/line.js';

/** `modified`: type, content or target differ. `metadata`: content is unchanged, what surrounds it is not. */
export type ShownKind = 'added' | 'removed' | 'modified' | 'metadata';

/** In the order of the codes that typed arrays hold. */
export const SHOWN_KINDS = [
  'added',
  'removed',
  'modified',
  'metadata',
] as const satisfies readonly ShownKind[];

/** A set of kinds, bit `1 << code` each. */
export type KindMask = number;
export const ALL_KINDS: KindMask = 0b1111;

export const KIND_LETTERS = {
  added: 'A',
  removed: 'R',
  modified: 'M',
  metadata: 'U',
} as const satisfies Record<ShownKind, string>;

export const KIND_TOKENS = {
  added: 'added',
  removed: 'removed',
  modified: 'modified',
  metadata: 'metadata',
} as const satisfies Record<ShownKind, Token>;

const SUBSTANTIAL: ReadonlySet<Attribute> = new Set(['type', 'content', 'size', 'target', 'rdev']);

/** Position in `SHOWN_KINDS`. */
export function kindCode(change: Pick<Change, 'kind' | 'attributes'>): number {
  if (change.kind === 'added') return 0;
  if (change.kind === 'removed') return 1;
  return change.attributes.some(({ attribute }) => SUBSTANTIAL.has(attribute)) ? 2 : 3;
}

/** The kind that stands before a group. */
export function kindOfFinding(finding: Pick<Finding, 'kind'>): ShownKind {
  switch (finding.kind) {
    case 'added':
      return 'added';
    case 'removed':
      return 'removed';
    case 'content':
    case 'type':
      return 'modified';
    case 'metadata':
    case 'links':
      return 'metadata';
  }
}

export function hasKind(mask: KindMask, code: number): boolean {
  return (mask & (1 << code)) !== 0;
}

/** Pairs of values with what is to be claimed of them. */

import assert from 'node:assert/strict';
import test from 'node:test';

import type { FactKind, FactValue } from '../../../src/core/facts.js';
import type { TreePath } from '../../../src/core/path.js';
import { detectCause } from '../../../src/diff/causes/detect.js';
import { valueChange } from '../../../src/diff/facts/collector.js';
import type { ComparedPiece, FoundChange } from '../../../src/diff/facts/found-change.js';
import { APART, pairOf, recorded } from '../../helpers/fact-builders.js';
import type { BuildParts } from '../../helpers/memory-tree.js';

export type Builds = { readonly before?: BuildParts; readonly after?: BuildParts };
export interface Case {
  readonly kind: FactKind;
  readonly before: FactValue;
  readonly after: FactValue;
  readonly builds?: Builds;
  readonly field?: string;
  readonly path?: string;
  readonly more?: Partial<FoundChange>;
}

export const piece: ComparedPiece = {
  parent: null,
  row: null,
  chain: [],
  format: 'x',
  isContainer: false,
  sizes: { before: 1, after: 1 },
  digests: { before: 'a', after: 'b' },
};

export function causeOf({
  kind,
  before,
  after,
  builds = APART,
  field = 'f',
  path = 'f',
  more,
}: Case): string {
  const change = { ...valueChange(piece, null, field, kind, before, after), ...more };
  const claim = detectCause({ change, path: path as TreePath, builds: pairOf(builds) });
  return claim === null ? 'unknown' : `${claim.cause} ${claim.confidence} ${claim.against}`;
}

export const [OWN, OTHER] = ['2026-01-10T11:00:00Z', '2026-02-10T11:00:00Z'];
export const HOSTS = recorded({ hostName: 'builder-3.example' }, { hostName: 'builder-7.example' });
export const word = { line: [] };
export const meta = (before: string, after: string): Builds => ({
  before: { ...APART.before, meta: { version: before } },
  after: { ...APART.after, meta: { version: after } },
});
export const packages = (before: string, after: string): Builds => {
  const bash = { manager: 'rpm', name: 'bash', architecture: 'x86_64' };
  return {
    before: { ...APART.before, packages: [{ ...bash, version: before }] },
    after: { ...APART.after, packages: [{ ...bash, version: after }] },
  };
};
export const UUIDS = [
  '0f8fad5b-d9cb-469f-a165-70867728950e',
  '7c9e6679-7425-40de-944b-e07fc1f90ae7',
] as const;

/** What each pair of values is, by its name: the value, and `CAUSE CONFIDENCE AGAINST` or `unknown`. */
export type Cases = Readonly<Record<string, readonly [Case, string]>>;

export function testCases(cases: Cases): void {
  for (const [name, [value, expected]] of Object.entries(cases))
    test(`${name}: ${expected}`, () => assert.equal(causeOf(value), expected));
}

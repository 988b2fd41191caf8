/**
 * How much of an entry is known, in one byte: the lower two bits are its coverage, each of the others is set for an attribute that
 * is not known. Packed directories and the store keep it as this.
 */

import { OMITTABLE, type Coverage, type Entry, type Omittable } from './entry.js';

/** In the order of their numbers. */
const COVERAGE = [
  'full',
  'unreadable',
  'unstable',
  'mount-point',
] as const satisfies readonly Coverage[];

/** `unknown` as `Entry` has it. */
export function coverageByte(coverage: Coverage, unknown: readonly Omittable[] = []): number {
  let byte = COVERAGE.indexOf(coverage);
  for (const attribute of unknown) byte |= unknownBit(attribute);
  return byte;
}

/** The bit that says that an attribute is not known. */
export function unknownBit(attribute: Omittable): number {
  return 4 << OMITTABLE.indexOf(attribute);
}

/** What a byte says, as fields of an entry; null for a byte that means nothing. */
export function readCoverage(byte: number): Pick<Entry, 'coverage' | 'unknown'> | null {
  return BYTES[byte] ?? null;
}

const BYTES: readonly Pick<Entry, 'coverage' | 'unknown'>[] = Array.from(
  { length: 4 << OMITTABLE.length },
  (_, byte) => {
    const coverage = COVERAGE[byte & 3]!;
    const unknown = OMITTABLE.filter((attribute) => (byte & unknownBit(attribute)) !== 0);
    return unknown.length === 0 ? { coverage } : { coverage, unknown };
  },
);

/** Whether the value of an attribute means anything. */
export function isKnown({ unknown }: Pick<Entry, 'unknown'>, attribute: Omittable): boolean {
  return unknown === undefined || !unknown.includes(attribute);
}

/** Holds values against what both builds recorded: the same thing, with the value of its own build on either side. */

import type { FactValue } from '../../core/facts.js';
import { wordDigest } from '../../util/words.js';
import type { Circumstance } from './builds.js';
import type { Claim, Detector } from './define.js';

/** Shorter values are found in anything by chance: they have to be the whole value. */
const MIN_PART = 4;
/** Shorter values are nothing that can be told from others. */
const MIN_WHOLE = 3;
/** Numbers of fewer digits that a caller gave are found in anything by chance. */
const MIN_DIGITS = 6;

/** `loadXxh64` has to be awaited before. */
export const detectRecorded: Detector = ({ change, builds }) => {
  const { before, after, kind } = change;
  if (change.sort !== 'value' || !MAY_HOLD.has(kind)) return null;
  if (before === null || after === null) return null;
  for (const circumstance of builds.circumstances)
    if (isEqual(circumstance, before, after)) return claimOf(circumstance);
  if (typeof before !== 'string' || typeof after !== 'string') return null;
  for (const circumstance of builds.circumstances)
    if (holds(circumstance, before, after)) return claimOf(circumstance);
  return null;
};

const MAY_HOLD: ReadonlySet<string> = new Set([
  'host',
  'user',
  'path',
  'version',
  'text',
  'opaque',
  'random',
  'flags',
  'owner',
]);

function claimOf({ name, cause }: Circumstance): Claim {
  return { cause, confidence: 'high', against: name };
}

/** The value itself, or the digest by which a word is kept. */
function isEqual(circumstance: Circumstance, before: FactValue, after: FactValue): boolean {
  if (!isTelling(circumstance.before) || !isTelling(circumstance.after)) return false;
  if (circumstance.before === before && circumstance.after === after) return true;
  return (
    isWordDigest(before) &&
    isWordDigest(after) &&
    wordDigest(circumstance.before) === before &&
    wordDigest(circumstance.after) === after
  );
}

function isTelling(value: string): boolean {
  return value.length >= (/^[\d.]+$/.test(value) ? MIN_DIGITS : MIN_WHOLE);
}

function isWordDigest(value: FactValue): value is string {
  return typeof value === 'string' && /^[0-9a-f]{8}$/.test(value);
}

/** Each value has its own build's in it, and all around it is equal. */
function holds({ before: a, after: b }: Circumstance, before: string, after: string): boolean {
  if (!isTelling(a) || !isTelling(b) || a.length < MIN_PART || b.length < MIN_PART) return false;
  if (!before.includes(a) || !after.includes(b)) return false;
  const mark = '\0';
  return before.replaceAll(a, mark) === after.replaceAll(b, mark);
}

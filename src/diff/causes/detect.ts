/** Names the cause of a difference; null where nothing has a witness. */

import type { Confidence } from '../../core/explanation.js';
import type { Claim, Subject } from './define.js';
import { detectors } from './index.js';

const RANK = { high: 2, medium: 1, low: 0 } as const satisfies Record<Confidence, number>;

/** `loadXxh64` has to be awaited before. */
export function detectCause(subject: Subject): Claim | null {
  return detectWhole(subject) ?? detectParts(subject);
}

function detectWhole(subject: Subject): Claim | null {
  let best: Claim | null = null;
  for (const detect of detectors) {
    const claim = detect(subject);
    if (claim === null) continue;
    if (best === null || RANK[claim.confidence] > RANK[best.confidence]) best = claim;
    if (best.confidence === 'high') break;
  }
  return best;
}

/** Longer texts are not taken apart. */
const MAX_TEXT = 4096;
const MAX_PARTS = 8;

/** A text of several words: when every word that differs has a cause, the text has the first, with the least of their confidences. */
function detectParts(subject: Subject): Claim | null {
  const { change } = subject;
  const { before, after, kind } = change;
  if (change.sort !== 'value' || (kind !== 'text' && kind !== 'version' && kind !== 'path'))
    return null;
  if (typeof before !== 'string' || typeof after !== 'string') return null;
  if (before.length > MAX_TEXT || after.length > MAX_TEXT) return null;
  const [a, b] = [partsOf(before), partsOf(after)];
  if (a.length !== b.length || a.length < 2) return null;
  const claims: Claim[] = [];
  for (const [i, part] of a.entries()) {
    if (part === b[i]) continue;
    if (claims.length === MAX_PARTS || !isWord(part) || !isWord(b[i]!)) return null;
    const claim = detectWhole({
      ...subject,
      change: { ...change, kind: 'text', before: part, after: b[i]! },
    });
    if (claim === null) return null;
    claims.push(claim);
  }
  const [first] = claims;
  if (first === undefined) return null;
  const weakest = claims.toSorted((x, y) => RANK[x.confidence] - RANK[y.confidence])[0]!;
  return { ...first, confidence: weakest.confidence };
}

const DATES =
  '\\d{4}-\\d{2}-\\d{2}(?:[T ]\\d{2}:\\d{2}:\\d{2}(?:[.,]\\d+)?(?: ?(?:Z|UTC|GMT|[+-]\\d{2}:?\\d{2})\\b)?)?|(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? )?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* +\\d{1,2}(?: \\d{2}:\\d{2}:\\d{2}(?: [A-Z]{3,4}\\b)?)? \\d{4}|(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? )?\\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* \\d{4}(?: \\d{2}:\\d{2}:\\d{2}(?: [+-]\\d{4}\\b)?)?';

/** Dates, paths, UUIDs, words, and single characters between them. */
const PARTS = new RegExp(
  `${DATES}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|(?:\\.{0,2}/[\\w.+@%~-]+){2,}|[\\w\\x80-\\xff][\\w\\x80-\\xff-]*|[^]`,
  'g',
);

function partsOf(text: string): readonly string[] {
  return text.match(PARTS) ?? [];
}

function isWord(text: string): boolean {
  return /[\w\x80-\xff]/.test(text);
}

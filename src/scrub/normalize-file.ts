/** One file through the normaliser that knows its format, and the check that its result is what it promises. */

import { FormatError } from '../core/errors.js';
import type { NormalizeInput, NormalizeResult, Normalizer } from './normalizers/define.js';

/** Bytes from the start that tell the format. */
export const HEAD_BYTES = 512;

/** The first that recognises the file; null when none does. `head` may be the whole file. */
export function chooseNormalizer(
  candidates: readonly Normalizer[],
  head: Uint8Array,
  name: string,
): Normalizer | null {
  const start = head.subarray(0, HEAD_BYTES);
  return candidates.find((candidate) => candidate.matches(start, name)) ?? null;
}

/**
 * Runs a normaliser and runs it again on what it made: a result that is not its own fixed point is not used. That
 * would be a defect of ours, and the file must not be the one to pay for it.
 */
export function normalizeWith(normalizer: Normalizer, input: NormalizeInput): NormalizeResult {
  const result = attempt(normalizer, input);
  if (result.kind !== 'changed') return result;
  const again = attempt(normalizer, { ...input, bytes: result.bytes });
  if (again.kind === 'normal') return result;
  const detail = again.kind === 'left' ? `, which says: ${again.reason}` : '';
  return {
    kind: 'left',
    reason: `what ${normalizer.id} made of it is not normal in its own eyes${detail}`,
  };
}

function attempt(normalizer: Normalizer, input: NormalizeInput): NormalizeResult {
  try {
    return normalizer.normalize(input);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return { kind: 'left', reason: error.message };
  }
}

/** What every normaliser does with bytes that make no sense. */

import { FormatError } from '../../core/errors.js';
import type { NormalizeResult } from './define.js';

/** The result of `attempt`; `left` with the parser's words when it throws `FormatError`. */
export function orLeft(attempt: () => NormalizeResult): NormalizeResult {
  try {
    return attempt();
  } catch (error) {
    if (error instanceof FormatError) return { kind: 'left', reason: error.message };
    throw error;
  }
}

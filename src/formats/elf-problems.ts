/** What did not make sense in a file of which the rest was read. */

import { FormatError } from '../core/errors.js';

export interface ElfProblem {
  /** In the file; in the bytes that come out where a section is compressed. */
  readonly offset: number;
  readonly detail: string;
}

/** A hostile file has no end of them. */
const MAX_PROBLEMS = 100;

export function addProblem(problems: ElfProblem[], offset: number, detail: string): void {
  if (problems.length < MAX_PROBLEMS) problems.push({ offset, detail });
}

/** What `read` returns, or null and a problem when it throws a `FormatError`. */
export function orProblem<T>(problems: ElfProblem[], read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    addProblem(problems, error.offset, error.message);
    return null;
  }
}

/** What `repro-audit inspect` has to tell of one file, before it is written as text or JSON. */

import type { FactPart, FactProblem, FactRow, Facts } from '../../core/facts.js';

export interface FileFacts {
  /** As the user named it, latin1 bytes. */
  readonly path: string;
  readonly size: number;
  /** SHA-256 as 64 hex digits; null for a file of secrets. */
  readonly digest: string | null;
  /** Of the file as a whole; null where none are kept. */
  readonly facts: Facts | null;
  /** Facts of bytes inside of it; null where there are none. */
  partFacts(part: FactPart): Facts | null;
  /** Whether the bytes of a row may be a secret, so that not even their digest is told. */
  isSecret(row: FactRow): boolean;
  /** Of the file and of all that was looked into inside of it. */
  readonly problems: readonly FactProblem[];
}

/** What looking into a file is asked with, and what comes of it. */

import type { FactProblem, KeyedFacts } from '../../core/facts.js';
import type { RandomAccess } from '../../core/random-access.js';
import type { InspectContext, Inspector } from '../define.js';
import type { InspectLimits } from './limits.js';

export interface InspectRequest {
  /** Path in the tree, latin1 bytes: names help where the bytes alone do not tell the format. */
  readonly name: string;
  readonly bytes: RandomAccess;
  /** SHA-256 of the bytes, 64 hex digits; null: it is worked out here. */
  readonly digest: string | null;
}

export interface InspectOptions {
  /** Most specific first. The last two claim everything: one for secrets, one for all else. */
  readonly inspectors: readonly Inspector[];
  readonly limits: InspectLimits;
  /** Key for the digests of secrets, and the name under which facts remember it. */
  readonly key: { readonly id: string; readonly bytes: Uint8Array };
  readonly isTime: InspectContext['isTime'];
  /** Whether facts of these bytes in this format and version are there already. */
  known(digest: string, format: string, version: number): Promise<boolean> | boolean;
  /** Members that are hashed and not looked into: by the inspector that asks, its level (0: the file itself), and their name. */
  skips?(inspector: string, depth: number, name: string): boolean;
  /** What a member is called where it belongs, by which formats and secrets are told; absent: as in its container. */
  alias?(name: string): string;
  /**
   * Whether bytes of this SHA-256 are a file that is known by it anyway: facts of a member with secrets, which are found under a keyed
   * digest, are then found under this one too. Absent: no bytes are.
   */
  isFile?(digest: string): boolean;
  /** Takes facts as they are found, members before what holds them. */
  found(facts: KeyedFacts): void;
  /** Milliseconds of a clock that never goes back. */
  now(): number;
}

/** What came of one file. The facts themselves went to `found`. */
export interface Inspected {
  readonly digest: string;
  readonly format: string;
  /** Of the file and of all that was looked into inside of it: `member: detail`. */
  readonly problems: readonly FactProblem[];
  /** Pieces of which facts were there already, with the problems that they have. */
  readonly known: readonly KnownPiece[];
}

export interface KnownPiece {
  readonly name: string;
  readonly digest: string;
  readonly format: string;
}

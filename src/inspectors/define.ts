/** An inspector says which facts of one format matter. Listed in `index.ts`; the engine in `engine/` runs them. */

import type { FactPart, Facts } from '../core/facts.js';
import type { RandomAccess } from '../core/random-access.js';

/** Bytes to look into: a file, or a member of one. */
export interface Piece {
  /** Path of the file, or name of the member as its container has it; latin1 bytes. */
  readonly name: string;
  /** Null for a stream whose end is not known yet. */
  readonly size: number | null;
  /** The first bytes: `HEAD_BYTES`, or all there are. */
  readonly head: Uint8Array;
  /** All bytes in order; to be asked for once. */
  chunks(): AsyncIterable<Uint8Array>;
  /** The bytes at any place. Throws `LimitError` for a stream that is too long to be held. */
  random(): Promise<RandomAccess>;
  /** All bytes at once, at most `limit`; throws `LimitError` beyond. */
  whole(limit: number): Promise<Uint8Array>;
}

export const HEAD_BYTES = 4096;

/** What an inspector may ask for while it works. */
export interface InspectContext {
  /**
   * Looks into bytes inside of the piece and returns how a row refers to them. A stream is read to its end. Never throws for
   * what the bytes are: damage and exhausted budgets become problems of the facts of the part. `as` names the format where the
   * container knows it and the bytes cannot tell.
   */
  readonly part: (
    name: string,
    input: RandomAccess | AsyncIterable<Uint8Array>,
    as?: string,
  ) => Promise<FactPart>;
  /** Whether a part holds a secret: then sums over its bytes must not stand beside it, for they tell whether it was guessed. */
  readonly isSecret: (part: FactPart) => boolean;
  /** Counts members and rows before they are made: throws `LimitError` when there are too many. */
  readonly spend: (members: number) => void;
  /** SHA-256 keyed for secrets (RFC 2104), 64 hex digits: equal values stay equal, and cannot be guessed without the key. */
  readonly keyed: (bytes: Uint8Array) => string;
  /** Whether a bare number, as seconds since 1970, is a time around this build. */
  readonly isTime: (seconds: number) => boolean;
  /** Bytes that decompression may still yield. */
  readonly outputBudget: () => number;
}

/** Facts without what the engine adds. */
export type InspectedFacts = Pick<Facts, 'facts' | 'tables'> &
  Partial<Pick<Facts, 'content' | 'problems'>>;

export interface Inspector {
  /** Stable, lower case: `gzip`, `initramfs`, `os-release`. */
  readonly id: string;
  /** Goes up when equal bytes give other facts than before. */
  readonly version: number;
  /** What it understands, with the specification; one sentence, for `docs/facts.md`. */
  readonly summary: string;
  /** Reads the piece front to back once, so that streams of any length can be inspected. */
  readonly streams: boolean;
  /** Knows which fields of a file hold secrets; all others never see a file that `core/secrets.ts` names. */
  readonly handlesSecrets?: boolean;
  /** Finds private keys among what it reads and tells none of them: it may see texts that hold one behind their head. */
  readonly hidesKeys?: boolean;
  /** Tells members one by one and nothing of their bytes: what is secret of them is found in each. */
  readonly holdsMembers?: boolean;
  /** Takes what no format explains. */
  readonly takesAll?: boolean;
  /** Whether the bytes are worth a try; an inspector that was wrong throws `FormatError` in `inspect`. */
  claims(piece: Pick<Piece, 'name' | 'size' | 'head'>): boolean;
  /**
   * Throws `FormatError` when the bytes are of another format or damaged beyond use: then they are inspected as text or blocks, and
   * the damage is told. A damage that leaves the rest usable is a problem beside facts that still account for every byte.
   */
  inspect(piece: Piece, context: InspectContext): Promise<InspectedFacts>;
}

export function defineInspector(inspector: Inspector): Inspector {
  return inspector;
}

/** A normaliser: rewrites the fields of one file format that vary between builds, and nothing else. Listed in `index.ts`. */

/** One field that was written anew, for people and JSON. */
export interface FieldChange {
  /** Member name (latin1 bytes) or `''` for the file itself; nested members joined by `!`. */
  readonly member: string;
  /** Name of the field in the format's own specification, such as `last mod file time`. */
  readonly field: string;
  readonly before: string;
  readonly after: string;
}

export interface NormalizeInput {
  readonly bytes: Uint8Array;
  /** Base name of the file, latin1 bytes. */
  readonly name: string;
  /** Seconds; null without SOURCE_DATE_EPOCH: then fields that have a neutral value get it, others are left. */
  readonly sourceDateEpoch: number | null;
  /**
   * Leave a file alone whose fields tell no more than which program wrote it, and how: two builds with the same tools
   * have them in common, and rewriting what does not vary helps nobody. So in a tree; a release artifact gets all it can.
   */
  readonly volatileOnly?: boolean;
  /** The source that a compiled module was made from, where it is at hand; times in seconds, rounded down. */
  readonly source?: {
    readonly mtimeSeconds: number;
    /** What the time will be once everything is done: another one where the source is clamped in the same run. */
    readonly mtimeAfterSeconds: number;
    readonly sizeBytes: number;
  };
}

export type NormalizeResult =
  /** Nothing varies in it any more. */
  | { readonly kind: 'normal' }
  | {
      readonly kind: 'changed';
      readonly bytes: Uint8Array;
      readonly fields: readonly FieldChange[];
    }
  /** Not understood completely, or the change would lose meaning (a signature): stays byte for byte, and is reported. */
  | { readonly kind: 'left'; readonly reason: string };

export interface Normalizer {
  /** Kebab-case, stable: `zip`, `tar`, `gzip`, `pyc`. */
  readonly id: string;
  readonly version: number;
  /** What varies and what is done about it; one sentence. */
  readonly summary: string;
  /** What is kept, what is left, and why; where the knowledge comes from (specification section). */
  readonly rationale: string;
  /** Name endings, lower case, with the dot, that a walk over a tree offers. */
  readonly extensions: readonly string[];
  /** Whether the first bytes (512 of them, or fewer) are of this format; the name may help where there is no magic number. */
  matches(head: Uint8Array, name: string): boolean;
  /**
   * Never throws `FormatError`: bytes that make no sense give `left`. Applying it to its own result gives `normal`.
   */
  normalize(input: NormalizeInput): NormalizeResult;
}

export function defineNormalizer(normalizer: Normalizer): Normalizer {
  return normalizer;
}

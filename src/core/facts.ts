/**
 * What is known about the inside of a file, kept when the file is gone. An inspector turns bytes into `Facts`; a diff
 * compares the facts of two files and needs no knowledge of any format, because every value says what kind of value it is.
 *
 * Facts account for every byte: whichever byte of a file is changed, some fact changes or a problem is told. What is not
 * understood is a digest of its bytes (`opaque`), never left out.
 */

/**
 * How a value is meant. The first group can be a cause by itself; the second follows from other bytes, so that it is a
 * consequence wherever one of the first group changed beside or below it.
 */
export const FACT_KINDS = [
  /** A point in time: decimal seconds since 1970, with a fraction where the field has one. */
  'time',
  /** A time without a zone, as `2026-01-02T03:04:06`. */
  'local-time',
  /** `st_mode` or permissions, octal. */
  'mode',
  /** A user or group, by number or name. */
  'owner',
  /** What a file system gives out: inode and device numbers, link counts, directory sizes, block maps. */
  'file-system',
  'host',
  'user',
  'path',
  'version',
  /** Drawn by chance: UUIDs, salts, seeds, serial numbers, temporary names. Its value is a digest where it is long. */
  'random',
  /** A memory address. */
  'address',
  'flags',
  /** Settings of a compressor: level, block size, check, filters. */
  'codec',
  /** Bytes that carry nothing: padding, free space, deleted records. */
  'slack',
  'number',
  /** A name or text that cannot be secret. */
  'text',
  /** A secret, or what may hold one: a keyed digest. */
  'secret',
  /** Bytes or text of unknown meaning: a digest. */
  'opaque',

  /** Whatever counts bytes or members. */
  'size',
  'offset',
  /** A CRC or sum over other bytes of the file. */
  'checksum',
  /** A cryptographic digest over other bytes, of this file or of another. */
  'digest',
  'build-id',
  'signature',
  /** Compressed bytes as they lie there: what they hold is a part of its own. */
  'stream',
  /** Where things lie: page layout of a database, string tables. */
  'layout',
] as const;
export type FactKind = (typeof FACT_KINDS)[number];

/** Kinds that follow from other bytes. */
export const DERIVED_KINDS: ReadonlySet<FactKind> = new Set([
  'size',
  'offset',
  'checksum',
  'digest',
  'build-id',
  'signature',
  'stream',
  'layout',
]);

/** Numbers where they are safe integers, else decimal text; other text is latin1 bytes; null: the field is not there. */
export type FactValue = string | number | null;

/** One field of a header, of a record, of a file. */
export interface Fact {
  /** The field's standard name, as its specification writes it. */
  readonly name: string;
  readonly kind: FactKind;
  readonly value: FactValue;
  /** Of the field in the bytes that were inspected; null where it has no one place. */
  readonly offset: number | null;
}

export interface FactColumn {
  readonly name: string;
  readonly kind: FactKind;
}

/** In front of the name of a sum that is not right: of kind `opaque`, with the value as text, for it follows from nothing. */
export const WRONG_SUM = 'wrong ';

/** Records of one shape: members of an archive, sections, rows. */
export interface FactTable {
  /** Shown in a member chain before the key of a row; `''` for what a container is there for: its members. */
  readonly name: string;
  /** Whether the order of rows is the order in the bytes; else they are sorted here and their order says nothing. */
  readonly ordered: boolean;
  readonly columns: readonly FactColumn[];
  readonly rows: readonly FactRow[];
}

export interface FactRow {
  /** Names the row on both sides, latin1 bytes; repeated keys are matched in the order in which they come. */
  readonly key: string;
  /** One value per column. */
  readonly values: readonly FactValue[];
  /** Of the record; null where it has no one place. */
  readonly offset: number | null;
  /** The bytes that the row stands for, when they are looked into or at least compared. */
  readonly part: FactPart | null;
}

/** Bytes inside of other bytes. */
export interface FactPart {
  readonly size: number;
  /** SHA-256 as 64 hex digits; of a secret: its keyed digest, see `FactKey`. */
  readonly digest: string;
  /** Format under which facts of these bytes are kept beside those of the whole; null: they were only hashed. */
  readonly format: string | null;
  /** Why they were not looked into, for people; null when they were, or when nothing more could be said of them. */
  readonly skipped: string | null;
}

/** `skipped` of parts that somebody chose to leave alone. */
export const NOT_ASKED_FOR = 'not asked for';

/** Bytes that made no sense, or that a budget left unread. The rest of the facts still holds. */
export interface FactProblem {
  readonly offset: number | null;
  /** One sentence. */
  readonly detail: string;
}

/** A word of a text. Words of unknown meaning are kept as digests: what a text says stays where it was. */
export interface TextToken {
  readonly kind: FactKind;
  /** Literal for kinds that cannot be secret; else `wordDigest` of the word. */
  readonly value: string;
}

export interface TextLine {
  /** XXH64 of the line without its end, 16 hex digits. */
  readonly digest: string;
  /**
   * What lies between the tokens, 8 hex digits: lines of one shape differ in their tokens alone. The digest where there are
   * no tokens.
   */
  readonly shape: string;
  /** Null beyond the budget for words. */
  readonly tokens: readonly TextToken[] | null;
}

/** What is left when no format is known: lines of a text, or blocks of bytes. */
export type FactContent =
  | {
      readonly kind: 'text';
      readonly lines: readonly TextLine[];
      /** How lines end, and what a text without a last line end leaves open: `\n`, `\r\n`, `mixed`, with `!` for an open end. */
      readonly lineEnds: string;
    }
  | {
      readonly kind: 'blocks';
      /** Borders of a lower rank are left out: see `util/block-digests.ts`. */
      readonly rank: number;
      /** All bytes, in order. */
      readonly blocks: readonly {
        readonly length: number;
        /** Of the border behind it. */
        readonly rank: number;
        /** XXH64, 16 hex digits. */
        readonly digest: string;
        /** The same with the bytes of every token set to zero. */
        readonly shape: string;
      }[];
      /** Values in the bytes that can be read by themselves: times, paths, addresses. By offset. */
      readonly tokens: readonly (TextToken & {
        readonly offset: number;
        readonly length: number;
        /** How the value is written: `text`, `u32le`, `u64be` ... */
        readonly encoding: string;
      })[];
    };

/** The facts of one piece of bytes, under one format. */
export interface Facts {
  /** Id of the inspector: `gzip`, `rpmdb`, `text`. */
  readonly format: string;
  /** Of the inspector; facts of unequal versions are not compared. */
  readonly version: number;
  readonly size: number;
  /** Key under which secret values were digested; null when there are none. */
  readonly key: string | null;
  readonly facts: readonly Fact[];
  readonly tables: readonly FactTable[];
  readonly content: FactContent | null;
  readonly problems: readonly FactProblem[];
}

/** Facts together with what they are facts of. */
export interface KeyedFacts {
  /** SHA-256 of the bytes, 64 hex digits. */
  readonly digest: string;
  readonly facts: Facts;
}

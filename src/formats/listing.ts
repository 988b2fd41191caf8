/**
 * Lists of files that other tools write, one entry per line: what each parser of them gives. Lists say of an entry what they
 * were told to say, so that everything but the path may be missing.
 */

import type { EntryType, Xattr } from '../core/entry.js';
import { FormatError } from '../core/errors.js';

export interface ListedEntry {
  /** As it is listed, without escapes; latin1, one character per byte. */
  readonly path: string;
  readonly type: EntryType | null;
  /** `07777` of the mode. */
  readonly mode: number | null;
  readonly uid: number | null;
  readonly gid: number | null;
  readonly size: number | null;
  readonly mtimeNs: bigint | null;
  readonly target: string | null;
  readonly rdev: { readonly major: number; readonly minor: number } | null;
  /** Sorted by name; null where the line has none. */
  readonly xattrs: readonly Xattr[] | null;
  readonly sha256: Uint8Array | null;
  /** Names of other digests of the content: `md5`, `sha512`. */
  readonly otherDigests: readonly string[];
  /** For a further name of a file: the path of the other; nothing else counts then. */
  readonly linkTo: string | null;
  /** The list says that something may lie below, or that the path may be missing: why nothing follows from it. */
  readonly isOptional: boolean;
  readonly isIgnored: boolean;
  /** What of the line made no sense and is missing above. */
  readonly problems: readonly string[];
}

/** Takes lines one by one, without what ends them. */
export interface ListingReader {
  /** Null for a line without an entry. Throws `RangeError` for a line that makes no sense. */
  line(text: string): ListedEntry | null;
  /** To be called after the last line: what the list lacks, or null. */
  end(): string | null;
}

/** An entry of which nothing is known but its path. */
export const NOTHING_LISTED: Omit<ListedEntry, 'path'> = {
  type: null,
  mode: null,
  uid: null,
  gid: null,
  size: null,
  mtimeNs: null,
  target: null,
  rdev: null,
  xattrs: null,
  sha256: null,
  otherDigests: [],
  linkTo: null,
  isOptional: false,
  isIgnored: false,
  problems: [],
};

/** A line that makes no sense, told with its number and its place. */
export function lineError(
  format: string,
  offset: number,
  line: number,
  detail: string,
): FormatError {
  return new FormatError(format, offset, `line ${line}: ${detail}`);
}

const MAX_NS = 0x7fff_ffff_ffff_ffffn;

/**
 * Seconds and nanoseconds as integers on both sides of a point, as mtree(5) and composefs-dump(5) write them; null for anything
 * else, and for what no file system has.
 */
export function pointTime(text: string): bigint | null {
  const parts = /^(-?\d{1,12})(?:\.(\d{1,9}))?$/.exec(text);
  if (parts === null) return null;
  const ns = BigInt(parts[1]!) * 1_000_000_000n + BigInt(parts[2] ?? 0);
  return ns > MAX_NS || ns < -MAX_NS ? null : ns;
}

/** A decimal number up to `max`; null for anything else. */
export function decimal(text: string, max: number): number | null {
  if (!/^\d{1,16}$/.test(text)) return null;
  const value = Number(text);
  return value <= max ? value : null;
}

export const MAX_ID = 0xffff_ffff;
export const MAX_SIZE = Number.MAX_SAFE_INTEGER;

/** 32 bytes of hex digits; null for anything else. */
export function sha256OfHex(text: string): Uint8Array | null {
  if (text.length !== 64) return null;
  const bytes = Buffer.from(text, 'hex');
  return bytes.length === 32 ? bytes : null;
}

/** What was found, short enough for a message. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}...` : text);
}

/**
 * GVariant databases: dconf's (`/etc/dconf/db/*`) and glib's `gschemas.compiled` (glib, `gvdb-format.h`). A header,
 * and hash tables of items whose values are serialised GVariants, lists of other items, or hash tables again.
 */

import { FormatError } from '../core/errors.js';
import {
  dissect,
  latin1,
  type ByteAccount,
  type ByteRange,
  type Dissector,
} from './byte-fields.js';

export interface GvdbItem {
  readonly offset: number;
  readonly hash: number;
  /** Index of the item in its table whose key stands before this one's; null at the top. */
  readonly parent: number | null;
  /** The whole key: in front stand its parents' in the table, as `/org/` before `gnome`. Latin1. */
  readonly key: string;
  readonly keyBytes: ByteRange;
  readonly value: GvdbValue;
  /** Reserved; zero. */
  readonly unused: number;
}

export type GvdbValue =
  /** `bytes` without the type; `type` is the GVariant type string, null where none stands at the end. */
  | (ByteRange & {
      readonly kind: 'value';
      readonly type: string | null;
      readonly bytes: Uint8Array;
    })
  | (ByteRange & { readonly kind: 'table'; readonly table: GvdbTable })
  /** Indexes of items of the same table. */
  | (ByteRange & { readonly kind: 'list'; readonly items: readonly number[] })
  /** A kind that is not known, or a value that lies outside. */
  | (ByteRange & { readonly kind: 'other'; readonly type: string });

export interface GvdbTable {
  readonly offset: number;
  readonly length: number;
  readonly bloomShift: number;
  readonly bloomWords: readonly number[];
  /** For each bucket the index of its first item. */
  readonly buckets: readonly number[];
  /** In the order of the file, which is that of the buckets. */
  readonly items: readonly GvdbItem[];
}

export interface Gvdb {
  readonly littleEndian: boolean;
  readonly root: GvdbTable;
  /** The header's fields; tables, keys and values are covered, padding is in the gaps. */
  readonly account: ByteAccount;
}

export function isGvdb(head: Uint8Array): boolean {
  return byteOrder(head) !== null;
}

/** Throws `FormatError` when header or root table are none; damage behind them is in the account's problems. */
export function readGvdb(bytes: Uint8Array): Gvdb {
  const littleEndian = byteOrder(bytes);
  if (littleEndian === null) throw new FormatError('gvdb', 0, 'no signature');
  const input = dissect('gvdb', bytes, littleEndian);
  const header = input.struct(HEADER, 0, '');
  // All tables are at different places in a true file; one that is reached twice is not followed again.
  const seen = new Set<number>();
  const root = readTable(input, header.start, header.end, seen);
  return { littleEndian, root, account: input.account() };
}

function readTable(input: Dissector, start: number, end: number, seen: Set<number>): GvdbTable {
  if (seen.has(start) || seen.size >= MAX_TABLES)
    throw new FormatError('gvdb', start, 'a table that was read before');
  seen.add(start);
  if (end < start || end > input.size)
    throw new FormatError('gvdb', start, `a table from ${start} to ${end}`);
  const { bloom, bucketCount } = input.struct(TABLE, start);
  const bloomCount = bloom & 0x07ff_ffff;
  const itemsAt = start + 8 + 4 * (bloomCount + bucketCount);
  if (itemsAt > end)
    throw new FormatError('gvdb', start, `${bloomCount} and ${bucketCount} words beyond the table`);
  const bloomWords = words(input, start + 8, bloomCount);
  const buckets = words(input, start + 8 + 4 * bloomCount, bucketCount);
  const raw = Array.from({ length: Math.floor((end - itemsAt) / 24) }, (_, i) =>
    input.struct(ITEM, itemsAt + 24 * i),
  );
  const names = raw.map((item) => input.attempt(() => keyOf(input, item)) ?? '');
  const keys = wholeKeys(
    names,
    raw.map(({ parent }) => parent),
    8 * input.size + 65536,
  );
  const items = raw.map((item, i): GvdbItem => {
    const { hash, parent, keyStart, keyLength, unused } = item;
    const keyBytes = { offset: keyStart, length: keyLength };
    const value = input.attempt(() => readValue(input, item, seen)) ?? {
      kind: 'other' as const,
      type: String.fromCharCode(item.type),
      offset: item.start,
      length: item.end - item.start,
    };
    if (parent !== NO_PARENT && parent >= raw.length)
      input.problem(itemsAt + 24 * i + 4, `no item ${parent} for a parent`);
    return {
      offset: itemsAt + 24 * i,
      hash,
      parent: parent === NO_PARENT ? null : parent,
      key: keys[i]!,
      keyBytes,
      value,
      unused,
    };
  });
  return {
    offset: start,
    length: end - start,
    bloomShift: bloom >>> 27,
    bloomWords,
    buckets,
    items,
  };
}

function keyOf(input: Dissector, item: { keyStart: number; keyLength: number }): string {
  return latin1(input.bytes(item.keyStart, item.keyLength));
}

/** Each name behind its parents'; a name with itself among its parents, or that grows too long, stands alone. */
function wholeKeys(
  names: readonly string[],
  parents: readonly number[],
  limit: number,
): readonly string[] {
  let budget = limit;
  return names.map((name, i) => {
    const parts = [name];
    const visited = new Set([i]);
    for (let at = parents[i]!; at !== NO_PARENT; at = parents[at]!) {
      const part = names[at];
      if (part === undefined || visited.has(at) || (budget -= part.length + 1) < 0) return name;
      visited.add(at);
      parts.unshift(part);
    }
    return parts.join('');
  });
}

function readValue(
  input: Dissector,
  item: { type: number; start: number; end: number },
  seen: Set<number>,
): GvdbValue {
  const { start, end } = item;
  const range = { offset: start, length: end - start };
  if (end < start) throw new FormatError('gvdb', start, `a value from ${start} to ${end}`);
  switch (String.fromCharCode(item.type)) {
    case 'v': {
      const bytes = input.bytes(start, end - start);
      // A GVariant of type `v` is the value, a NUL, and its type string.
      const nul = bytes.lastIndexOf(0);
      const type = nul < 0 ? '' : latin1(bytes.subarray(nul + 1));
      return /^[a-z(){}*?@&]+$/.test(type)
        ? { kind: 'value', ...range, type, bytes: bytes.subarray(0, nul) }
        : { kind: 'value', ...range, type: null, bytes };
    }
    case 'H':
      return { kind: 'table', ...range, table: readTable(input, start, end, seen) };
    case 'L':
      return { kind: 'list', ...range, items: words(input, start, (end - start) >>> 2) };
    default:
      input.problem(start, `an item of the unknown kind ${item.type}`);
      return { kind: 'other', type: String.fromCharCode(item.type), ...range };
  }
}

function words(input: Dissector, at: number, count: number): readonly number[] {
  const bytes = input.bytes(at, 4 * count);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: count }, (_, i) => view.getUint32(4 * i, input.littleEndian));
}

function byteOrder(head: Uint8Array): boolean | null {
  const signature = latin1(head.subarray(0, 8));
  return signature === 'GVariant' ? true : signature === 'raVGtnai' ? false : null;
}

const NO_PARENT = 0xffff_ffff;
/** Schemas of a desktop are some hundreds. */
const MAX_TABLES = 100_000;
const HEADER = {
  signature: 'text8',
  version: 'u32',
  options: 'u32',
  start: 'u32',
  end: 'u32',
} as const;
const TABLE = { bloom: 'u32', bucketCount: 'u32' } as const;
const ITEM = {
  hash: 'u32',
  parent: 'u32',
  keyStart: 'u32',
  keyLength: 'u16',
  type: 'u8',
  unused: 'u8',
  start: 'u32',
  end: 'u32',
} as const;

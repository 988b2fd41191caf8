/**
 * Structures of fixed fields, and the account of every byte of a file: what is a field, what was claimed by a named
 * part, and what is left over. Whoever builds facts on it covers a file by its fields, its parts and its gaps.
 */

import { FormatError } from '../core/errors.js';
import type { RandomAccess } from '../core/random-access.js';

/** Numbers by width, `uuid` (16 bytes in order), `guid` (first three groups little-endian), text and hex of N bytes. */
export type FieldType =
  'u8' | 'u16' | 'u32' | 'u64' | 's32' | 's64' | 'uuid' | 'guid' | `text${number}` | `hex${number}`;

/** Fields in the order in which they lie, without holes. */
export type Layout = Readonly<Record<string, FieldType>>;

export type FieldValue<T extends FieldType> = T extends 'u64' | 's64'
  ? bigint
  : T extends 'u8' | 'u16' | 'u32' | 's32'
    ? number
    : string;

export type StructValues<L extends Layout> = { readonly [K in keyof L]: FieldValue<L[K]> };

/** A range of bytes. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** A field; two different byte sequences never give one value. Text is latin1 without the NULs at its very end. */
export interface ByteField extends ByteRange {
  readonly name: string;
  readonly value: number | bigint | string;
}

/** Something that does not fit together; the rest of the file was read all the same. */
export interface FormatProblem {
  readonly offset: number;
  readonly detail: string;
}

/** The account of a file: every byte is in a field, in a part that the structure tells, or in a gap. */
export interface ByteAccount {
  readonly size: number;
  readonly fields: readonly ByteField[];
  /** Bytes that no field and no part covers, in order: padding, slack, data that is only measured. */
  readonly gaps: readonly ByteRange[];
  readonly problems: readonly FormatProblem[];
}

/** The bytes that a layout takes. */
export function layoutSize(layout: Layout): number {
  let size = SIZES_OF_LAYOUTS.get(layout);
  if (size === undefined) {
    size = Object.values(layout).reduce((sum, type) => sum + fieldSize(type), 0);
    SIZES_OF_LAYOUTS.set(layout, size);
  }
  return size;
}

/** The values of a structure at the start of `bytes`, which must hold it. */
export function structValues<L extends Layout>(
  layout: L,
  bytes: Uint8Array,
  littleEndian: boolean,
): StructValues<L> {
  const values: Record<string, number | bigint | string> = {};
  let at = 0;
  for (const [name, type] of Object.entries(layout)) {
    values[name] = fieldValue(type, bytes.subarray(at, at + fieldSize(type)), littleEndian);
    at += fieldSize(type);
  }
  return values as StructValues<L>;
}

/** Reads structures and keeps the account of what they covered. */
export interface Dissector {
  readonly size: number;
  readonly littleEndian: boolean;
  /**
   * The values of the structure at `at`, whose bytes are claimed. With `name`, its fields enter the account: named
   * `name.field`, or `field` for an empty name. Throws `FormatError` where it does not fit.
   */
  struct<L extends Layout>(layout: L, at: number, name?: string): StructValues<L>;
  /** The bytes of a part, claimed. Throws `FormatError` where they do not fit, or when far more was read than there is. */
  bytes(at: number, length: number): Uint8Array;
  /** The same without the claim. */
  peek(at: number, length: number): Uint8Array;
  /** A text that ends with a NUL, which is claimed too; latin1. */
  text(at: number): string;
  /** Claims without reading; what lies beyond the end is not claimed. */
  claim(at: number, length: number): void;
  problem(offset: number, detail: string): void;
  /** Runs `part`; its `FormatError` becomes a problem, and the result is undefined, as it is after a hundred problems. */
  attempt<T>(part: () => T): T | undefined;
  account(): ByteAccount;
}

export function dissect(
  format: string,
  input: RandomAccess | Uint8Array,
  littleEndian = true,
): Dissector {
  const access = input instanceof Uint8Array ? null : input;
  const size = access === null ? (input as Uint8Array).length : access.size;
  const fields: ByteField[] = [];
  const problems: FormatProblem[] = [];
  const claims: ByteRange[] = [];
  const texts = new Map<number, string>();
  // Texts that begin inside each other could be read again and again; true files share whole ones, which are kept.
  let textBudget = 8 * size + 65536;
  // True files share some structures; one made to could have the same bytes read for ever.
  let byteBudget = 16 * size + 65536;
  const claim = (offset: number, length: number): void => {
    const end = Math.min(size, offset + length);
    const last = claims.at(-1);
    if (end <= offset || offset < 0) return;
    if (last !== undefined && last.offset + last.length === offset)
      claims[claims.length - 1] = { offset: last.offset, length: end - last.offset };
    else claims.push({ offset, length: end - offset });
  };
  const peek = (at: number, length: number): Uint8Array => {
    if (!Number.isSafeInteger(at) || !(length >= 0) || at < 0 || at + length > size)
      throw new FormatError(
        format,
        Math.min(Math.max(0, at), size),
        `${length} bytes from ${at} on do not fit into ${size}`,
      );
    if ((byteBudget -= length) < 0)
      throw new FormatError(format, at, 'more structures than the file can hold');
    if (access === null) return (input as Uint8Array).subarray(at, at + length);
    const found = access.read(at, length);
    if (found.length === length) return found;
    throw new FormatError(format, at + found.length, 'the file ends early');
  };
  const bytes = (at: number, length: number): Uint8Array => {
    const found = peek(at, length);
    claim(at, length);
    return found;
  };
  const problem = (offset: number, detail: string): void => {
    if (problems.length < MAX_PROBLEMS) problems.push({ offset, detail });
  };
  return {
    size,
    littleEndian,
    peek,
    bytes,
    claim,
    problem,
    struct(layout, at, name) {
      const values = structValues(layout, bytes(at, layoutSize(layout)), littleEndian);
      if (name === undefined) return values;
      let offset = at;
      for (const [key, type] of Object.entries(layout)) {
        const length = fieldSize(type);
        fields.push({
          name: name === '' ? key : `${name}.${key}`,
          offset,
          length,
          value: values[key]!,
        });
        offset += length;
      }
      return values;
    },
    text(at) {
      const known = texts.get(at);
      if (known !== undefined) return known;
      for (let length = 64; ; length *= 4) {
        const piece =
          at >= 0 && at < size
            ? access === null
              ? (input as Uint8Array).subarray(at, at + length)
              : access.read(at, length)
            : new Uint8Array();
        if ((textBudget -= piece.length) < 0)
          throw new FormatError(format, at, 'more text than the file can hold');
        const end = piece.indexOf(0);
        if (end >= 0) {
          claim(at, end + 1);
          const found = latin1(piece.subarray(0, end));
          texts.set(at, found);
          return found;
        }
        if (at + length >= size || piece.length < length)
          throw new FormatError(format, Math.min(Math.max(0, at), size), 'a text without a NUL');
      }
    },
    attempt(part) {
      // So much damage is no file of this format: what was not read stays in the gaps.
      if (problems.length >= MAX_PROBLEMS) return undefined;
      try {
        return part();
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        problem(error.offset, error.message);
        return undefined;
      }
    },
    account: () => ({ size, fields, gaps: gapsBetween(claims, size), problems }),
  };
}

/** What `ranges` leave of the first `size` bytes, in order. */
export function gapsBetween(ranges: readonly ByteRange[], size: number): readonly ByteRange[] {
  const gaps: ByteRange[] = [];
  let covered = 0;
  for (const { offset, length } of [...ranges].sort((a, b) => a.offset - b.offset)) {
    if (offset > covered) gaps.push({ offset: covered, length: offset - covered });
    covered = Math.max(covered, offset + length);
  }
  if (covered < size) gaps.push({ offset: covered, length: size - covered });
  return gaps;
}

/** A 64-bit number as an offset or a count: beyond 2^53 it becomes infinity, which fits nowhere. */
export function toOffset(value: bigint): number {
  return value >= 0n && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : Infinity;
}

export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

const SIZES_OF_LAYOUTS = new WeakMap<Layout, number>();

/** Problems kept of one file: the first ones tell the story. */
const MAX_PROBLEMS = 100;

const SIZES: Readonly<Record<string, number>> = {
  u8: 1,
  u16: 2,
  u32: 4,
  u64: 8,
  s32: 4,
  s64: 8,
  uuid: 16,
  guid: 16,
};

function fieldSize(type: FieldType): number {
  return SIZES[type] ?? Number(type.replace(/^(text|hex)/, ''));
}

function fieldValue(
  type: FieldType,
  bytes: Uint8Array,
  littleEndian: boolean,
): number | bigint | string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (type) {
    case 'u8':
      return view.getUint8(0);
    case 'u16':
      return view.getUint16(0, littleEndian);
    case 'u32':
      return view.getUint32(0, littleEndian);
    case 'u64':
      return view.getBigUint64(0, littleEndian);
    case 's32':
      return view.getInt32(0, littleEndian);
    case 's64':
      return view.getBigInt64(0, littleEndian);
    case 'uuid':
      return groups(bytes);
    case 'guid':
      return groups(
        Uint8Array.from([3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15], (i) => bytes[i]!),
      );
    default:
      return type.startsWith('text')
        ? latin1(bytes).replace(/\0+$/, '')
        : Buffer.from(bytes).toString('hex');
  }
}

function groups(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

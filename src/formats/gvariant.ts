/**
 * Framing of serialised GVariants (GVariant Specification 1.0, chapter 2): where the children of a container begin and end.
 * Framing offsets are little-endian whatever the values are. Only the normal form is read: padding is zero, children follow
 * each other without gaps, offsets never go back; all else is a `FormatError`, so that equal values are equal bytes.
 */

import { FormatError } from '../core/errors.js';

export interface ByteSpan {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/** What framing has to know of a type: `fixedSize` in bytes, null where values of it differ in size. */
export interface Shape {
  readonly alignment: 1 | 2 | 4 | 8;
  readonly fixedSize: number | null;
}

/** Types of variable size without alignment: strings, byte strings, and containers of them. */
export const LOOSE: Shape = { alignment: 1, fixedSize: null };

/** The elements of an array. `span` lies in `bytes`, whose first byte is aligned to 8. */
export function arrayElements(
  bytes: Uint8Array,
  { start, end }: ByteSpan,
  { alignment, fixedSize }: Shape,
): ByteSpan[] {
  const size = end - start;
  if (fixedSize !== null) {
    if (size % fixedSize !== 0)
      throw new FormatError(FORMAT, start, `${size} bytes of elements of ${fixedSize}`);
    return Array.from({ length: size / fixedSize }, (_, i) => ({
      start: start + i * fixedSize,
      end: start + (i + 1) * fixedSize,
    }));
  }
  if (size === 0) return [];
  const width = offsetWidth(size);
  const bodyEnd = start + readOffset(bytes, end - width, width);
  if (bodyEnd > end - width || (end - bodyEnd) % width !== 0)
    throw new FormatError(FORMAT, end - width, 'framing offsets that do not fit the array');
  const elements: ByteSpan[] = [];
  let previous = start;
  for (let at = bodyEnd; at < end; at += width) {
    const from = skipPadding(bytes, previous, alignment);
    const to = start + readOffset(bytes, at, width);
    if (to < from || to > bodyEnd)
      throw new FormatError(FORMAT, at, 'an element that ends outside');
    elements.push({ start: from, end: to });
    previous = to;
  }
  return elements;
}

/** The members of a tuple or dictionary entry. */
export function tupleMembers(
  bytes: Uint8Array,
  { start, end }: ByteSpan,
  shapes: readonly Shape[],
): ByteSpan[] {
  const width = offsetWidth(end - start);
  const framed = shapes.filter(({ fixedSize }, i) => fixedSize === null && i < shapes.length - 1);
  const bodyEnd = end - width * framed.length;
  if (bodyEnd < start) throw new FormatError(FORMAT, start, 'a tuple shorter than its framing');
  let offsetAt = end;
  let at = start;
  const members = shapes.map(({ alignment, fixedSize }, i): ByteSpan => {
    const from = skipPadding(bytes, at, alignment);
    if (fixedSize !== null) at = from + fixedSize;
    else if (i === shapes.length - 1) at = bodyEnd;
    else at = start + readOffset(bytes, (offsetAt -= width), width);
    if (at < from || at > bodyEnd)
      throw new FormatError(FORMAT, from, `member ${i} of a tuple ends outside of it`);
    return { start: from, end: at };
  });
  const fixed = tupleFixedSize(shapes);
  const expected = fixed === null ? at : start + fixed;
  for (; at < Math.min(expected, bodyEnd); at++) if (bytes[at] !== 0) break;
  if (at !== bodyEnd || expected !== bodyEnd)
    throw new FormatError(FORMAT, at, `${bodyEnd - at} bytes beyond the members of a tuple`);
  return members;
}

/** Bytes of a tuple all of whose members have a fixed size, padding at the end included; null for others. */
export function tupleFixedSize(shapes: readonly Shape[]): number | null {
  let size = 0;
  for (const { alignment, fixedSize } of shapes) {
    if (fixedSize === null) return null;
    size = aligned(size, alignment) + fixedSize;
  }
  return Math.max(1, aligned(size, tupleAlignment(shapes)));
}

export function tupleAlignment(shapes: readonly Shape[]): Shape['alignment'] {
  return shapes.reduce<Shape['alignment']>(
    (most, { alignment }) => (alignment > most ? alignment : most),
    1,
  );
}

/** An array of serialised elements. */
export function writeArray(
  elements: readonly Uint8Array[],
  { alignment, fixedSize }: Shape,
): Uint8Array {
  const { parts, ends } = placed(elements.map((bytes) => ({ bytes, alignment })));
  return fixedSize === null ? framed(parts, ends) : Buffer.concat(parts);
}

export interface TupleMember {
  readonly bytes: Uint8Array;
  readonly shape: Shape;
}

/** A tuple of serialised members. */
export function writeTuple(members: readonly TupleMember[]): Uint8Array {
  const { parts, ends } = placed(
    members.map(({ bytes, shape }) => ({ bytes, alignment: shape.alignment })),
  );
  const fixed = tupleFixedSize(members.map(({ shape }) => shape));
  if (fixed !== null) {
    const padding = fixed - (ends.at(-1) ?? 0);
    return Buffer.concat([...parts, Buffer.alloc(padding)]);
  }
  const told = ends.filter(
    (_, i) => members[i]!.shape.fixedSize === null && i < members.length - 1,
  );
  return framed(parts, told.reverse());
}

/** Text up to its NUL, which ends the span; one character per byte. */
export function stringAt(bytes: Uint8Array, { start, end }: ByteSpan): string {
  const b = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const nul = b.indexOf(0, start);
  if (nul !== end - 1)
    throw new FormatError(FORMAT, start, 'a string that does not end in one NUL');
  return b.toString('latin1', start, nul);
}

const FORMAT = 'gvariant';

function aligned(at: number, alignment: number): number {
  return Math.ceil(at / alignment) * alignment;
}

function skipPadding(bytes: Uint8Array, at: number, alignment: number): number {
  const from = aligned(at, alignment);
  for (let i = at; i < from; i++)
    if (bytes[i] !== 0) throw new FormatError(FORMAT, i, 'padding that is not zero');
  return from;
}

/** Bytes of one framing offset in a container of `size` bytes. */
function offsetWidth(size: number): number {
  return size <= 0xff ? 1 : size <= 0xffff ? 2 : size <= 0xffff_ffff ? 4 : 8;
}

function readOffset(bytes: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let i = width - 1; i >= 0; i--) value = value * 256 + bytes[at + i]!;
  return value;
}

function placed(items: readonly { readonly bytes: Uint8Array; readonly alignment: number }[]): {
  readonly parts: Uint8Array[];
  readonly ends: number[];
} {
  const parts: Uint8Array[] = [];
  const ends: number[] = [];
  let at = 0;
  for (const { bytes, alignment } of items) {
    const from = aligned(at, alignment);
    if (from > at) parts.push(Buffer.alloc(from - at));
    parts.push(bytes);
    ends.push((at = from + bytes.length));
  }
  return { parts, ends };
}

function framed(parts: readonly Uint8Array[], offsets: readonly number[]): Uint8Array {
  const body = parts.reduce((sum, { length }) => sum + length, 0);
  const width = [1, 2, 4, 8].find((each) => offsetWidth(body + each * offsets.length) <= each)!;
  const framing = Buffer.alloc(width * offsets.length);
  for (const [i, offset] of offsets.entries())
    for (let byte = 0, rest = offset; byte < width; byte++, rest = Math.floor(rest / 256))
      framing[i * width + byte] = rest % 256;
  return Buffer.concat([...parts, framing]);
}

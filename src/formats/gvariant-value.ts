/** Values of any GVariant type, by type string (GVariant Specification 1.0); numbers little-endian. */

import { FormatError } from '../core/errors.js';
import {
  arrayElements,
  stringAt,
  tupleAlignment,
  tupleFixedSize,
  tupleMembers,
  type ByteSpan,
  type Shape,
} from './gvariant.js';

export type VariantValue =
  | { readonly kind: 'number'; readonly value: number | bigint }
  | { readonly kind: 'boolean'; readonly value: boolean }
  /** Latin1, one character per byte; object paths and signatures too. */
  | { readonly kind: 'string'; readonly value: string }
  /** `ay`. */
  | { readonly kind: 'bytes'; readonly value: Uint8Array }
  /** Arrays, tuples and dictionary entries. */
  | { readonly kind: 'list'; readonly items: readonly VariantValue[] }
  | { readonly kind: 'maybe'; readonly item: VariantValue | null }
  | { readonly kind: 'variant'; readonly type: string; readonly item: VariantValue };

/** What a variant holds, as `v` stands in a container: the value, a NUL, and its type string. */
export interface TypedValue {
  readonly type: string;
  readonly value: VariantValue;
}

/**
 * The content of a `v` that lies at `span`, whose start is aligned to 8. `budget` is taken down by each value; throws
 * `FormatError` beyond it, for a type that is none, and for bytes that are not in normal form.
 */
export function readVariant(
  bytes: Uint8Array,
  span: ByteSpan,
  budget = { values: 1_000_000 },
): TypedValue {
  return variantAt(bytes, span, { ...budget, depth: 0 });
}

interface State {
  values: number;
  depth: number;
}

type Type = Shape &
  (
    | { readonly kind: 'basic'; readonly code: string }
    | { readonly kind: 'array'; readonly element: Type }
    | { readonly kind: 'maybe'; readonly element: Type }
    | { readonly kind: 'tuple'; readonly members: readonly Type[] }
    | { readonly kind: 'variant' }
  );

/** Deeper than this GLib reads none either. */
const MAX_DEPTH = 64;

function variantAt(bytes: Uint8Array, { start, end }: ByteSpan, state: State): TypedValue {
  let nul = end - 1;
  while (nul >= start && bytes[nul] !== 0) nul--;
  if (nul < start) throw new FormatError(FORMAT, start, 'a variant without a type');
  const text = Buffer.from(bytes.subarray(nul + 1, end)).toString('latin1');
  const { type, next } = parseType(text, 0, 0, nul + 1);
  if (next !== text.length) throw new FormatError(FORMAT, nul + 1 + next, 'more than one type');
  return { type: text, value: valueAt(bytes, { start, end: nul }, type, state) };
}

function valueAt(bytes: Uint8Array, span: ByteSpan, type: Type, state: State): VariantValue {
  const { start, end } = span;
  state.values -= 1;
  if (state.values < 0 || state.depth > MAX_DEPTH)
    throw new FormatError(FORMAT, start, 'more values than are read');
  if (type.fixedSize !== null && end - start !== type.fixedSize)
    throw new FormatError(FORMAT, start, `expected ${type.fixedSize} bytes, found ${end - start}`);
  state.depth += 1;
  const value = ((): VariantValue => {
    switch (type.kind) {
      case 'basic':
        return basicAt(bytes, span, type.code);
      case 'variant': {
        const { type: inner, value: item } = variantAt(bytes, span, state);
        return { kind: 'variant', type: inner, item };
      }
      case 'maybe': {
        if (start === end) return { kind: 'maybe', item: null };
        const isLoose = type.element.fixedSize === null;
        if (isLoose && bytes[end - 1] !== 0)
          throw new FormatError(FORMAT, end - 1, 'a maybe that does not end in zero');
        const inner = { start, end: isLoose ? end - 1 : end };
        return { kind: 'maybe', item: valueAt(bytes, inner, type.element, state) };
      }
      case 'array':
        if (type.element.kind === 'basic' && type.element.code === 'y')
          return { kind: 'bytes', value: bytes.subarray(start, end) };
        return {
          kind: 'list',
          items: arrayElements(bytes, span, type.element).map((element) =>
            valueAt(bytes, element, type.element, state),
          ),
        };
      case 'tuple':
        if (type.members.length === 0 && bytes[start] !== 0)
          throw new FormatError(FORMAT, start, 'a unit that is not zero');
        return {
          kind: 'list',
          items: tupleMembers(bytes, span, type.members).map((member, i) =>
            valueAt(bytes, member, type.members[i]!, state),
          ),
        };
    }
  })();
  state.depth -= 1;
  return value;
}

function basicAt(bytes: Uint8Array, span: ByteSpan, code: string): VariantValue {
  if (TEXT.has(code)) return { kind: 'string', value: stringAt(bytes, span) };
  const view = new DataView(bytes.buffer, bytes.byteOffset + span.start, span.end - span.start);
  switch (code) {
    case 'b':
      if (view.getUint8(0) > 1) throw new FormatError(FORMAT, span.start, 'a boolean beyond 1');
      return { kind: 'boolean', value: view.getUint8(0) === 1 };
    case 'y':
      return { kind: 'number', value: view.getUint8(0) };
    case 'n':
      return { kind: 'number', value: view.getInt16(0, true) };
    case 'q':
      return { kind: 'number', value: view.getUint16(0, true) };
    case 'i':
    case 'h':
      return { kind: 'number', value: view.getInt32(0, true) };
    case 'u':
      return { kind: 'number', value: view.getUint32(0, true) };
    case 'x':
      return { kind: 'number', value: view.getBigInt64(0, true) };
    case 't':
      return { kind: 'number', value: view.getBigUint64(0, true) };
    default:
      return { kind: 'number', value: view.getFloat64(0, true) };
  }
}

const FORMAT = 'gvariant';
const TEXT: ReadonlySet<string> = new Set('sog');
const FIXED: Readonly<Record<string, 1 | 2 | 4 | 8>> = {
  b: 1,
  y: 1,
  n: 2,
  q: 2,
  i: 4,
  u: 4,
  h: 4,
  x: 8,
  t: 8,
  d: 8,
};

function parseType(
  text: string,
  at: number,
  depth: number,
  offset: number,
): { type: Type; next: number } {
  const code = text[at] ?? '';
  const wrong = (): never => {
    throw new FormatError(FORMAT, offset + at, 'a type string that is none');
  };
  if (depth > MAX_DEPTH) return wrong();
  const fixed = FIXED[code];
  if (fixed !== undefined)
    return { type: { kind: 'basic', code, alignment: fixed, fixedSize: fixed }, next: at + 1 };
  if (TEXT.has(code))
    return { type: { kind: 'basic', code, alignment: 1, fixedSize: null }, next: at + 1 };
  if (code === 'v')
    return { type: { kind: 'variant', alignment: 8, fixedSize: null }, next: at + 1 };
  if (code === 'a' || code === 'm') {
    const { type: element, next } = parseType(text, at + 1, depth + 1, offset);
    const kind = code === 'a' ? 'array' : 'maybe';
    return { type: { kind, element, alignment: element.alignment, fixedSize: null }, next };
  }
  if (code !== '(' && code !== '{') return wrong();
  const close = code === '(' ? ')' : '}';
  const members: Type[] = [];
  let next = at + 1;
  while (text[next] !== close) {
    const member = parseType(text, next, depth + 1, offset);
    members.push(member.type);
    next = member.next;
  }
  if (code === '{' && members.length !== 2) return wrong();
  const type: Type = {
    kind: 'tuple',
    members,
    alignment: tupleAlignment(members),
    fixedSize: tupleFixedSize(members),
  };
  return { type, next: next + 1 };
}

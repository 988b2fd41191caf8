/** Fixed little-endian layouts as tables: every field of a record by name, with its place in the file. */

import { FormatError } from '../core/errors.js';

/** A number is that many bytes, taken as they are. */
export type FieldType = 'u8' | 'u16' | 'u32' | 'u64' | number;
/** The fields of a record in the order of the file, without holes. */
export type Layout = Readonly<Record<string, FieldType>>;

export interface Field<V> {
  /** In the file. */
  readonly offset: number;
  readonly length: number;
  readonly value: V;
}

export type FieldsOf<L extends Layout> = {
  readonly [N in keyof L]: Field<ValueOf<L[N]>>;
};

type ValueOf<T extends FieldType> = T extends 'u64'
  ? bigint
  : T extends number
    ? Uint8Array
    : number;

/** Bytes that a record of this layout takes. */
export function layoutLength(layout: Layout): number {
  return Object.values(layout).reduce<number>((sum, type) => sum + widthOf(type), 0);
}

/** The record that begins `bytes`, which begin at `base` in the file. Throws `FormatError` when it is cut off. */
export function readFields<const L extends Layout>(
  format: string,
  layout: L,
  bytes: Uint8Array,
  base: number,
): FieldsOf<L> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fields: [string, Field<number | bigint | Uint8Array>][] = [];
  let at = 0;
  for (const [name, type] of Object.entries(layout)) {
    const length = widthOf(type);
    if (at + length > bytes.length)
      throw new FormatError(format, base + at, `expected ${name}, found the end`);
    fields.push([name, { offset: base + at, length, value: valueAt(view, at, type) }]);
    at += length;
  }
  // The loop above gave every name of the layout a value of its type.
  return Object.fromEntries(fields) as unknown as FieldsOf<L>;
}

/** Bytes up to the first NUL, one character per byte. */
export function zeroEnded(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString('latin1');
}

function widthOf(type: FieldType): number {
  return typeof type === 'number' ? type : WIDTHS[type];
}

function valueAt(view: DataView, at: number, type: FieldType): number | bigint | Uint8Array {
  switch (type) {
    case 'u8':
      return view.getUint8(at);
    case 'u16':
      return view.getUint16(at, true);
    case 'u32':
      return view.getUint32(at, true);
    case 'u64':
      return view.getBigUint64(at, true);
    default:
      return new Uint8Array(view.buffer, view.byteOffset + at, type);
  }
}

const WIDTHS = { u8: 1, u16: 2, u32: 4, u64: 8 } as const;

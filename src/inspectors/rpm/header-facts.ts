/** One fact for every tag of an RPM header, and digests of how they are put together. */

import type { Fact, FactKind, FactValue } from '../../core/facts.js';
import { rpmTagName } from '../../formats/rpm-tag-names.js';
import { RPM_TYPE, type RpmHeader, type RpmIndexEntry } from '../../formats/rpm-header.js';
import { shortDigest } from '../common/short-digest.js';
import { isLiteral, tagKind } from './tag-kinds.js';

/** Longer texts are digests. */
const LONGEST_TEXT = 1024;
/** So many numbers are told as they are. */
const FEW_NUMBERS = 4;
const COUNTS_BYTES = 8;
const ENTRY_BYTES = 16;
/** Bytes of one number, by type. */
const WIDTHS: Readonly<Record<number, number>> = {
  [RPM_TYPE.CHAR]: 1,
  [RPM_TYPE.INT8]: 1,
  [RPM_TYPE.INT16]: 2,
  [RPM_TYPE.INT32]: 4,
  [RPM_TYPE.INT64]: 8,
};

/** `kind` says what numbers above 999 mean. Throws `FormatError` where a string has no end. */
export function rpmHeaderFacts(header: RpmHeader, kind: 'package' | 'signature'): readonly Fact[] {
  const { blob, entries } = header;
  const count = blob.readUInt32BE(0);
  const dataStart = COUNTS_BYTES + count * ENTRY_BYTES;
  const told: { readonly offset: number; readonly length: number }[] = [];
  const facts = entries.map((entry): Fact => {
    const bytes = bytesOf(blob, entry);
    told.push({ offset: entry.offset, length: bytes.length });
    const name = rpmTagName(entry.tag, kind);
    return { name, ...valueOf(name, entry, bytes), offset: entry.offset };
  });
  const immutable = entries.filter(({ dribble }) => !dribble).length;
  const rest = Buffer.from(blob.subarray(dataStart));
  for (const { offset, length } of told)
    rest.fill(0, offset - dataStart, offset - dataStart + length);
  return [
    ...facts,
    // Tags, types, places and numbers of values, in order, of what came with the package and of what was added.
    { name: 'index', kind: 'layout', value: shortDigest(blob.subarray(0, dataStart)), offset: 0 },
    { name: 'dribbles', kind: 'layout', value: entries.length - immutable, offset: null },
    // The trailer of the region, and what fills up to the next multiple of a number's size.
    { name: 'padding', kind: 'layout', value: shortDigest(rest), offset: dataStart },
  ];
}

function bytesOf(blob: Buffer, { type, offset, count }: RpmIndexEntry): Buffer {
  if (type === RPM_TYPE.BIN) return blob.subarray(offset, offset + count);
  const width = WIDTHS[type];
  if (width !== undefined) return blob.subarray(offset, offset + count * width);
  let end = offset;
  // A string without an end takes the rest: the reader that asks for its text complains.
  for (let i = 0; i < count && end < blob.length; i++) {
    const nul = blob.indexOf(0, end);
    end = nul < 0 ? blob.length : nul + 1;
  }
  return blob.subarray(offset, end);
}

function valueOf(
  name: string,
  { type, count }: RpmIndexEntry,
  bytes: Buffer,
): { readonly kind: FactKind; readonly value: FactValue } {
  const kind = tagKind(name);
  const width = WIDTHS[type];
  if (width !== undefined) return numbersOf(kind ?? 'number', bytes, width, count);
  const isText = type === RPM_TYPE.STRING || (type !== RPM_TYPE.BIN && count === 1);
  if (isText && isLiteral(name) && bytes.length <= LONGEST_TEXT)
    return { kind: kind ?? 'text', value: withoutEnd(bytes.toString('latin1')) };
  if (kind === 'slack' && bytes.every((byte) => byte === 0))
    return { kind, value: `${bytes.length} zeros` };
  return { kind: kind ?? 'opaque', value: counted(bytes, count) };
}

function numbersOf(
  kind: FactKind,
  bytes: Buffer,
  width: number,
  count: number,
): { readonly kind: FactKind; readonly value: FactValue } {
  const few = count <= FEW_NUMBERS || (kind === 'time' && isRepeated(bytes, width));
  if (!few) return { kind: kind === 'time' ? 'opaque' : kind, value: counted(bytes, count) };
  const values = Array.from({ length: count }, (_, i) => numberAt(bytes, i * width, width));
  const [first = null] = values;
  if (kind === 'time')
    return values.every((value) => value === first)
      ? { kind, value: String(first) }
      : { kind: 'opaque', value: values.join(' ') };
  if (kind === 'mode')
    return { kind, value: values.map((value) => Number(value).toString(8)).join(' ') };
  return { kind, value: values.length === 1 ? first : values.join(' ') };
}

function isRepeated(bytes: Buffer, width: number): boolean {
  return bytes.subarray(width).equals(bytes.subarray(0, bytes.length - width));
}

function numberAt(bytes: Buffer, at: number, width: number): FactValue {
  if (width < 8) return bytes.readUIntBE(at, width);
  const value = bytes.readBigUInt64BE(at);
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : String(value);
}

/** A digest, and of how many values. */
function counted(bytes: Buffer, count: number): string {
  return count === 1 ? shortDigest(bytes) : `${shortDigest(bytes)} of ${count}`;
}

function withoutEnd(text: string): string {
  return text.endsWith('\0') ? text.slice(0, -1) : text;
}

/** Facts from the account that a parser keeps of a file: its fields by name, padding, and how the rest is laid out. */

import type { Fact, FactKind, FactProblem, FactValue } from '../../core/facts.js';
import type { ByteAccount, ByteField } from '../../formats/byte-fields.js';
import { maskedCopy } from './masked.js';
import { shortDigest } from './short-digest.js';

/** What a field is called in its specification, and of which kind it is; or its kind alone. */
export type FieldNotes = Readonly<Record<string, FactKind | readonly [string, FactKind]>>;

/** One fact for each field; reserved and padding bytes are told only when they are not zero. */
export function fieldFacts({ fields }: ByteAccount, notes: FieldNotes): Fact[] {
  return fields.flatMap((field) => {
    const note = notes[field.name] ?? kindOf(field);
    const [name, kind] = typeof note === 'string' ? [field.name, note] : note;
    const value = valueOf(field, kind);
    return kind === 'slack' && isEmpty(value) ? [] : [{ name, kind, value, offset: field.offset }];
  });
}

/** Bytes that nothing refers to: one digest, and none when all are zero. */
export function gapFacts({ gaps }: ByteAccount, bytes: Uint8Array, kind: FactKind): Fact[] {
  const pieces = gaps.map(({ offset, length }) => bytes.subarray(offset, offset + length));
  if (pieces.every((piece) => piece.every((byte) => byte === 0))) return [];
  const offset = gaps[0]?.offset ?? null;
  return [{ name: 'padding', kind, value: shortDigest(...pieces), offset }];
}

/**
 * How a file is laid out: a digest of all bytes but those that fields and gaps tell. It follows from the rows as long as one
 * of them differs; when none does, the same things lie at other places.
 */
export function layoutFact({ fields, gaps }: ByteAccount, bytes: Uint8Array): Fact {
  const rest = maskedCopy(bytes, 0, [...fields, ...gaps]);
  return { name: 'layout', kind: 'layout', value: shortDigest(rest), offset: null };
}

export function problemsOf({ problems }: ByteAccount): FactProblem[] {
  return problems.map(({ offset, detail }) => ({ offset, detail }));
}

/** Numbers beyond 2^53 as decimal text. */
export function factNumber(value: number | bigint): FactValue {
  if (typeof value === 'number') return value;
  const isSafe = value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER;
  return isSafe ? Number(value) : String(value);
}

const LONGEST_TEXT = 128;

function kindOf({ name, value }: ByteField): FactKind {
  if (/padding|reserved|unused/i.test(name)) return 'slack';
  if (/(offset|start|end|sector|table)$/i.test(name)) return 'offset';
  if (/(size|count|bytes|sectors)$/i.test(name)) return 'size';
  if (/(checksum|crc)$/i.test(name)) return 'checksum';
  return typeof value === 'string' ? 'text' : 'number';
}

function valueOf({ value }: ByteField, kind: FactKind): FactValue {
  if (typeof value !== 'string') return factNumber(value);
  if (kind === 'slack' && isEmpty(value)) return 0;
  return value.length > LONGEST_TEXT ? shortDigest(value) : value;
}

function isEmpty(value: FactValue): boolean {
  return value === null || value === 0 || /^0*$/.test(String(value));
}

/** Facts for fields of fixed structures, as `readFields` returns them. */

import type { Fact, FactKind, FactValue } from '../../core/facts.js';
import { zeroEnded, type Field } from '../../formats/fields.js';
import { bigFact } from '../common/fact-number.js';
import type { Told } from '../common/told.js';

export type FieldRecord = Readonly<Record<string, Field<number | bigint | Uint8Array> | undefined>>;

export interface FieldOptions {
  /** By the name of the parser. What is not here is a kind by its name. */
  readonly kinds?: Readonly<Record<string, FactKind>>;
  /** Put before the names of all fields. */
  readonly prefix?: string;
  /** How the specification writes a name of the parser; a capital letter in front unless said. */
  readonly rename?: (name: string) => string;
}

/** One fact for each field that is not zero. All of them are told. */
export function fieldFacts(record: FieldRecord, told: Told, options: FieldOptions = {}): Fact[] {
  const { kinds = {}, prefix = '', rename = capitalised } = options;
  return Object.entries(record).flatMap(([name, field]): Fact[] => {
    if (field === undefined) return [];
    told.add(field.offset, field.length);
    const kind = kinds[name] ?? kindOf(name);
    const value = fieldValue(field.value, kind);
    if (value === null) return [];
    return [{ name: prefix + rename(name), kind, value, offset: field.offset }];
  });
}

/** Null for zeros. */
export function fieldValue(value: number | bigint | Uint8Array, kind: FactKind): FactValue {
  if (value instanceof Uint8Array) return bytesValue(value, kind);
  if (value === 0 || value === 0n) return null;
  if (kind === 'time') return String(value);
  return typeof value === 'bigint' ? bigFact(value) : value;
}

/** Text up to its NUL where all behind that is NUL too, otherwise hex. */
function bytesValue(bytes: Uint8Array, kind: FactKind): FactValue {
  if (bytes.every((byte) => byte === 0)) return null;
  const text = zeroEnded(bytes);
  const isText = TEXTUAL.has(kind) && bytes.subarray(text.length).every((byte) => byte === 0);
  return isText ? text : Buffer.from(bytes).toString('hex');
}

export function kindOf(name: string): FactKind {
  if (/time|date/i.test(name)) return 'time';
  if (/check_?sum|crc/i.test(name)) return 'checksum';
  if (/^(?:number|size)|(?:size|length|sects)$|^syssize$/i.test(name)) return 'size';
  if (/pointer|address|offset|entry|base|^e?_?lfanew|addr$/i.test(name)) return 'offset';
  if (/version/i.test(name)) return 'version';
  if (/flags|characteristics/i.test(name)) return 'flags';
  if (/reserved|padding/i.test(name)) return 'slack';
  return 'number';
}

function capitalised(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

const TEXTUAL: ReadonlySet<FactKind> = new Set(['text', 'version', 'path']);

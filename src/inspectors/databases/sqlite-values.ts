/** Values of a column as facts: numbers and what cannot be secret literally, everything else as digests. */

import type { FactKind, FactValue } from '../../core/facts.js';
import { isSecretName, secretAt } from '../../core/secret-words.js';
import { isSecretContent } from '../../core/secrets.js';
import type { SqliteValue } from '../../formats/sqlite-record.js';
import { xxh64OfText } from '../../util/xxh64.js';
import { shortDigest } from '../common/short-digest.js';

/** A value without its place in the file; text longer than `LONGEST_TEXT` and blobs are digests already. */
export type Cell =
  | { readonly kind: 'null' }
  | { readonly kind: 'integer'; readonly value: bigint }
  | { readonly kind: 'real'; readonly value: number }
  /** Latin1 bytes of the UTF-8. */
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'digest'; readonly value: string; readonly isSecret: boolean };

export interface FactValues {
  readonly kind: FactKind;
  readonly of: (cell: Cell) => FactValue;
}

type IsTime = (seconds: number) => boolean;

const LONGEST_TEXT = 256;
/** Columns of words that name things. */
const NAMES =
  /(?:^|_)(?:name|nevra|package|pkg|arch|epoch|release|version|evr|tbl|idx|type|state|status|reason|action|locale|lang|repo|repoid|priority|section|mime|mimetype|encoding|format|category|release_?ver)$/i;
const WORD = /^[\w.+:~^@%,-]{1,100}$/;
const DIGEST_LIKE = /[\da-f]{32}|[A-Za-z\d+=_-]{40}/i;
const TIME_NAMES =
  /(?:^|_)(?:time|date|datetime|timestamp|dt|mtime|ctime|atime)(?:_|$)|_at$|(?:time|Time|Date)$/;
const PATH = /^(?:\/[\w.+@%~,-]+)+\/?$/;
const VERSION = /^\d+(?:\.\d+)+[\w.+~-]*$/;
const NUMBER = /^\d{1,15}$/;
const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;
const TIME_TEXT = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d{1,9})?)(Z|[+-]\d\d:\d\d)?$/;

export function cellOf(value: SqliteValue | undefined): Cell {
  if (value === undefined || value.kind === 'null') return { kind: 'null' };
  if (value.kind === 'integer') return { kind: 'integer', value: value.value };
  if (value.kind === 'real') return { kind: 'real', value: value.value };
  if (value.kind === 'text' && value.bytes.length <= LONGEST_TEXT)
    return { kind: 'text', value: latin1Of(value.value) };
  return { kind: 'digest', value: shortDigest(value.bytes), isSecret: holdsSecret(value.bytes) };
}

/**
 * Whether a column has secrets: by its name, by the form of one of its values, or because the name of a secret stands beside it in
 * the same row, as in tables of settings. A number under `key` is the key of a row.
 */
export function isSecretColumn(
  name: string,
  rows: readonly (readonly Cell[])[],
  at: number,
): boolean {
  const cells = rows.map((row) => row[at] ?? NULL);
  const isNumeric = cells.every(({ kind }) => kind !== 'text' && kind !== 'digest');
  if (isSecretName(name) && !BARE_KEY.test(name) && !(isNumeric && /key$/i.test(name))) return true;
  if (isNumeric || NAMES.test(name) || BARE_KEY.test(name)) return false;
  return rows.some((row, i) => isSecretCell(cells[i]!) || namesSecret(row, at));
}

const NULL: Cell = { kind: 'null' };
const BARE_KEY = /^keys?$/i;

function isSecretCell(cell: Cell): boolean {
  if (cell.kind === 'digest') return cell.isSecret;
  return cell.kind === 'text' && holdsSecret(Buffer.from(cell.value, 'latin1'));
}

function holdsSecret(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  return secretAt(text) >= 0 || isSecretContent(bytes);
}

function namesSecret(row: readonly Cell[], at: number): boolean {
  return row.some(
    (cell, i) =>
      i !== at && cell.kind === 'text' && NAME.test(cell.value) && isSecretName(cell.value),
  );
}

const NAME = /^[\w./:-]{2,64}$/;

/** Keyed digests of all values. */
export function secretValues(keyed: (bytes: Uint8Array) => string): FactValues {
  return {
    kind: 'secret',
    of: (cell) =>
      cell.kind === 'null' ? null : keyed(Buffer.from(`${cell.kind} ${cell.value}`, 'latin1')),
  };
}

/** How the values of a column are told, by its name and by what all of them look like. */
export function columnValues(name: string, cells: readonly Cell[], isTime: IsTime): FactValues {
  const integers = cells.flatMap((cell) => (cell.kind === 'integer' ? [cell.value] : []));
  const reals = cells.flatMap((cell) => (cell.kind === 'real' ? [cell.value] : []));
  const texts = cells.flatMap((cell) => (cell.kind === 'text' ? [cell.value] : []));
  if (integers.length + reals.length > 0) return numericValues(name, integers, reals, isTime);
  const isAll = (pattern: RegExp): boolean =>
    texts.length > 0 && texts.every((text) => pattern.test(text));
  if (isAll(TIME_TEXT)) return timeTexts(texts);
  if (isAll(UUID)) return ofTexts('random', uuidValue);
  if (isAll(PATH)) return ofTexts('path', literal);
  if (isAll(NUMBER)) return ofTexts('number', literal);
  if (isAll(VERSION)) return ofTexts('version', literal);
  if (NAMES.test(name) && texts.length > 0)
    return ofTexts(/version|release|evr/i.test(name) ? 'version' : 'text', (text) =>
      isHarmless(text) ? text : shortDigest(text),
    );
  return ofTexts('opaque', (text) => shortDigest(text));
}

/** A value as part of the key of its row, latin1. */
export function keyText(column: string, cell: Cell): string {
  switch (cell.kind) {
    case 'null':
      return 'NULL';
    case 'integer':
    case 'real':
      return String(cell.value);
    case 'text':
      if (PATH.test(cell.value) || NUMBER.test(cell.value)) return cell.value;
      return NAMES.test(column) && isHarmless(cell.value)
        ? cell.value
        : `#${shortDigest(cell.value).slice(0, 16)}`;
    case 'digest':
      return `#${cell.value.slice(0, 16)}`;
  }
}

/** A text as the bytes of its UTF-8, one character each. */
export function latin1Of(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** A number of SQLite as a fact. */
export function integerFact(value: bigint): FactValue {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

function isHarmless(text: string): boolean {
  return WORD.test(text) && !DIGEST_LIKE.test(text);
}

function numericValues(
  name: string,
  integers: readonly bigint[],
  reals: readonly number[],
  isTime: IsTime,
): FactValues {
  const set = integers.filter((value) => value !== 0n);
  const around = set.filter((value) => isTime(Number(value) / unitOf(value))).length;
  const aroundReals = reals.filter((value) => isTime(value)).length;
  const plausible =
    set.filter(isPlausible).length + reals.filter((value) => value > 3e8 && value < 5e9).length;
  const total = set.length + reals.length;
  const isTimes =
    total > 0 &&
    ((around + aroundReals) * 2 >= total || (TIME_NAMES.test(name) && plausible === total));
  const kind = isTimes ? 'time' : kindOfNumbers(name);
  return {
    kind,
    of: (cell) => {
      if (cell.kind === 'integer')
        return kind === 'time' ? secondsOf(cell.value) : integerFact(cell.value);
      if (cell.kind === 'real') return kind === 'time' ? String(cell.value) : realFact(cell.value);
      if (cell.kind === 'text') return shortDigest(cell.value);
      return cell.kind === 'null' ? null : cell.value;
    },
  };
}

function kindOfNumbers(name: string): FactKind {
  if (/(?:^|_)(?:uid|gid|loginuid|owner)$/i.test(name)) return 'owner';
  if (/(?:^|_)(?:inode|ino|dev|device)$/i.test(name)) return 'file-system';
  return 'number';
}

/** Infinity has no JSON. */
function realFact(value: number): FactValue {
  return Number.isFinite(value) ? value : String(value);
}

/** How many of the unit make a second: seconds, milliseconds, microseconds, nanoseconds by the size of the number. */
function unitOf(value: bigint): number {
  const size = value < 0n ? -value : value;
  if (size < 100_000_000_000n) return 1;
  if (size < 100_000_000_000_000n) return 1e3;
  return size < 100_000_000_000_000_000n ? 1e6 : 1e9;
}

/** 1980 to 2128. */
function isPlausible(value: bigint): boolean {
  const seconds = Number(value) / unitOf(value);
  return seconds > 3e8 && seconds < 5e9;
}

function secondsOf(value: bigint): string {
  const unit = BigInt(unitOf(value));
  if (unit === 1n || value < 0n) return String(value);
  const fraction = String(value % unit)
    .padStart(String(unit).length - 1, '0')
    .replace(/0+$/, '');
  return fraction === '' ? String(value / unit) : `${value / unit}.${fraction}`;
}

function ofTexts(kind: FactKind, tell: (text: string) => FactValue): FactValues {
  return {
    kind,
    of: (cell) =>
      cell.kind === 'text'
        ? tell(cell.value)
        : cell.kind === 'digest'
          ? cell.value
          : cell.kind === 'null'
            ? null
            : String(cell.value),
  };
}

function literal(text: string): FactValue {
  return text;
}

function uuidValue(text: string): FactValue {
  return `uuid${text[14]}:${xxh64OfText(text.toLowerCase())}`;
}

/** With a zone in all of them they are points in time. */
function timeTexts(texts: readonly string[]): FactValues {
  const isZoned = texts.every((text) => TIME_TEXT.exec(text)?.[3] !== undefined);
  if (!isZoned) return ofTexts('local-time', (text) => text.replace(' ', 'T'));
  return ofTexts('time', (text) => {
    const milliseconds = Date.parse(text.replace(' ', 'T'));
    return Number.isNaN(milliseconds) ? text : String(milliseconds / 1000);
  });
}

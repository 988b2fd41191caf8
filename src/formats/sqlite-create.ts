/**
 * What CREATE TABLE and CREATE INDEX say about the columns of records (sqlite.org/lang_createtable.html,
 * fileformat2.html 2.3 to 2.5). It is read with tolerance: only what decides where a value is and what it is called.
 */

import { isSign, isWord, splitList, sqlTokens, type SqlToken } from './sqlite-sql.js';

export interface SqliteColumn {
  readonly name: string;
  /** As declared, empty when it is not. */
  readonly type: string;
  /** Its value is the rowid, and the record has NULL in its place. */
  readonly rowid: boolean;
  /** Place of its value in a record; null for one that is computed on reading. */
  readonly stored: number | null;
}

export interface CreateTable {
  readonly columns: readonly SqliteColumn[];
  readonly withoutRowid: boolean;
  /** Names in the primary key, in its order; empty when there is none. */
  readonly primaryKey: readonly string[];
  /** Columns of each UNIQUE and PRIMARY KEY that has an index of its own, in the order of their automatic indexes. */
  readonly automaticIndexes: readonly (readonly string[])[];
}

interface Column {
  readonly name: string;
  readonly type: string;
  readonly virtual: boolean;
}

interface Key {
  readonly primary: boolean;
  readonly columns: readonly string[];
  /** `PRIMARY KEY DESC` behind a column is, by an old mistake, no alias of the rowid. */
  readonly descending: boolean;
}

const COLUMN_CONSTRAINTS = [
  'CONSTRAINT',
  'PRIMARY',
  'NOT',
  'NULL',
  'UNIQUE',
  'CHECK',
  'DEFAULT',
  'COLLATE',
  'REFERENCES',
  'GENERATED',
  'AS',
];
/** SQLITE_MAX_COLUMN cannot be more. */
const MAX_COLUMNS = 32_767;
const TABLE_CONSTRAINTS = ['CONSTRAINT', 'PRIMARY', 'UNIQUE', 'CHECK', 'FOREIGN'];

/** null for anything but a CREATE TABLE with a list of columns: a virtual table, a statement that was tampered with. */
export function parseCreateTable(sql: string): CreateTable | null {
  const tokens = sqlTokens(sql);
  if (!isWord(tokens[0], 'CREATE')) return null;
  const word = isWord(tokens[1], 'TEMP', 'TEMPORARY') ? 2 : 1;
  const open = tokens.findIndex((token) => isSign(token, '('));
  if (!isWord(tokens[word], 'TABLE') || open === -1) return null;
  const { parts, close } = splitList(tokens, open);
  if (parts.length > MAX_COLUMNS) return null;
  const columns: Column[] = [];
  const keys: Key[] = [];
  for (const part of parts) {
    if (isWord(part[0], ...TABLE_CONSTRAINTS)) keys.push(...keysOf(part, null));
    else columns.push(readColumn(part, keys));
  }
  const options = tokens.slice(close + 1);
  const without = options.findIndex((token) => isWord(token, 'WITHOUT'));
  const withoutRowid = without !== -1 && isWord(options[without + 1], 'ROWID');
  return layOut(columns, keys, withoutRowid);
}

/** The indexed columns, null for an expression; null for anything but a CREATE INDEX. */
export function parseCreateIndex(sql: string): readonly (string | null)[] | null {
  const tokens = sqlTokens(sql);
  const word = isWord(tokens[1], 'UNIQUE') ? 2 : 1;
  const open = tokens.findIndex((token) => isSign(token, '('));
  if (!isWord(tokens[0], 'CREATE') || !isWord(tokens[word], 'INDEX') || open === -1) return null;
  const { parts } = splitList(tokens, open);
  return parts.length > MAX_COLUMNS ? null : parts.map(indexedName);
}

/** Names in SQL are compared without regard to the case of ASCII letters. */
function sameName(a: string, b: string): boolean {
  return foldName(a) === foldName(b);
}

/** The form in which names are equal. */
export function foldName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function readColumn(part: readonly SqlToken[], keys: Key[]): Column {
  const name = part[0]!.text;
  const behind = part.findIndex((token, i) => i > 0 && isWord(token, ...COLUMN_CONSTRAINTS));
  const constraints = behind === -1 ? [] : part.slice(behind);
  keys.push(...keysOf(constraints, name));
  return {
    name,
    type: typeOf(part.slice(1, behind === -1 ? undefined : behind)),
    virtual: isVirtual(constraints),
  };
}

function typeOf(tokens: readonly SqlToken[]): string {
  let text = '';
  for (const [i, token] of tokens.entries()) {
    const glued = i === 0 || token.kind === 'sign' || isSign(tokens[i - 1], '(');
    text += glued ? token.text : ` ${token.text}`;
  }
  return text;
}

/** `AS (…)` computes on reading unless STORED follows. */
function isVirtual(constraints: readonly SqlToken[]): boolean {
  let depth = 0;
  for (const [i, token] of constraints.entries()) {
    if (isSign(token, '(')) depth++;
    if (isSign(token, ')')) depth--;
    if (depth > 0 || !isWord(token, 'AS') || !isSign(constraints[i + 1], '(')) continue;
    const { close } = splitList(constraints, i + 1);
    return !isWord(constraints[close + 1], 'STORED');
  }
  return false;
}

/** The keys in a table constraint, or in those of `column`. */
function keysOf(tokens: readonly SqlToken[], column: string | null): readonly Key[] {
  const keys: Key[] = [];
  let depth = 0;
  for (let i = 0; i < tokens.length; i++) {
    if (isSign(tokens[i], '(')) depth++;
    if (isSign(tokens[i], ')')) depth--;
    const primary = isWord(tokens[i], 'PRIMARY') && isWord(tokens[i + 1], 'KEY');
    // `CONSTRAINT unique` would be a name.
    if (depth > 0 || isWord(tokens[i - 1], 'CONSTRAINT')) continue;
    if (!primary && !isWord(tokens[i], 'UNIQUE')) continue;
    const next = i + (primary ? 2 : 1);
    if (column !== null) {
      const descending = primary && isWord(tokens[next], 'DESC');
      keys.push({ primary, columns: [column], descending });
    } else if (isSign(tokens[next], '(')) {
      const columns = splitList(tokens, next).parts.map((part) => indexedName(part) ?? '');
      keys.push({ primary, columns, descending: false });
    }
  }
  return keys;
}

/** A lone name, perhaps with a collation and a direction; anything else is an expression. */
function indexedName(part: readonly SqlToken[]): string | null {
  const [first, ...rest] = part;
  if (first === undefined || first.kind === 'sign' || first.kind === 'number') return null;
  let at = 0;
  if (isWord(rest[at], 'COLLATE')) at += 2;
  if (isWord(rest[at], 'ASC', 'DESC')) at++;
  return at === rest.length ? first.text : null;
}

function layOut(
  columns: readonly Column[],
  keys: readonly Key[],
  withoutRowid: boolean,
): CreateTable {
  const primary = keys.find((key) => key.primary);
  const alone = primary?.columns.length === 1 ? primary.columns[0]! : null;
  const alias =
    withoutRowid || alone === null || primary!.descending
      ? undefined
      : columns.find(({ name, type }) => sameName(name, alone) && sameName(type, 'integer'));
  const order = withoutRowid ? keyFirst(columns, primary?.columns ?? []) : columns;
  const stored = new Map(
    order.filter((column) => !column.virtual).map((column, place) => [column, place]),
  );
  const key = (primary?.columns ?? []).slice(0, MAX_COLUMNS);
  return {
    columns: columns.map((column) => ({
      name: column.name,
      type: column.type,
      rowid: column === alias,
      stored: stored.get(column) ?? null,
    })),
    withoutRowid,
    primaryKey: namedIn(columns, key).map(({ name }) => name),
    automaticIndexes: automatic(keys, alias !== undefined),
  };
}

/** Records without a rowid have the primary key first (2.4). */
function keyFirst(columns: readonly Column[], key: readonly string[]): readonly Column[] {
  return [...new Set([...namedIn(columns, key), ...columns])];
}

/** The columns of these names, each once. */
function namedIn(columns: readonly Column[], names: readonly string[]): readonly Column[] {
  const byName = new Map(columns.map((column) => [foldName(column.name), column]));
  return [...new Set(names.flatMap((name) => byName.get(foldName(name)) ?? []))];
}

/** One index per distinct list of columns. */
function automatic(keys: readonly Key[], hasAlias: boolean): readonly (readonly string[])[] {
  const seen = new Set<string>();
  return keys.flatMap(({ primary, columns }) => {
    const id = foldName(columns.join('\0'));
    if ((primary && hasAlias) || seen.has(id)) return [];
    seen.add(id);
    return [columns];
  });
}

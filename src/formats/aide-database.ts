/**
 * Databases of AIDE (aide.conf(5), `database_out`), as versions 0.16 to 0.18 write them: a line per file with the columns that
 * `@@db_spec` names, of which the column `attr` says which ones the rules recorded for this file.
 */

import { typeOfMode } from '../core/entry.js';
import {
  decimal,
  MAX_ID,
  MAX_SIZE,
  NOTHING_LISTED,
  pointTime,
  quoted,
  type ListedEntry,
  type ListingReader,
} from './listing.js';

/** Bits of the column `attr` by column, as AIDE numbers its attributes. */
export const AIDE_BITS = {
  name: 0,
  lname: 1,
  perm: 2,
  uid: 3,
  gid: 4,
  size: 5,
  mtime: 8,
  sha256: 30,
  ftype: 35,
} as const;

export function aideReader(): ListingReader {
  let state: 'before' | 'inside' | 'after' = 'before';
  let columns: ReadonlyMap<string, number> | null = null;
  let hasEntries = false;
  return {
    line: (text) => {
      if (text === '' || text.startsWith('#') || state === 'after') return null;
      if (text.startsWith('@@')) {
        if (text.startsWith('@@begin_db')) state = 'inside';
        else if (text.startsWith('@@end_db')) state = 'after';
        else if (text.startsWith('@@db_spec ')) columns = columnsOf(text);
        else
          throw new RangeError(`expected @@begin_db, @@db_spec or @@end_db, found ${quoted(text)}`);
        return null;
      }
      if (state === 'before') throw new RangeError(`expected @@begin_db, found ${quoted(text)}`);
      if (columns === null) throw new RangeError(`expected @@db_spec, found ${quoted(text)}`);
      hasEntries = true;
      return entryOf(text.split(' '), columns);
    },
    end: () =>
      state === 'after' || (state === 'before' && !hasEntries)
        ? null
        : 'expected @@end_db, found the end: the database is cut',
  };
}

function columnsOf(text: string): ReadonlyMap<string, number> {
  const names = text
    .split(' ')
    .slice(1)
    .filter((name) => name !== '');
  if (!names.includes('name')) throw new RangeError('expected a column "name"');
  return new Map(names.map((name, i) => [name, i]));
}

const OTHER_DIGESTS = [
  'md5',
  'sha1',
  'rmd160',
  'tiger',
  'crc32',
  'haval',
  'gost',
  'crc32b',
  'sha512',
  'whirlpool',
  'stribog256',
  'stribog512',
] as const;

function entryOf(words: readonly string[], columns: ReadonlyMap<string, number>): ListedEntry {
  const fields = words.filter((word) => word !== '');
  if (fields.length !== columns.size)
    throw new RangeError(`expected ${columns.size} fields, found ${fields.length}`);
  const problems: string[] = [];
  const field = (column: string): string | null => {
    const place = columns.get(column);
    return place === undefined ? null : fields[place]!;
  };
  const attr = field('attr');
  const recorded = attr === null ? null : decimal(attr, MAX_SIZE);
  if (attr !== null && recorded === null) problems.push(`attr ${quoted(attr)} is not understood`);
  const isRecorded = (column: keyof typeof AIDE_BITS): boolean =>
    attr === null || (recorded !== null && Math.floor(recorded / 2 ** AIDE_BITS[column]) % 2 === 1);
  const read = <T>(column: keyof typeof AIDE_BITS, parse: (text: string) => T | null): T | null => {
    const text = field(column);
    if (text === null || !isRecorded(column)) return null;
    const value = parse(text);
    if (value === null) problems.push(`${column} ${quoted(text)} is not understood`);
    return value;
  };
  const path = nameOf(field('name')!);
  // The mode is written whatever the rules say: the type is taken from it.
  const perm = field('perm');
  const mode = perm !== null && /^[0-7]{1,7}$/.test(perm) ? Number.parseInt(perm, 8) : 0;
  const type = typeOfMode(mode);
  const sha256 = field('sha256') === '0' ? null : read('sha256', sha256Of);
  return {
    ...NOTHING_LISTED,
    path,
    type,
    mode: type !== null && isRecorded('perm') ? mode & 0o7777 : null,
    uid: read('uid', (text) => decimal(text, MAX_ID)),
    gid: read('gid', (text) => decimal(text, MAX_ID)),
    size: read('size', (text) => decimal(text, MAX_SIZE)),
    mtimeNs: read('mtime', timeOf),
    target: type === 'symlink' ? read('lname', targetOf) : null,
    sha256,
    otherDigests: OTHER_DIGESTS.filter((name) => (field(name) ?? '0') !== '0'),
    problems,
  };
}

/** Absolute, below `root_prefix`. */
function nameOf(text: string): string {
  const name = decoded(text);
  if (!name.startsWith('/'))
    throw new RangeError(`expected an absolute path, found ${quoted(text)}`);
  return name;
}

/** `0` is none, `0-` the empty one, and a zero in front is doubled. */
function targetOf(text: string): string | null {
  if (text === '0') return null;
  if (text === '0-') return '';
  return decoded(text.startsWith('00') ? text.slice(1) : text);
}

function decoded(text: string): string {
  return text.replace(/%([0-9A-Fa-f]{2})?/g, (_, hex?: string) => {
    if (hex === undefined) throw new RangeError(`expected %HH, found ${quoted(text)}`);
    return String.fromCharCode(Number.parseInt(hex, 16));
  });
}

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

function sha256Of(text: string): Uint8Array | null {
  const bytes = BASE64.test(text) ? Buffer.from(text, 'base64') : null;
  return bytes?.length === 32 ? bytes : null;
}

/** Seconds in decimal digits, and these in base64; `0` is 1970. */
function timeOf(text: string): bigint | null {
  if (text === '0') return 0n;
  if (!BASE64.test(text)) return null;
  const digits = Buffer.from(text, 'base64').toString('latin1');
  return digits.includes('.') ? null : pointTime(digits);
}

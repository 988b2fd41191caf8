/**
 * mtree(5): lists of files as mtree of the BSDs, bsdtar and go-mtree write them, version 1 (indented, `..` goes up) and 2 (whole
 * paths), and mixtures of both.
 */

import type { EntryType, Xattr } from '../core/entry.js';
import {
  decimal,
  MAX_ID,
  MAX_SIZE,
  NOTHING_LISTED,
  pointTime,
  quoted,
  sha256OfHex,
  type ListedEntry,
  type ListingReader,
} from './listing.js';
import { unvis } from './vis.js';

export function mtreeReader(): ListingReader {
  const defaults = new Map<string, string>();
  let directory: string[] = [];
  let continued = '';
  const logicalLine = (line: string): ListedEntry | null => {
    const words = line.split(/[ \t\r]+/).filter((word) => word !== '');
    const [first] = words;
    if (first === undefined || first.startsWith('#')) return null;
    words.shift();
    if (first === '/set') for (const [key, value] of keywords(words)) defaults.set(key, value);
    else if (first === '/unset') unset(defaults, words);
    else if (first === '..') {
      if (directory.length === 0) throw new RangeError('".." goes above the root');
      directory = directory.slice(0, -1);
    } else {
      const entry = entryOf(first, new Map([...defaults, ...keywords(words)]), directory);
      if (!isWholePath(first) && entry.type === 'directory')
        directory = entry.path === '.' ? [] : [...directory, unvis(first)];
      return entry;
    }
    return null;
  };
  return {
    line: (text) => {
      if (continued.length + text.length > MAX_LINE)
        throw new RangeError(
          `expected at most ${MAX_LINE} characters in a line and what continues it`,
        );
      if (isContinued(text) && !/^\s*#/.test(continued + text)) {
        continued += `${text.slice(0, -1)} `;
        return null;
      }
      const line = continued + text;
      continued = '';
      return logicalLine(line);
    },
    end: () => (continued === '' ? null : 'the last line is continued by none'),
  };
}

const MAX_LINE = 1024 * 1024;

/** An odd number of backslashes at the end. */
function isContinued(text: string): boolean {
  let count = 0;
  while (text[text.length - 1 - count] === '\\') count++;
  return count % 2 === 1;
}

function keywords(words: readonly string[]): (readonly [string, string])[] {
  return words.map((word) => {
    const equals = word.indexOf('=');
    return equals < 0 ? [word, ''] : [word.slice(0, equals), word.slice(equals + 1)];
  });
}

function unset(defaults: Map<string, string>, words: readonly string[]): void {
  for (const word of words)
    if (word === 'all') defaults.clear();
    else defaults.delete(word);
}

/** A slash behind the first character makes it a path from the root. */
function isWholePath(name: string): boolean {
  return name.indexOf('/', 1) > 0;
}

const TYPES: Readonly<Record<string, EntryType>> = {
  file: 'file',
  dir: 'directory',
  link: 'symlink',
  char: 'char',
  block: 'block',
  fifo: 'fifo',
  socket: 'socket',
};

/** By keyword, what the list has beside SHA-256. */
const OTHER_DIGESTS: Readonly<Record<string, string>> = {
  cksum: 'cksum',
  md5: 'md5',
  md5digest: 'md5',
  sha1: 'sha1',
  sha1digest: 'sha1',
  sha384: 'sha384',
  sha384digest: 'sha384',
  sha512: 'sha512',
  sha512digest: 'sha512',
  sha512256: 'sha512-256',
  sha512256digest: 'sha512-256',
  rmd160: 'rmd160',
  rmd160digest: 'rmd160',
  ripemd160digest: 'rmd160',
};

function entryOf(
  name: string,
  values: ReadonlyMap<string, string>,
  directory: readonly string[],
): ListedEntry {
  if (name.startsWith('/') && !isWholePath(name))
    throw new RangeError(`expected a path, /set, /unset or "..", found ${quoted(name)}`);
  const path = unvis(name);
  const problems: string[] = [];
  const read = <T>(keys: readonly string[], parse: (text: string) => T | null): T | null => {
    const key = keys.find((each) => values.has(each));
    if (key === undefined) return null;
    const value = parse(values.get(key)!);
    if (value === null) problems.push(`${key}=${quoted(values.get(key)!)} is not understood`);
    return value;
  };
  const isNoChange = values.has('nochange');
  const target = read(['link'], tryUnvis);
  const sha256 = read(['sha256digest', 'sha256'], sha256OfHex);
  const otherDigests = otherDigestsOf(values);
  const type =
    read(['type'], (text) => TYPES[text] ?? null) ??
    (values.has('type')
      ? null
      : impliedType(path, target, sha256 !== null || otherDigests.length > 0));
  const attributes = isNoChange
    ? {}
    : {
        mode: read(['mode'], octalMode),
        uid: read(['uid'], idOf) ?? rootOf(values.get('uname')),
        gid: read(['gid'], idOf) ?? rootOf(values.get('gname')),
        size: read(['size'], (text) => decimal(text, MAX_SIZE)),
        mtimeNs: read(['time', 'tar_time'], pointTime),
        target,
        rdev: values.has('device') ? deviceOf(values.get('device')!) : null,
        xattrs: xattrsOf(values, problems),
        sha256,
        otherDigests,
      };
  return {
    ...NOTHING_LISTED,
    ...attributes,
    type,
    path: isWholePath(name) || path === '.' ? path : [...directory, path].join('/'),
    isOptional: values.has('optional'),
    isIgnored: values.has('ignore'),
    problems,
  };
}

function tryUnvis(text: string): string | null {
  try {
    return unvis(text);
  } catch {
    return null;
  }
}

/** Without `type`: what has content is a file, what has a target is a link. */
function impliedType(path: string, target: string | null, hasDigest: boolean): EntryType | null {
  if (path === '.') return 'directory';
  return hasDigest ? 'file' : target === null ? null : 'symlink';
}

function octalMode(text: string): number | null {
  return /^[0-7]{1,7}$/.test(text) ? Number.parseInt(text, 8) & 0o7777 : null;
}

function idOf(text: string): number | null {
  return decimal(text, MAX_ID);
}

/** The one name whose number is the same everywhere. */
function rootOf(name: string | undefined): number | null {
  return name === 'root' ? 0 : null;
}

/** `native,1,3`; a single number is packed in a way that the list does not tell. */
function deviceOf(text: string): ListedEntry['rdev'] {
  const parts = /^(?:native|linux),(\d{1,10}|0x[0-9a-f]{1,8}),(\d{1,10}|0x[0-9a-f]{1,8})$/.exec(
    text,
  );
  if (parts === null) return null;
  const [major, minor] = [Number(parts[1]), Number(parts[2])];
  return major > MAX_ID || minor > MAX_ID ? null : { major, minor };
}

function otherDigestsOf(values: ReadonlyMap<string, string>): readonly string[] {
  const found: string[] = [];
  for (const key of values.keys()) {
    const name = OTHER_DIGESTS[key];
    if (name !== undefined) found.push(name);
  }
  return found;
}

const XATTR = /^xattrs?\.(.+)$/s;

/** Of go-mtree: names in the keyword, values in base64. */
function xattrsOf(
  values: ReadonlyMap<string, string>,
  problems: string[],
): readonly Xattr[] | null {
  const found: Xattr[] = [];
  for (const [key, text] of values) {
    const name = XATTR.exec(key)?.[1];
    if (name === undefined) continue;
    const plain = tryUnvis(name);
    if (plain === null || !/^[A-Za-z0-9+/]*={0,2}$/.test(text))
      problems.push(`${quoted(key)} is not understood`);
    else found.push({ name: plain, value: Buffer.from(text, 'base64').toString('latin1') });
  }
  if (found.length === 0) return null;
  return found.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Anchored globs below a root by fast-glob, without a full walk. fast-glob alone loses names with newlines and bytes
 * that are no UTF-8, and follows what it is given; so it sees the tree through an adapter that reads names as bytes,
 * opens every directory beneath the root and stops at mount points, and `compileGlob` has the last word on each match.
 */

import { constants as osConstants } from 'node:os';

import type { FileSystemAdapter } from 'fast-glob';

import { typeOfMode, type EntryType } from '../core/entry.js';
import { errnoOf } from '../core/errors.js';
import { comparePaths, type TreePath } from '../core/path.js';
import { compileGlob, globAlternatives, globBytes } from '../util/glob.js';
import { type Beneath } from './beneath.js';
import { newStat, O, systemError } from './native.js';

export interface GlobOptions {
  /** Told about what could not be listed or looked at; it is missing from the result. */
  readonly onUnreadable: (path: TreePath, error: NodeJS.ErrnoException) => void;
}

/** What the patterns match, in the order of `comparePaths`, each path once, entries of every type. */
export async function expandGlobs(
  beneath: Beneath,
  patterns: readonly string[],
  options: GlobOptions,
): Promise<readonly TreePath[]> {
  const { default: fastGlob } = await import('fast-glob');
  const found = fastGlob.sync(patterns.flatMap(globAlternatives).map(toFastGlob), {
    cwd: VIRTUAL_ROOT,
    dot: true,
    onlyFiles: false,
    followSymbolicLinks: false,
    unique: true,
    extglob: false,
    braceExpansion: false,
    // Exact names would be looked up with `stat`, which says nothing about links; `objectMode` uses lstat throughout.
    objectMode: true,
    // Whatever cannot be listed is told to `onUnreadable`.
    suppressErrors: true,
    fs: adapter(beneath, options),
  });
  const matchers = patterns.map((pattern) => compileGlob(pattern));
  return found
    .map((entry) => fromPlaceholders(entry.path) as TreePath)
    .filter((path) => matchers.some((matches) => matches(path)))
    .toSorted(comparePaths);
}

/** fast-glob's working directory: never touched, only cut off again. */
const VIRTUAL_ROOT = '/';
const VIRTUAL_PREFIX = /^\/(?:\.\/)*/;

/** fast-glob takes a directory that is special by `?` alone for a literal one; a class it always understands. */
function toFastGlob(glob: string): string {
  const special = toPlaceholders(globBytes(glob)).matchAll(/\\.|\[.[^\]]*\]|\?|[^]/g);
  return Array.from(special, ([part]) => (part === '?' ? '[^/]' : part)).join('');
}

// `.` in fast-glob's expressions matches neither. No latin1 name holds a character above U+00FF.
const toPlaceholders = (bytes: string): string =>
  bytes.replaceAll('\n', '\u010a').replaceAll('\r', '\u010d');
const fromPlaceholders = (name: string): string =>
  name.replaceAll('\u010a', '\n').replaceAll('\u010d', '\r');

function adapter(beneath: Beneath, options: GlobOptions): Partial<FileSystemAdapter> {
  const { calls } = beneath;
  const stat = newStat();
  const lookUp = (text: string): Described => {
    const path = pathOf(text);
    const result = beneath.stat(path, stat);
    if (result < 0) throw systemError(result, 'lstat', path);
    if (path !== '' && beneath.isForeign(stat, path))
      throw systemError(-osConstants.errno.ENOENT, 'lstat', path);
    return describe(text, typeOfMode(stat.mode));
  };
  const list = (text: string): Described[] => {
    const path = pathOf(text);
    const fd = beneath.open(path, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
    if (fd < 0) throw systemError(fd, 'open', path);
    try {
      const names = calls.list(fd);
      if (typeof names === 'number') throw systemError(names, 'getdents64', path);
      return names.flatMap((name) => {
        if (calls.statAt(fd, name, stat) < 0) return [];
        const child = (path === '' ? name : `${path}/${name}`) as TreePath;
        return beneath.isForeign(stat, child)
          ? []
          : [describe(toPlaceholders(name), typeOfMode(stat.mode))];
      });
    } finally {
      calls.close(fd);
    }
  };
  const reporting =
    <Result>(call: (text: string) => Result) =>
    (text: string): Result => {
      try {
        return call(text);
      } catch (error) {
        if (!ABSENT.has(errnoOf(error) ?? ''))
          options.onUnreadable(pathOf(text), error as NodeJS.ErrnoException);
        throw error;
      }
    };
  const statSync = reporting(lookUp);
  const synchronous = { lstatSync: statSync, statSync, readdirSync: reporting(list) };
  return synchronous as unknown as Partial<FileSystemAdapter>;
}

/** Says that there is nothing, or no directory, at a path. */
const ABSENT: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP']);

function pathOf(text: string): TreePath {
  return fromPlaceholders(text.replace(VIRTUAL_PREFIX, '')) as TreePath;
}

/** What fast-glob asks of a `Dirent` and of `Stats`. */
interface Described {
  readonly name: string;
  isDirectory(): boolean;
  isFile(): boolean;
  isSymbolicLink(): boolean;
  isBlockDevice(): boolean;
  isCharacterDevice(): boolean;
  isFIFO(): boolean;
  isSocket(): boolean;
}

function describe(name: string, type: EntryType | null): Described {
  return {
    name,
    isDirectory: () => type === 'directory',
    isFile: () => type === 'file',
    isSymbolicLink: () => type === 'symlink',
    isBlockDevice: () => type === 'block',
    isCharacterDevice: () => type === 'char',
    isFIFO: () => type === 'fifo',
    isSocket: () => type === 'socket',
  };
}

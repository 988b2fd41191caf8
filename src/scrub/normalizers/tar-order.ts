/**
 * The order of tar members: byte order, directories before what they hold. Only where order has no meaning: a later
 * member of the same name wins, a link needs its target, a whiteout hides what came before it.
 */

import type { TarEntry } from '../../formats/tar-write.js';

/** An entry and whatever belongs to it; the bytes of its content are those of `content`. */
export interface OrderedEntry<T> {
  readonly entry: TarEntry;
  readonly content: T;
}

const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';

/** The entries in order, the first name of a hard-linked file with its content; null where order may have a meaning. */
export function orderTar<T>(
  entries: readonly OrderedEntry<T>[],
): readonly OrderedEntry<T>[] | null {
  const places = placesOf(entries);
  if (places === null || !isFreeOfMeaning(entries, places)) return null;
  const groups = linkGroups(entries, places);
  if (groups === null) return null;
  const keys = entries.map(({ entry }) => sortKey(entry.path));
  const order = entries
    .map((_, i) => i)
    .sort((a, b) => (keys[a]! < keys[b]! ? -1 : keys[a]! > keys[b]! ? 1 : 0));
  const rank = new Map(order.map((index, position) => [index, position]));
  const moved = [...entries];
  for (const group of groups) giveContentToFirst(moved, group, rank);
  return order.map((index) => moved[index]!);
}

/** Clean path -> index; null for duplicates and for paths that leave their directory. */
function placesOf<T>(entries: readonly OrderedEntry<T>[]): Map<string, number> | null {
  const places = new Map<string, number>();
  for (const [i, { entry }] of entries.entries()) {
    const path = cleanPath(entry.path);
    if (path === null || places.has(path)) return null;
    places.set(path, i);
  }
  return places;
}

function isFreeOfMeaning<T>(
  entries: readonly OrderedEntry<T>[],
  places: ReadonlyMap<string, number>,
): boolean {
  for (const path of places.keys()) {
    const parts = path.split('/');
    const name = parts.at(-1)!;
    const folder = path.slice(0, path.length - name.length);
    if (name.startsWith(WHITEOUT) && name !== OPAQUE)
      if (places.has(folder + name.slice(WHITEOUT.length))) return false;
    for (let n = 1; n < parts.length; n++) {
      const above = parts.slice(0, n).join('/');
      const place = places.get(above);
      if (place !== undefined && entries[place]!.entry.typeflag !== '5') return false;
      if (places.has(whiteoutOf(above))) return false;
    }
  }
  return true;
}

function whiteoutOf(path: string): string {
  const slash = path.lastIndexOf('/') + 1;
  return path.slice(0, slash) + WHITEOUT + path.slice(slash);
}

/** Indices of the names of each hard-linked file, the one with the content first; null where a link is not a plain one. */
function linkGroups<T>(
  entries: readonly OrderedEntry<T>[],
  places: ReadonlyMap<string, number>,
): readonly number[][] | null {
  const groups = new Map<number, number[]>();
  const holderOf = new Map<number, number>();
  for (const [i, { entry }] of entries.entries()) {
    if (entry.typeflag !== '1') continue;
    const path = cleanPath(entry.linkTarget);
    const target = path === null ? undefined : places.get(path);
    if (target === undefined || target >= i) return null;
    const holder = holderOf.get(target) ?? target;
    if (entries[holder]!.entry.typeflag === '5') return null;
    holderOf.set(i, holder);
    const group = groups.get(holder) ?? [holder];
    group.push(i);
    groups.set(holder, group);
  }
  const all = [...groups.values()];
  return all.every((group) => isUniform(group.map((i) => entries[i]!.entry))) ? all : null;
}

/** Whether it makes no difference through which of its names a file gets its attributes. */
function isUniform(group: readonly TarEntry[]): boolean {
  const [holder, ...links] = group as [TarEntry, ...TarEntry[]];
  const attributes = JSON.stringify(recordsOf(holder));
  const linked = new Set(links.map((link) => JSON.stringify(recordsOf(link))));
  return (
    linked.size === 1 &&
    (linked.has(attributes) || linked.has('[]')) &&
    group.every(
      (entry) =>
        entry.mode === holder.mode &&
        entry.uid === holder.uid &&
        entry.gid === holder.gid &&
        entry.mtime === holder.mtime &&
        entry.gnuTail === null &&
        entry.headerName === null &&
        entry.records.every(({ key }) => key !== 'hdrcharset'),
    )
  );
}

function recordsOf(entry: TarEntry): readonly (readonly [string, string])[] {
  return entry.records
    .map(({ key, value }) => [key, value] as const)
    .sort((a, b) => (a[0] < b[0] ? -1 : 1));
}

function giveContentToFirst<T>(
  entries: OrderedEntry<T>[],
  group: readonly number[],
  rank: ReadonlyMap<number, number>,
): void {
  const first = group.reduce((a, b) => (rank.get(a)! < rank.get(b)! ? a : b));
  const holder = entries[group[0]!]!;
  const { path, recordPath } = entries[first]!.entry;
  const link = entries[group[1]!]!;
  for (const i of group) {
    const own = entries[i]!;
    entries[i] =
      i === first
        ? { ...holder, entry: { ...holder.entry, path, recordPath } }
        : {
            content: own === holder ? link.content : own.content,
            entry: {
              ...(own === holder ? link.entry : own.entry),
              path: own.entry.path,
              recordPath: own.entry.recordPath,
              linkTarget: path,
              recordLink: recordPath,
            },
          };
  }
}

/** A directory's key is a prefix of the keys of what it holds, and whiteouts come first in theirs (OCI image-spec, layer.md). */
function sortKey(path: string): string {
  return cleanPath(path)!
    .split('/')
    .map((part) => (part.startsWith(WHITEOUT) ? `\0${part}` : part))
    .join('\0');
}

function cleanPath(path: string): string | null {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return parts.includes('..') ? null : parts.join('/');
}

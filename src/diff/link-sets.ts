/**
 * Hard links as sets of names. An entry carries the first name of its set, so a set shows up in the descent where
 * that name changed or where a name joined or left. Names of a set that stayed as they were may lie in directories
 * that were never visited; they are looked up only when another name of their set changed.
 */

import type { Entry } from '../core/entry.js';
import type { ArtifactReader } from '../core/manifest.js';
import { comparePaths, displayPath, type TreePath } from '../core/path.js';
import type { AttributeChange } from '../core/report.js';
import type { LinkNote } from './descend.js';
import { linkSets, TreeLookup } from './tree-lookup.js';

/** A path on both sides whose inode has other names than before. */
export interface LinkChange {
  readonly path: TreePath;
  readonly before: Entry;
  readonly after: Entry;
  readonly attribute: AttributeChange;
  readonly group: LinkGroup;
}

/** Sets that share names. */
export interface LinkGroup {
  readonly before: readonly (readonly TreePath[])[];
  readonly after: readonly (readonly TreePath[])[];
}

type Member = LinkNote;

export async function changedLinkSets(
  notes: readonly LinkNote[],
  before: ArtifactReader,
  after: ArtifactReader,
): Promise<readonly LinkChange[]> {
  if (notes.length === 0) return [];
  const members = [...notes, ...(await unvisitedMembers(notes, before, after))];
  return components(members).flatMap(changesOf);
}

/**
 * Names whose set had the same first path on both sides. When that first path is among the notes it changed its
 * set or came or went, so that no name can have kept it.
 */
async function unvisitedMembers(
  notes: readonly LinkNote[],
  before: ArtifactReader,
  after: ArtifactReader,
): Promise<readonly Member[]> {
  const noted = new Set(notes.map(({ path }) => path));
  const firsts = new Set<TreePath>();
  for (const note of notes)
    for (const link of [note.before?.link ?? null, note.after?.link ?? null])
      if (link !== null && !noted.has(link)) firsts.add(link);
  if (firsts.size === 0) return [];
  const names = await linkSets(before, [...firsts]);
  const [old, now] = [new TreeLookup(before), new TreeLookup(after)];
  const members: Member[] = [];
  for (const [first, paths] of names)
    for (const path of paths) {
      if (noted.has(path)) continue;
      const [a, b] = await Promise.all([old.find(path), now.find(path)]);
      if (a?.entry.link === first && b?.entry.link === first)
        members.push({ path, before: a.entry, after: b.entry });
    }
  return members;
}

/** Members grouped so that every set, before or after, lies in one group. */
function components(members: readonly Member[]): readonly (readonly Member[])[] {
  const parents = new Map<string, string>();
  const rootOf = (key: string): string => {
    let root = key;
    for (let up = parents.get(root); up !== undefined; up = parents.get(root)) root = up;
    for (let at = key; at !== root;) {
      const up = parents.get(at)!;
      parents.set(at, root);
      at = up;
    }
    return root;
  };
  for (const { before, after } of members) {
    if (!isLinked(before) || !isLinked(after)) continue;
    const [a, b] = [rootOf(`b${before.link}`), rootOf(`a${after.link}`)];
    if (a !== b) parents.set(a, b);
  }
  const groups = new Map<string, Member[]>();
  for (const member of members) {
    const key = rootOf(
      isLinked(member.before) ? `b${member.before.link}` : `a${member.after!.link}`,
    );
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [member]);
    else group.push(member);
  }
  return [...groups.values()];
}

function isLinked(entry: Entry | null): entry is Entry & { readonly link: TreePath } {
  return entry !== null && entry.link !== null;
}

function changesOf(members: readonly Member[]): LinkChange[] {
  const before = setsOf(members, ({ before: entry }) => entry);
  const after = setsOf(members, ({ after: entry }) => entry);
  const group: LinkGroup = { before: [...before.values()], after: [...after.values()] };
  const compare = setComparer();
  const changes: LinkChange[] = [];
  for (const { path, before: a, after: b } of members) {
    if (a === null || b === null || a.type !== b.type) continue;
    const old = (a.link === null ? undefined : before.get(a.link)) ?? NO_NAMES;
    const now = (b.link === null ? undefined : after.get(b.link)) ?? NO_NAMES;
    const pair = compare(old, now);
    if (pair.isSame) continue;
    const attribute: AttributeChange = {
      attribute: 'links',
      name: null,
      before: otherNames(path, pair.tellingFirst),
      after: otherNames(path, compare(now, old).tellingFirst),
    };
    changes.push({ path, before: a, after: b, attribute, group });
  }
  return changes;
}

/** Sets by the first path they were recorded with. One comparable name is no set: the others were left out of the comparison. */
function setsOf(
  members: readonly Member[],
  side: (member: Member) => Entry | null,
): ReadonlyMap<TreePath, readonly TreePath[]> {
  const sets = new Map<TreePath, TreePath[]>();
  for (const member of members) {
    const link = side(member)?.link ?? null;
    if (link === null) continue;
    const names = sets.get(link);
    if (names === undefined) sets.set(link, [member.path]);
    else names.push(member.path);
  }
  for (const [link, names] of sets)
    if (names.length < 2) sets.delete(link);
    else names.sort(comparePaths);
  return sets;
}

const NAMES_SHOWN = 3;
const NO_NAMES: Names = [];

type Names = readonly TreePath[];

/** Two sets against each other, worked out once and not once per name. */
interface SetPair {
  readonly isSame: boolean;
  /** The first set, names that the second lacks in front. */
  readonly tellingFirst: Names;
}

function setComparer(): (names: Names, others: Names) => SetPair {
  const known = new Map<Names, Map<Names, SetPair>>();
  return (names, others) => {
    let pairs = known.get(names);
    if (pairs === undefined) known.set(names, (pairs = new Map<Names, SetPair>()));
    let pair = pairs.get(others);
    if (pair === undefined) pairs.set(others, (pair = compareSets(names, others)));
    return pair;
  };
}

function compareSets(names: Names, others: Names): SetPair {
  const elsewhere = new Set(others);
  const own = names.filter((name) => !elsewhere.has(name));
  return {
    isSame: own.length === 0 && names.length === others.length,
    tellingFirst: [...own, ...names.filter((name) => elsewhere.has(name))],
  };
}

/** The other names of a set for people; null for a file with one name. */
function otherNames(path: TreePath, tellingFirst: Names): string | null {
  if (tellingFirst.length === 0) return null;
  const shown: string[] = [];
  for (const name of tellingFirst) {
    if (shown.length === NAMES_SHOWN) break;
    if (name !== path) shown.push(displayPath(name));
  }
  const more = tellingFirst.length - 1 - shown.length;
  return more === 0 ? shown.join(', ') : `${shown.join(', ')} and ${more} more`;
}

/** Puts entries of a list into a tree, and keeps count of what the list does not say: the capture set is made of that. */

import type { Omission } from '../../core/capture.js';
import { coverageByte, readCoverage } from '../../core/coverage.js';
import { OMITTABLE, type Omittable } from '../../core/entry.js';
import { joinPath, ROOT_PATH } from '../../core/path.js';
import type { ListedEntry } from '../../formats/listing.js';
import type { Carried } from '../archive/open-archive.js';
import type { Node, TreeBuilder } from '../archive/tree-builder.js';

/** What is known of a directory that only others' paths lead through. */
export const UNLISTED: Node = {
  type: 'directory',
  ...readCoverage(coverageByte('full', ['mode', 'owner', 'mtime']))!,
  mode: 0,
  uid: 0,
  gid: 0,
  size: 0,
  mtimeNs: 0n,
  target: null,
  rdev: null,
  xattrs: [],
  xxh64: null,
  sha256: null,
};

/** What lists of one kind are like. */
export interface Habits {
  /** The same line may come twice. */
  readonly repeats?: boolean;
  /** There must be a time, and 0 stands for none. */
  readonly zeroTimes?: boolean;
}

export class ListedTree {
  readonly #tree: TreeBuilder;
  readonly #having = counters();
  readonly #lacking = counters();
  readonly #otherDigests = new Set<string>();
  readonly #links: { readonly path: string; readonly target: string }[] = [];
  #hasSha256 = false;
  /** Files without one. */
  #undigested = 0;
  #hasXattrs = false;
  #hasFractions = false;
  #hasTimes = false;
  #hasLinks = false;
  readonly #habits: Habits;

  constructor(tree: TreeBuilder, habits: Habits) {
    this.#tree = tree;
    this.#habits = habits;
  }

  add(entry: ListedEntry): void {
    if (isTooLong(entry)) {
      this.#tell('format', entry.path.slice(0, 255), 'left out: a name or a value is too long');
      return;
    }
    const path = detached(entry.path);
    if (entry.linkTo !== null) {
      this.#hasLinks = true;
      this.#links.push({ path, target: detached(entry.linkTo) });
      return;
    }
    const { type } = entry;
    if (type === null) {
      this.#tell('not-recorded', path, 'the list does not say what it is');
      return;
    }
    const node = nodeOf(entry, type, this.#count(entry, type));
    if (entry.isIgnored)
      this.#tell('unreadable', path, 'the list leaves out what is below on purpose');
    if (entry.isOptional) this.#tell('not-recorded', path, 'the list says that it may be missing');
    const former = this.#tree.add(path, node);
    if (former !== null && !this.#isRepeated(former, node))
      this.#tell('format', path, 'listed twice: the last line counts');
  }

  /** Call once at the end. */
  finish(): void {
    for (const { path, target } of this.#links) this.#tree.link(path, target);
    this.#links.length = 0;
    // Equal directories are not visited: what is not compared in them has to be said beforehand.
    if (this.#hasSha256 && this.#undigested > 0)
      this.#tree.diagnostics.push({
        code: 'unreadable',
        path: null,
        detail: `files listed without SHA-256: ${this.#undigested}`,
      });
  }

  /** What the list turned out to say. */
  carried(): Partial<Carried> {
    const hasTimes = this.#hasTimes || (this.#having.mtime > 0 && !this.#habits.zeroTimes);
    const omissions = OMITTABLE.flatMap((attribute): Omission[] => {
      const entries = this.#lacking[attribute];
      const isAll = this.#having[attribute] === 0;
      // The words of the capture set say it where no entry has one of these.
      const isSaid = attribute === 'mtime' ? !hasTimes : attribute === 'owner' && isAll;
      return entries === 0 || isSaid ? [] : [{ attribute, entries, isAll }];
    });
    const unlistedDirectories = this.#tree.impliedDirectories();
    return {
      digests: this.#hasSha256 ? ['sha256'] : [],
      xattrs: this.#hasXattrs ? 'all' : 'none',
      mtime: hasTimes,
      mtimeResolution: this.#hasFractions ? 1 : 1e9,
      ownership: this.#having.owner > 0,
      hardLinks: this.#hasLinks,
      ...(omissions.length === 0 ? {} : { omissions }),
      ...(unlistedDirectories === 0 ? {} : { unlistedDirectories }),
      ...(this.#otherDigests.size === 0
        ? {}
        : { otherDigests: [...this.#otherDigests].toSorted() }),
    };
  }

  /** Attributes that the line does not have and its kind of entry has. */
  #count(entry: ListedEntry, type: Node['type']): readonly Omittable[] {
    const { mode, uid, gid, size, mtimeNs, target, rdev, sha256, xattrs } = entry;
    const lacking: Omittable[] = [];
    const note = (attribute: Omittable, isLacking: boolean): void => {
      (isLacking ? this.#lacking : this.#having)[attribute] += 1;
      if (isLacking) lacking.push(attribute);
    };
    note('mode', mode === null);
    note('owner', uid === null || gid === null);
    if (type === 'file') note('size', size === null);
    note('mtime', mtimeNs === null);
    if (type === 'symlink') note('target', target === null);
    else if (type === 'char' || type === 'block') note('target', rdev === null);
    if (type === 'file' && sha256 !== null) this.#hasSha256 = true;
    else if (type === 'file') this.#undigested += 1;
    if (sha256 === null) for (const name of entry.otherDigests) this.#otherDigests.add(name);
    if (xattrs !== null) this.#hasXattrs = true;
    if (mtimeNs !== null && mtimeNs !== 0n) this.#hasTimes = true;
    if (mtimeNs !== null && mtimeNs % 1_000_000_000n !== 0n) this.#hasFractions = true;
    return lacking;
  }

  #isRepeated(former: Node, node: Node): boolean {
    const [a, b] = [former.sha256, node.sha256];
    return this.#habits.repeats === true && a !== null && b !== null && Buffer.compare(a, b) === 0;
  }

  #tell(code: 'format' | 'not-recorded' | 'unreadable', path: string, detail: string): void {
    this.#tree.diagnostics.push({ code, path: treePath(path), detail });
  }
}

/** Linux stops at 4 KiB for paths and targets, 255 bytes for names of xattrs and 64 KiB for their values. */
const MAX_LENGTH = 0xffff;

function isTooLong({ path, target, xattrs }: ListedEntry): boolean {
  if (path.length > MAX_LENGTH || (target?.length ?? 0) > MAX_LENGTH) return true;
  return (
    xattrs !== null &&
    (xattrs.length > MAX_LENGTH || xattrs.some(({ name }) => name.length > MAX_LENGTH))
  );
}

function counters(): Record<Omittable, number> {
  return { mode: 0, owner: 0, size: 0, mtime: 0, target: 0 };
}

function nodeOf(entry: ListedEntry, type: Node['type'], lacking: readonly Omittable[]): Node {
  // What lies in a directory that the list leaves out on purpose is no listing.
  const isUnlisted = entry.isIgnored && type === 'directory';
  return {
    type,
    ...readCoverage(coverageByte(isUnlisted ? 'unreadable' : 'full', lacking))!,
    mode: entry.mode ?? 0,
    uid: lacking.includes('owner') ? 0 : (entry.uid ?? 0),
    gid: lacking.includes('owner') ? 0 : (entry.gid ?? 0),
    size: type === 'file' ? (entry.size ?? 0) : 0,
    mtimeNs: entry.mtimeNs ?? 0n,
    target: type === 'symlink' ? (entry.target ?? '') : null,
    rdev: type === 'char' || type === 'block' ? (entry.rdev ?? { major: 0, minor: 0 }) : null,
    xattrs: entry.xattrs ?? [],
    xxh64: null,
    sha256: type === 'file' ? entry.sha256 : null,
  };
}

/** Without `/` and `./` in front. */
export function treePath(path: string): ReturnType<typeof joinPath> {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return joinPath(ROOT_PATH, parts.join('/'));
}

/** A copy: part of a string keeps all of it, here the text of a list, in memory. */
function detached(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}

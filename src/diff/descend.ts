/**
 * Walks two recorded trees from their roots and visits only directories that differ. Where the contents of a
 * directory are equal and its times are not, only times are compared further down. Nothing is built for an entry
 * that did not change.
 */

import { isKnown } from '../core/coverage.js';
import type { Entry } from '../core/entry.js';
import type { ArtifactReader, TreeEntry, TreeRef } from '../core/manifest.js';
import { joinPath, ROOT_PATH, type TreePath } from '../core/path.js';
import type { AttributeChange, ChangeKind, Uncompared } from '../core/report.js';
import { compareEntries, compareTimes } from './compare-entries.js';
import type { Comparison, Side } from './comparison.js';
import type { Gaps } from './gaps.js';

/** A change that no finding claims yet. */
export interface RawChange {
  readonly path: TreePath;
  readonly kind: ChangeKind;
  readonly before: Entry | null;
  readonly after: Entry | null;
  readonly attributes: readonly AttributeChange[];
  /** The topmost path that was added or removed with this one; the path itself for everything else. */
  readonly top: TreePath;
}

/** A name whose link set may be another one than before: its first path differs or exists on one side only. */
export interface LinkNote {
  readonly path: TreePath;
  readonly before: Entry | null;
  readonly after: Entry | null;
}

export interface Descent {
  /** In tree order. */
  readonly changes: RawChange[];
  readonly links: LinkNote[];
  /** Entries of the side before that were left out because of the other side. */
  readonly skippedBefore: number;
  /** Paths below which those entries are. */
  readonly skipped: readonly TreePath[];
  /** Paths on both sides of which not everything could be compared. */
  readonly partly: ReadonlySet<TreePath>;
}

export async function descend(
  before: ArtifactReader,
  after: ArtifactReader,
  comparison: Comparison,
  gaps: Gaps,
): Promise<Descent> {
  const descent = new TreeDescent(before, after, comparison, gaps);
  await descent.pair(ROOT_PATH, before.root, after.root);
  return descent;
}

type Depth = 'nothing' | 'times' | 'all';

class TreeDescent implements Descent {
  readonly changes: RawChange[] = [];
  readonly links: LinkNote[] = [];
  readonly skipped: TreePath[] = [];
  readonly partly = new Set<TreePath>();
  skippedBefore = 0;
  readonly #readers: Readonly<Record<Side, ArtifactReader>>;
  readonly #comparison: Comparison;
  readonly #gaps: Gaps;
  readonly #sameScope: boolean;

  constructor(before: ArtifactReader, after: ArtifactReader, comparison: Comparison, gaps: Gaps) {
    this.#readers = { before, after };
    this.#comparison = comparison;
    this.#gaps = gaps;
    this.#sameScope = before.scope === after.scope;
  }

  /** An entry that both sides have. */
  async pair(path: TreePath, before: TreeEntry, after: TreeEntry): Promise<void> {
    const [a, b] = [before.entry, after.entry];
    if (this.#mayLeadElsewhere(path, before, after)) return;
    const partly = this.#notePartly(path, before, after);
    // Without digests all but the content is compared.
    const rules = this.#lacksDigest(a, b)
      ? { ...this.#comparison, contentBy: null }
      : this.#comparison;
    const attributes = compareEntries(a, b, rules, partly);
    if (attributes.length > 0) this.#changed(path, a, b, attributes);
    if (this.#comparison.hardLinks && a.link !== b.link)
      this.links.push({ path, before: a, after: b });
    const isMount = a.coverage === 'mount-point' || b.coverage === 'mount-point';
    if (a.type !== b.type && !isMount) {
      if (before.child !== null) await this.#oneSided(path, before.child, 'before', null);
      if (after.child !== null) await this.#oneSided(path, after.child, 'after', null);
    } else if (
      before.child !== null &&
      after.child !== null &&
      !isMount &&
      !this.#unlisted(path, before, after)
    )
      await this.#directories(path, before.child, after.child);
    else if (before.child !== null) this.#skip(path, before.child.entryCount);
  }

  async #directories(path: TreePath, before: TreeRef, after: TreeRef): Promise<void> {
    const depth = this.#depth(before, after);
    if (depth === 'nothing') return;
    const [old, now] = await Promise.all([
      this.#listing('before', before, after),
      this.#listing('after', after, before),
    ]);
    if (depth === 'times') await this.#times(path, old, now);
    else await this.#merge(path, old, now);
  }

  /** What a directory holds, without what its counterpart in the same store holds as well. */
  #listing(side: Side, directory: TreeRef, other: TreeRef): Promise<readonly TreeEntry[]> {
    const reader = this.#readers[side];
    return this.#sameScope && reader.entriesUnlike !== undefined
      ? reader.entriesUnlike(directory, other)
      : reader.entries(directory);
  }

  #depth(before: TreeRef, after: TreeRef): Depth {
    if (this.#sameScope && before.identity === after.identity) return 'nothing';
    const { digestsAgree, mtime } = this.#comparison;
    if (!digestsAgree || !sameBytes(before.contentDigest, after.contentDigest)) return 'all';
    if (!mtime) return 'nothing';
    const [x, y] = [before.fullDigest, after.fullDigest];
    return x !== null && y !== null && sameBytes(x, y) ? 'nothing' : 'times';
  }

  async #merge(
    path: TreePath,
    before: readonly TreeEntry[],
    after: readonly TreeEntry[],
  ): Promise<void> {
    for (let i = 0, k = 0; i < before.length || k < after.length;) {
      const [a, b] = [before[i], after[k]];
      if (b === undefined || (a !== undefined && a.entry.name < b.entry.name)) {
        await this.#single(joinPath(path, a!.entry.name), a!, 'before', null);
        i++;
      } else if (a === undefined || b.entry.name < a.entry.name) {
        await this.#single(joinPath(path, b.entry.name), b, 'after', null);
        k++;
      } else {
        if (!this.#equalLeaves(a, b)) await this.pair(joinPath(path, a.entry.name), a, b);
        i++;
        k++;
      }
    }
  }

  /** The common case, decided without a path. */
  #equalLeaves(before: TreeEntry, after: TreeEntry): boolean {
    const [a, b] = [before.entry, after.entry];
    if (a.coverage !== 'full' || b.coverage !== 'full' || a.link !== b.link) return false;
    if (this.#isPatchy(a, b)) return false;
    if (before.child !== null || after.child !== null) {
      if (before.child === null || after.child === null) return false;
      if (this.#depth(before.child, after.child) !== 'nothing') return false;
    } else if (a.type === 'directory' || this.#lacksDigest(a, b)) return false;
    return compareEntries(a, b, this.#comparison, false).length === 0;
  }

  async #times(
    path: TreePath,
    before: readonly TreeEntry[],
    after: readonly TreeEntry[],
  ): Promise<void> {
    for (const [i, a] of before.entries()) {
      const b = after[i]!;
      const attributes = compareTimes(a.entry, b.entry, this.#comparison);
      const isUnequal = attributes.length > 0;
      const depth =
        a.child === null || b.child === null ? 'nothing' : this.#depth(a.child, b.child);
      if (!isUnequal && depth === 'nothing') continue;
      const entryPath = joinPath(path, a.entry.name);
      if (isUnequal) this.#changed(entryPath, a.entry, b.entry, attributes);
      if (depth !== 'nothing') await this.#directories(entryPath, a.child!, b.child!);
    }
  }

  /** An entry that only `side` has, and all that it holds. */
  async #single(path: TreePath, entry: TreeEntry, side: Side, top: TreePath | null): Promise<void> {
    const other = side === 'before' ? 'after' : 'before';
    const isGap = this.#gaps.has(path, other);
    if (isGap) this.#gaps.note(path, other, 'existence', 'not recorded');
    const isOpen = isGap || this.#gaps.leavesExistenceOpen(path);
    if (isOpen || this.#comparison.isExcluded(path, other)) {
      if (side === 'before') this.#skip(path, 1 + (entry.child?.entryCount ?? 0));
      return;
    }
    const { entry: its, child } = entry;
    if (this.#comparison.listsContents.length > 0 && its.type !== 'file') {
      if (side === 'before') this.#skip(path, 1);
      if (child !== null) await this.#oneSided(path, child, side, null);
      return;
    }
    const isBefore = side === 'before';
    this.changes.push({
      path,
      kind: isBefore ? 'removed' : 'added',
      before: isBefore ? its : null,
      after: isBefore ? null : its,
      attributes: [],
      top: top ?? path,
    });
    if (this.#comparison.hardLinks && its.link !== null)
      this.links.push({ path, before: isBefore ? its : null, after: isBefore ? null : its });
    if (child !== null) await this.#oneSided(path, child, side, top ?? path);
  }

  async #oneSided(
    path: TreePath,
    directory: TreeRef,
    side: Side,
    top: TreePath | null,
  ): Promise<void> {
    for (const entry of await this.#readers[side].entries(directory))
      await this.#single(joinPath(path, entry.entry.name), entry, side, top);
  }

  #changed(
    path: TreePath,
    before: Entry,
    after: Entry,
    attributes: readonly AttributeChange[],
  ): void {
    this.changes.push({ path, kind: 'changed', before, after, attributes, top: path });
  }

  #skip(path: TreePath, entries: number): void {
    if (entries === 0) return;
    this.skipped.push(path);
    this.skippedBefore += entries;
  }

  /** Whether content, target and xattrs cannot be compared here; then it is noted. */
  #notePartly(path: TreePath, before: TreeEntry, after: TreeEntry): boolean {
    const [a, b] = [before.entry, after.entry];
    if (a.coverage === 'mount-point' || b.coverage === 'mount-point') {
      this.partly.add(path);
      return true;
    }
    const unlisted = this.#unlisted(path, before, after);
    const what: Uncompared = unlisted
      ? 'listing'
      : a.type === 'symlink'
        ? 'target'
        : a.type === 'file'
          ? 'content'
          : 'xattr';
    let partly = false;
    for (const side of ['before', 'after'] as const) {
      const { coverage } = side === 'before' ? a : b;
      if (coverage === 'full' && !this.#gaps.has(path, side)) continue;
      this.#gaps.note(
        path,
        side,
        what,
        coverage === 'unstable' ? 'changed while it was read' : 'could not be read',
      );
      partly = true;
    }
    const lacksDigest = !partly && this.#lacksDigest(a, b);
    if (lacksDigest) {
      const { contentBy } = this.#comparison;
      this.#gaps.note(
        path,
        a[contentBy!] === null ? 'before' : 'after',
        'content',
        'no digest is recorded',
      );
    }
    if (partly || lacksDigest || this.#isPatchy(a, b)) this.partly.add(path);
    return partly;
  }

  /**
   * A list of contents has them under whatever name leads there: a link on the other side may lead to the same. Nothing is
   * known then, neither of the path nor of what is below.
   */
  #mayLeadElsewhere(path: TreePath, before: TreeEntry, after: TreeEntry): boolean {
    const [a, b] = [before.entry.type, after.entry.type];
    const side = this.#comparison.listsContents.find(
      (lists) => a !== b && (lists === 'before' ? b : a) === 'symlink',
    );
    if (side === undefined) return false;
    this.#gaps.note(path, side, 'type', 'the list does not say what is a symbolic link');
    this.partly.add(path);
    if (before.child !== null) this.#skip(path, before.child.entryCount);
    return true;
  }

  /** Whether something is not known of an entry that is known of others of its side. */
  #isPatchy(a: Entry, b: Entry): boolean {
    const { patchy } = this.#comparison;
    return patchy.some((attribute) => !isKnown(a, attribute) || !isKnown(b, attribute));
  }

  /** A whole file without the digest that its side promised. */
  #lacksDigest(a: Entry, b: Entry): boolean {
    const { contentBy } = this.#comparison;
    if (contentBy === null || a.type !== 'file' || b.type !== 'file') return false;
    return a[contentBy] === null || b[contentBy] === null;
  }

  /** Whether a side could not list the directory; an empty listing with a diagnostic is no listing. */
  #unlisted(path: TreePath, before: TreeEntry, after: TreeEntry): boolean {
    if (before.entry.type !== 'directory' || after.entry.type !== 'directory') return false;
    return (
      before.child === null ||
      after.child === null ||
      (before.child.entryCount === 0 && this.#gaps.has(path, 'before')) ||
      (after.child.entryCount === 0 && this.#gaps.has(path, 'after'))
    );
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** A scrub rule: knows what varies and plans edits. It never writes; `apply.ts` does. Listed in `index.ts`. */

import type { Diagnostic } from '../core/diagnostic.js';
import type { Edit } from '../core/edit.js';
import type { EntryType } from '../core/entry.js';
import type { Ownership } from '../core/ownership.js';
import type { TreePath } from '../core/path.js';
import type { TreeFiles } from '../core/tree-files.js';
import type { NormalizeJob, NormalizeOutcome } from './normalize-job.js';

/** `plain`: files as they will run. `ostree`: usr/etc, usr/share/rpm, mtimes are dropped and inodes shared. `bootc`: usr/etc may exist, mtimes are kept. */
export type Layout = 'plain' | 'ostree' | 'bootc';

/** A file system object as the walk meets it; mount points and what lies below them are never offered. */
export interface ScrubEntry {
  readonly path: TreePath;
  readonly type: EntryType;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtimeNs: bigint;
}

export interface PlanContext {
  readonly layout: Layout;
  /** Seconds; null without SOURCE_DATE_EPOCH: then no rule with `timeValued` is asked. */
  readonly sourceDateEpoch: number | null;
  readonly files: TreeFiles;
  readonly ownership: Ownership;
  /** What lies at a path now; null when nothing does, or what belongs to another mount. */
  stat?(path: TreePath): ScrubEntry | null;
  /** Names of the extended attributes at a path; empty where there are none, or none can be read. */
  xattrNames?(path: TreePath): readonly string[];
  /**
   * Every name in the tree of the inode at this path, itself included, in byte order. Whatever changes the inode
   * (all edits but `remove`) is applied to all of them: a rule plans it for the first and leaves the others.
   */
  linkedNames(path: TreePath): readonly TreePath[];
  /**
   * What the plan holds already for a path, or for another name of its inode unless that is removed; rules run in registry order. Edits are applied in the order in which they
   * were planned, across paths too: a rule may rely on it for its safety against a kill.
   */
  planned(path: TreePath): readonly Edit[];
  /** For what should have been edited and could not be. */
  report(diagnostic: Diagnostic): void;
}

/** The root is that of the tree. */
export type TreeJob = Omit<NormalizeJob, 'root'>;

export interface ScrubRule {
  /** Kebab-case, stable: used in `--only`, stored with edits, shown in reports. */
  readonly id: string;
  /** Raised when the same input would be edited otherwise. */
  readonly version: number;
  /** What varies and what is done about it; one sentence. */
  readonly summary: string;
  /** One clause: what varies. Absent where the catalogue's row says it. */
  readonly varies?: string;
  /** Why it is safe by default, or why it is off. */
  readonly rationale: string;
  /** Where the knowledge comes from. */
  readonly source: string;
  readonly defaultOn: boolean;
  /** Off by default, but on in the profile `strict`. */
  readonly strict?: boolean;
  /** Never runs while a build runs inside the tree, as in a container where that is `/`: the build needs what it removes. */
  readonly notInPlace?: boolean;
  /** Writes a value that is derived from SOURCE_DATE_EPOCH. */
  readonly timeValued: boolean;
  /**
   * Globs from the root that name what the rule wants to see, tried below `etc` and `usr/etc` alike; `every` entry
   * needs the whole walk. Entries come in byte order, directories after what they hold.
   */
  readonly wants: readonly string[] | 'every';
  /**
   * A cheap second sieve while the tree is walked, so that an `every` rule does not hold the whole tree in memory: sees
   * the entry and the epoch only. Absent: all that `wants` names.
   */
  readonly accepts?: (entry: ScrubEntry, sourceDateEpoch: number | null) => boolean;
  /** Removes files that a package owns; every other rule's removal of one is dropped from the plan. */
  readonly removesOwned?: boolean;
  /**
   * Work that a thread can do before `plan` is asked, for all entries of the rule at once: it depends on the tree and on
   * what other rules have planned. Null: none for this entry. Of the names of one inode that end alike, a rule with jobs
   * is asked about the first alone.
   */
  readonly job?: (entry: ScrubEntry, context: PlanContext) => TreeJob | null;
  /**
   * May name other paths than the entry's own: a database and its sidecars are one plan. `outcome` is what came of the
   * job; null or absent without one.
   */
  plan(entry: ScrubEntry, context: PlanContext, outcome?: NormalizeOutcome | null): Iterable<Edit>;
}

export function defineRule(rule: ScrubRule): ScrubRule {
  return rule;
}

/** The result of a diff. Text, JSON and the TUI only render it; `docs/schema/report-1.json` is its published form. */

import type { BuildFacts } from './build.js';
import type { CaptureSet } from './capture.js';
import type { Diagnostic } from './diagnostic.js';
import type { Entry, EntryType } from './entry.js';
import type { TreePath } from './path.js';

/** `content` is told by digests, `size` beside it; `xattr` carries the attribute's name; `links` is the set of names of one inode. */
export type Attribute =
  | 'type'
  | 'content'
  | 'size'
  | 'mode'
  | 'uid'
  | 'gid'
  | 'mtime'
  | 'target'
  | 'rdev'
  | 'xattr'
  | 'links';

export interface AttributeChange {
  readonly attribute: Attribute;
  /** Name of the xattr, latin1 bytes; null for every other attribute. */
  readonly name: string | null;
  /**
   * As people write it: `0644`, `0`, `2026-01-02T03:04:05.000000006Z`, a hex digest, a link target, an xattr value
   * (latin1 bytes, shown escaped); null where that side has none.
   */
  readonly before: string | null;
  readonly after: string | null;
}

export type ChangeKind = 'added' | 'removed' | 'changed';

export interface Change {
  readonly path: TreePath;
  readonly kind: ChangeKind;
  readonly type: EntryType;
  /** The entry on either side; null on the side where the path does not exist. */
  readonly before: Entry | null;
  readonly after: Entry | null;
  /** Empty for added and removed paths. */
  readonly attributes: readonly AttributeChange[];
  /** Id of the finding this change belongs to. */
  readonly finding: string;
}

/** What the changes of a finding have in common. */
export type FindingBasis =
  /** The same attributes changed and content is not among them. */
  | { readonly kind: 'attributes' }
  /** A row of the catalogue names this kind of file. */
  | {
      readonly kind: 'catalogue';
      readonly row: string;
      readonly what: string;
      readonly remedy: string;
      readonly rule: string | null;
    }
  /** Content, added or removed paths below one directory. */
  | { readonly kind: 'directory'; readonly directory: TreePath }
  /** One inode's names came apart or together. */
  | { readonly kind: 'link-set' };

export interface Finding {
  /** Stable between runs over the same input: `content:aux-cache`, `metadata:mtime`. */
  readonly id: string;
  /** One line for people; contains escaped paths only. */
  readonly title: string;
  readonly kind: 'content' | 'metadata' | 'type' | 'added' | 'removed' | 'links';
  readonly basis: FindingBasis;
  readonly attributes: readonly Attribute[];
  /** Number of changes in it, each a path. */
  readonly count: number;
  /** Sum of the new sizes of its files; the cost of shipping them again. */
  readonly sizeBytes: number;
}

export interface NotCompared {
  /** Null when it concerns the whole tree. */
  readonly path: TreePath | null;
  /** What was not compared: an attribute, `content`, `listing`, or `everything`. */
  readonly what: string;
  readonly reason: string;
  /** Whether this was declared beforehand (excluded, mount point, capture set) or is a gap that makes the verdict incomplete. */
  readonly declared: boolean;
}

/** One side of a diff. */
export interface ReportSide {
  readonly name: string;
  readonly stream: string;
  readonly location: string;
  readonly facts: BuildFacts;
  readonly meta: Readonly<Record<string, unknown>>;
  readonly capture: CaptureSet;
  readonly contentDigest: Uint8Array;
  readonly fullDigest: Uint8Array;
  readonly entryCount: number;
  readonly sizeBytes: number;
  /** Edits that scrub made before this side was recorded. */
  readonly editCount: number;
}

/** A fact or meta field whose values differ, or that only one side has. */
export interface CircumstanceChange {
  readonly group: 'facts' | 'environment' | 'os-release' | 'meta' | 'packages' | 'tools';
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** `same` and `different` speak of all that was compared; `incomplete`: no difference was seen, but not everything could be compared. */
export type Verdict = 'same' | 'different' | 'incomplete';

export interface Report {
  readonly before: ReportSide;
  readonly after: ReportSide;
  readonly verdict: Verdict;
  /** Whether undeclared gaps remain, whatever the verdict. */
  readonly complete: boolean;
  /** Counted in paths. */
  readonly summary: {
    readonly added: number;
    readonly removed: number;
    readonly changed: number;
    readonly unchanged: number;
  };
  readonly circumstances: readonly CircumstanceChange[];
  /** Most telling first. */
  readonly findings: readonly Finding[];
  /** In tree order. */
  readonly changes: readonly Change[];
  readonly diagnostics: readonly (Diagnostic & { readonly side: 'before' | 'after' })[];
  readonly notCompared: readonly NotCompared[];
}

/** Names a path for grouping and remedies; the scrub catalogue implements it. */
export type Classify = (
  path: TreePath,
) => {
  readonly row: string;
  readonly what: string;
  readonly remedy: string;
  readonly rule: string | null;
} | null;

/** The result of a diff. Text, JSON and the TUI only render it; `docs/schema/report-1.json` is its published form. */

import type { ArtifactName, BuildFacts, Container } from './build.js';
import type { CaptureSet, DigestAlgorithm } from './capture.js';
import type { Diagnostic } from './diagnostic.js';
import type { AppliedEdit } from './edit.js';
import type { Entry, EntryType } from './entry.js';
import type { CauseId, Confidence, Explanation, Owner, Remedy } from './explanation.js';
import type { TreePath } from './path.js';

/**
 * In the order in which they are told. `content` is told by digests, `size` beside it; `xattr` carries the
 * attribute's name; `links` is the set of names of one inode.
 */
export const ATTRIBUTES = [
  'type',
  'content',
  'size',
  'mode',
  'uid',
  'gid',
  'mtime',
  'target',
  'rdev',
  'xattr',
  'links',
] as const;
export type Attribute = (typeof ATTRIBUTES)[number];

export interface AttributeChange {
  readonly attribute: Attribute;
  /** Name of the xattr, latin1 bytes; null for every other attribute. */
  readonly name: string | null;
  /**
   * As people write it: `0644`, `0`, `2026-01-02T03:04:05.000000006Z`, a hex digest (16 digits XXH64, 64 SHA-256),
   * a link target or an xattr value (latin1 bytes, shown escaped), the other names of the inode as `/a, /b and 3 more`;
   * null where that side has none. Only targets and xattr values are bytes; the rest is safe to print.
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
  /** Why its content differs; null where it does not, and where no facts were asked for. */
  readonly explanation: Explanation | null;
  /** Who made it what it is, after the change where both sides tell; null: not known. */
  readonly owner: Owner | null;
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
  /** Contents that differ for one cause, wherever they lie. */
  | { readonly kind: 'cause'; readonly cause: CauseId }
  /** Files of a package that has another version; `name` is null where several packages are one finding. */
  | {
      readonly kind: 'package';
      readonly manager: string;
      readonly name: string | null;
      /** Versions, several joined by `, `; null: not installed. */
      readonly before: string | null;
      readonly after: string | null;
    }
  /** Content, added or removed paths below one directory. */
  | { readonly kind: 'directory'; readonly directory: TreePath }
  /** One inode's names came apart or together. Each element is a set of names, in byte order, that were one inode. */
  | {
      readonly kind: 'link-set';
      readonly before: readonly (readonly TreePath[])[];
      readonly after: readonly (readonly TreePath[])[];
    };

/**
 * What a finding says of the builds. `nondeterminism`: the same inputs gave other bytes. `input-drift`: the inputs differ.
 * `consequence`: follows from other findings. `unknown`: there is not enough to tell.
 */
export type Nature = 'nondeterminism' | 'input-drift' | 'consequence' | 'unknown';

/** A cause of changes of a finding. */
export interface FindingCause {
  readonly cause: CauseId;
  /** The best that any of them has; null for `unknown`. */
  readonly confidence: Confidence | null;
  /** Number of changes of which it is a cause; one change may have several. */
  readonly count: number;
}

export interface FindingOwner {
  readonly owner: Owner;
  /** Number of changes. */
  readonly count: number;
}

export interface Finding {
  /**
   * Stable between runs over the same input, safe to print: `content:aux-cache`, `content:/var/log`, `metadata:mtime`,
   * `cause:time.field`, `drift:deb:bash`.
   */
  readonly id: string;
  /** One line for people; contains escaped paths only. */
  readonly title: string;
  readonly kind: 'content' | 'metadata' | 'type' | 'added' | 'removed' | 'links';
  readonly basis: FindingBasis;
  readonly attributes: readonly Attribute[];
  readonly nature: Nature;
  /** Most frequent first; roots alone, unless the finding is a consequence. */
  readonly causes: readonly FindingCause[];
  /** Most fitting first. */
  readonly remedies: readonly Remedy[];
  /** Most frequent first. */
  readonly owners: readonly FindingOwner[];
  /** Number of changes in it, each a path. */
  readonly count: number;
  /** Sum of the new sizes of its files, of removed ones the old; the cost of shipping them again. */
  readonly sizeBytes: number;
}

/**
 * What was not compared. `xattr:trusted`: the names that only a privileged process sees. `mtime:fraction`: what one side's
 * times have beyond the steps of the other's; `container`, the bytes of archives beside what their trees say.
 */
export type Uncompared =
  | Attribute
  | 'xattr:trusted'
  | 'mtime:fraction'
  | 'owner'
  | 'listing'
  | 'existence'
  | 'packages'
  | 'format'
  | 'container'
  | 'everything';

export interface NotCompared {
  /** Null when it concerns the whole tree. */
  readonly path: TreePath | null;
  /** The exclusion it follows from; null for every other cause. */
  readonly pattern: string | null;
  /** The side that lacks it. */
  readonly side: 'before' | 'after' | 'both';
  readonly what: Uncompared;
  /** One sentence. */
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
  /** What scrub changed before this side was recorded: differences that it hides. */
  readonly edits: readonly AppliedEdit[];
}

/** A fact or meta field whose values differ, or that only one side has. */
export interface CircumstanceChange {
  readonly group: 'facts' | 'environment' | 'os-release' | 'meta' | 'packages' | 'tools';
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** Something that follows from several circumstances together. */
export type Remark =
  /** The builder says that its input was the same (meta field `input`), and yet its result (`output`) is not. */
  | {
      readonly kind: 'equal-input';
      readonly input: string;
      readonly value: string;
      readonly output: string;
      readonly before: string;
      readonly after: string;
    }
  /** Both are images of containers: which layers a client that has the one downloads for the other. */
  | {
      readonly kind: 'layers';
      /** Layers of the image after. */
      readonly layers: number;
      /** Of all of them, as they are stored. */
      readonly sizeBytes: number;
      readonly downloadBytes: number;
      /** Those that the image before does not have, the largest first. */
      readonly changed: readonly LayerChange[];
    };

export interface LayerChange {
  /** Components of the layer, or its number from the lowest up; latin1 bytes. */
  readonly name: string;
  /** Of its blob. */
  readonly sizeBytes: number;
}

/**
 * The two files that the trees came out of. `identical`: the same bytes. `same-content`: the same paths with the same
 * contents in other bytes; metadata may differ, and is listed. `different`: contents differ, or not all could be compared.
 */
export interface ContainerComparison {
  readonly before: Container;
  readonly after: Container;
  readonly verdict: 'identical' | 'same-content' | 'different';
  /**
   * Why bytes differ where the content is the same, field by field of the format; where content differs, what a commit or the
   * documents of an image say of themselves. Null for other archives with other content, and without facts.
   */
  readonly explanation: Explanation | null;
  /** True where bytes differ in nothing but what the user set aside: they then make no difference. */
  readonly isSetAside?: boolean;
}

/** `same` and `different` speak of all that was compared; `incomplete`: no difference was seen, but not everything could be compared. */
export type Verdict = 'same' | 'different' | 'incomplete';

/** Another artifact of builds that have several. */
export interface ArtifactComparison extends ArtifactName {
  /** Null where only one side has it. */
  readonly report: Report | null;
  /** The sides that have it. */
  readonly side: 'before' | 'after' | 'both';
  /** False where the other side is a tree alone: then its absence says nothing of the builds. */
  readonly isAsked: boolean;
}

/** Of two builds: their first artifacts, and in `artifacts` all others. */
export interface Report {
  /** What this is about; the first artifact of the side after. */
  readonly artifact: ArtifactName;
  /** In the order of the build after; each report in it has no artifacts of its own and tells no circumstances. */
  readonly artifacts: readonly ArtifactComparison[];
  readonly before: ReportSide;
  readonly after: ReportSide;
  /** Of all artifacts together. `different` too where containers are not identical, or an artifact is on one side only though both have several. */
  readonly verdict: Verdict;
  /** Null unless both trees came out of a file. */
  readonly container: ContainerComparison | null;
  /** Whether undeclared gaps remain in any artifact, whatever the verdict. */
  readonly complete: boolean;
  /** By what contents were compared; null when the sides have no digest in common. */
  readonly contentBy: DigestAlgorithm | null;
  /** Counted in paths, the root included; paths that were not or not wholly compared are not `unchanged`. */
  readonly summary: {
    readonly added: number;
    readonly removed: number;
    readonly changed: number;
    readonly unchanged: number;
  };
  readonly circumstances: readonly CircumstanceChange[];
  readonly remarks: readonly Remark[];
  /** Most telling first. */
  readonly findings: readonly Finding[];
  /** In tree order. */
  readonly changes: readonly Change[];
  readonly diagnostics: readonly (Diagnostic & { readonly side: 'before' | 'after' })[];
  readonly notCompared: readonly NotCompared[];
}

/** The verdict on one artifact, without the others that its report may have. */
export function ownVerdict({
  changes,
  container,
  notCompared,
}: Pick<Report, 'changes' | 'container' | 'notCompared'>): Verdict {
  const areOtherBytes =
    container !== null && container.verdict !== 'identical' && container.isSetAside !== true;
  if (changes.length > 0 || areOtherBytes) return 'different';
  return isComplete(notCompared) ? 'same' : 'incomplete';
}

/** No undeclared gaps. */
export function isComplete(notCompared: Report['notCompared']): boolean {
  return notCompared.every(({ declared }) => declared);
}

/** Names a path for grouping and remedies; the scrub catalogue implements it. */
export type Classify = (path: TreePath) => {
  readonly row: string;
  readonly what: string;
  readonly remedy: string;
  readonly rule: string | null;
  /** The program that writes such files, where one is known. */
  readonly tool?: string;
} | null;

/** Which finding a change belongs to. */

import type { CauseId, Explanation } from '../core/explanation.js';
import { displayPath, displayText, parentPath, type TreePath } from '../core/path.js';
import type { Attribute, Classify, Finding } from '../core/report.js';
import type { RawChange } from './descend.js';
import type { ExplainedTree } from './explain/explain-tree.js';
import { groupDirectories } from './group-directories.js';
import type { LinkGroup } from './link-sets.js';

/** How many findings each kind may have besides those that the catalogue names. */
const DIRECTORY_LIMIT = { content: 12, type: 4, added: 6, removed: 6 } as const;
/** More packages than this in other versions are one finding. */
const PACKAGE_LIMIT = 12;
type DirectoryKind = keyof typeof DIRECTORY_LIMIT;

export type Claim = Pick<Finding, 'id' | 'kind' | 'basis'>;

export interface ClaimContext {
  /** Holds the sets of the paths that carry a `links` attribute. */
  readonly linkGroups: ReadonlyMap<TreePath, LinkGroup>;
  readonly classify: Classify;
  readonly explained: ExplainedTree;
}

/** Claims changes one by one; all of them have to be known beforehand. */
export function claimer(
  changes: readonly RawChange[],
  context: ClaimContext,
): (change: RawChange) => Claim {
  const directories = directoriesOf(changes, context);
  const packages = new Set([...context.explained.drift.values()].map(({ name }) => name)).size;
  return (change) => {
    const kind = kindOf(change);
    return (
      driftClaim(change, context, packages) ??
      (isDirectoryKind(kind)
        ? (rowClaim(change, kind, context) ??
          causeClaim(change, kind, context) ??
          directoryClaim(change, kind, directories))
        : (linkClaim(change, kind, context) ?? attributesClaim(change)))
    );
  };
}

function driftClaim(
  change: RawChange,
  { explained }: ClaimContext,
  packages: number,
): Claim | null {
  const drift = explained.drift.get(change.path);
  if (drift === undefined) return null;
  const { manager } = drift;
  if (packages > PACKAGE_LIMIT) {
    const basis = { kind: 'package' as const, manager, name: null, before: null, after: null };
    return { id: `drift:${displayText(manager)}`, kind: 'content', basis };
  }
  const { name, before, after } = drift;
  return {
    id: `drift:${displayText(manager)}:${displayText(name)}`,
    kind: 'content',
    basis: { kind: 'package', manager, name, before, after },
  };
}

function rowClaim(change: RawChange, kind: DirectoryKind, context: ClaimContext): Claim | null {
  const found = rowOf(change, kind, context.classify);
  if (found === null) return null;
  const { row, what, remedy, rule } = found;
  return { id: `${kind}:${row}`, kind, basis: { kind: 'catalogue', row, what, remedy, rule } };
}

function causeClaim(
  change: RawChange,
  kind: DirectoryKind,
  { explained }: ClaimContext,
): Claim | null {
  const explanation = kind === 'content' ? explained.explanations.get(change.path) : undefined;
  const cause = explanation === undefined ? null : mainCause(explanation);
  return cause === null ? null : { id: `cause:${cause}`, kind, basis: { kind: 'cause', cause } };
}

/** The cause of most roots of a file that is wholly explained; `hash.derived` where all follows from other files. */
export function mainCause({ status, counts }: Explanation): CauseId | null {
  if (status !== 'explained') return null;
  const sums = new Map<CauseId, number>();
  for (const { cause, consequence, count } of counts)
    if (!consequence) sums.set(cause, (sums.get(cause) ?? 0) + count);
  const [first] = [...sums].toSorted(([, a], [, b]) => b - a);
  return first?.[0] ?? 'hash.derived';
}

function directoryClaim(change: RawChange, kind: DirectoryKind, directories: GroupNames): Claim {
  const directory = directories[kind].get(nearestDirectory(change))!;
  return { id: `${kind}:${displayPath(directory)}`, kind, basis: { kind: 'directory', directory } };
}

function linkClaim(change: RawChange, kind: Finding['kind'], context: ClaimContext): Claim | null {
  const group = kind === 'links' ? context.linkGroups.get(change.path) : undefined;
  if (group === undefined) return null;
  const first = (group.before[0] ?? group.after[0])![0]!;
  return {
    id: `links:${displayPath(first)}`,
    kind: 'links',
    basis: { kind: 'link-set', before: group.before, after: group.after },
  };
}

function attributesClaim({ attributes }: RawChange): Claim {
  const names = [...new Set(attributes.map(({ attribute }) => attribute))];
  return { id: `metadata:${names.join('+')}`, kind: 'metadata', basis: { kind: 'attributes' } };
}

type GroupNames = Readonly<Record<DirectoryKind, ReadonlyMap<TreePath, TreePath>>>;

function directoriesOf(changes: readonly RawChange[], context: ClaimContext): GroupNames {
  const directories = {
    content: new Set<TreePath>(),
    type: new Set<TreePath>(),
    added: new Set<TreePath>(),
    removed: new Set<TreePath>(),
  } satisfies Record<DirectoryKind, Set<TreePath>>;
  for (const change of changes) {
    const kind = kindOf(change);
    if (!isDirectoryKind(kind) || context.explained.drift.has(change.path)) continue;
    if ((rowClaim(change, kind, context) ?? causeClaim(change, kind, context)) === null)
      directories[kind].add(nearestDirectory(change));
  }
  const name = (kind: DirectoryKind): ReadonlyMap<TreePath, TreePath> =>
    groupDirectories(directories[kind], DIRECTORY_LIMIT[kind]);
  return {
    content: name('content'),
    type: name('type'),
    added: name('added'),
    removed: name('removed'),
  };
}

/** What is said about contents that vary does not explain why a path came or went; what is scrubbed does. */
function rowOf({ path }: RawChange, kind: DirectoryKind, classify: Classify): ReturnType<Classify> {
  const row = classify(path);
  return row !== null && (kind === 'added' || kind === 'removed') && row.rule === null ? null : row;
}

function isDirectoryKind(kind: Finding['kind']): kind is DirectoryKind {
  return kind in DIRECTORY_LIMIT;
}

/** A change belongs to the most telling of its differences. */
function kindOf({ kind, attributes }: RawChange): Finding['kind'] {
  if (kind !== 'changed') return kind;
  const has = (wanted: Attribute): boolean =>
    attributes.some(({ attribute }) => attribute === wanted);
  if (has('type')) return 'type';
  if (has('content') || has('size')) return 'content';
  return has('links') ? 'links' : 'metadata';
}

/** The directory that generated it: for a tree that came or went as a whole, its top. */
function nearestDirectory({ top, path, before, after }: RawChange): TreePath {
  if (top !== path) return top;
  const isWholeDirectory =
    (before ?? after)!.type === 'directory' && (before === null || after === null);
  return isWholeDirectory ? path : parentPath(path);
}

/** Groups changes into findings: a reader has few things to look at, however many paths there are. */

import type { Entry } from '../core/entry.js';
import { displayPath, parentPath, type TreePath } from '../core/path.js';
import {
  ATTRIBUTES,
  type Attribute,
  type Change,
  type Classify,
  type Finding,
  type FindingBasis,
} from '../core/report.js';
import type { RawChange } from './descend.js';
import { groupDirectories } from './group-directories.js';
import type { LinkGroup } from './link-sets.js';

/** How many findings each kind may have besides those that the catalogue names. */
const DIRECTORY_LIMIT = { content: 12, type: 4, added: 6, removed: 6 } as const;
type DirectoryKind = keyof typeof DIRECTORY_LIMIT;

export interface Grouped {
  /** Most telling first. */
  readonly findings: readonly Finding[];
  readonly changes: readonly Change[];
}

/** `linkGroups` holds the sets of the paths that carry a `links` attribute. */
export function groupChanges(
  changes: readonly RawChange[],
  linkGroups: ReadonlyMap<TreePath, LinkGroup>,
  classify: Classify,
): Grouped {
  const directories = directoriesOf(changes, classify);
  const groups = new Map<string, Group>();
  const claimed = changes.map((change) => {
    const { id, kind, basis } = claim(change, linkGroups, classify, directories);
    let group = groups.get(id);
    if (group === undefined) groups.set(id, (group = { id, kind, basis, changes: [] }));
    group.changes.push(change);
    return finished(change, id);
  });
  const findings = [...groups.values()].map(findingOf).toSorted(byImportance);
  return { findings, changes: claimed };
}

type Claim = Pick<Finding, 'id' | 'kind' | 'basis'>;
type Group = Claim & { readonly changes: RawChange[] };
type GroupNames = Readonly<Record<DirectoryKind, ReadonlyMap<TreePath, TreePath>>>;

function directoriesOf(changes: readonly RawChange[], classify: Classify): GroupNames {
  const directories = {
    content: new Set<TreePath>(),
    type: new Set<TreePath>(),
    added: new Set<TreePath>(),
    removed: new Set<TreePath>(),
  } satisfies Record<DirectoryKind, Set<TreePath>>;
  for (const change of changes) {
    const kind = kindOf(change);
    if (isDirectoryKind(kind) && rowOf(change, kind, classify) === null)
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

function claim(
  change: RawChange,
  linkGroups: ReadonlyMap<TreePath, LinkGroup>,
  classify: Classify,
  directories: GroupNames,
): Claim {
  const kind = kindOf(change);
  if (isDirectoryKind(kind)) {
    const row = rowOf(change, kind, classify);
    if (row !== null)
      return {
        id: `${kind}:${row.row}`,
        kind,
        basis: {
          kind: 'catalogue',
          row: row.row,
          what: row.what,
          remedy: row.remedy,
          rule: row.rule,
        },
      };
    const directory = directories[kind].get(nearestDirectory(change))!;
    return {
      id: `${kind}:${displayPath(directory)}`,
      kind,
      basis: { kind: 'directory', directory },
    };
  }
  const group = kind === 'links' ? linkGroups.get(change.path) : undefined;
  if (group !== undefined) {
    const first = (group.before[0] ?? group.after[0])![0]!;
    return {
      id: `links:${displayPath(first)}`,
      kind: 'links',
      basis: { kind: 'link-set', before: group.before, after: group.after },
    };
  }
  const attributes = attributesOf([change]);
  return {
    id: `metadata:${attributes.join('+')}`,
    kind: 'metadata',
    basis: { kind: 'attributes' },
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

function finished(change: RawChange, finding: string): Change {
  const { path, kind, before, after, attributes } = change;
  return { path, kind, type: (after ?? before)!.type, before, after, attributes, finding };
}

function findingOf({ id, kind, basis, changes }: Group): Finding {
  const attributes = attributesOf(changes);
  return {
    id,
    title: titleOf(basis, changes, attributes),
    kind,
    basis,
    attributes,
    count: changes.length,
    sizeBytes: changes.reduce((sum, change) => sum + sizeOf(change.after ?? change.before), 0),
  };
}

function sizeOf(entry: Entry | null): number {
  return entry === null ? 0 : entry.size;
}

function attributesOf(changes: readonly RawChange[]): readonly Attribute[] {
  const present = new Set<Attribute>();
  for (const { attributes } of changes)
    for (const { attribute } of attributes) present.add(attribute);
  return ATTRIBUTES.filter((attribute) => present.has(attribute));
}

function titleOf(
  basis: FindingBasis,
  changes: readonly RawChange[],
  attributes: readonly Attribute[],
): string {
  const only = changes.length === 1 ? displayPath(changes[0]!.path) : null;
  switch (basis.kind) {
    case 'catalogue':
      return only === null ? basis.what : `${only}: ${basis.what}`;
    case 'directory':
      return only ?? `${changes.length} paths below ${displayPath(basis.directory)}`;
    case 'link-set':
      return `names of the inode of ${displayPath((basis.before[0] ?? basis.after[0])![0]!)}`;
    case 'attributes':
      return `${attributes.length === 1 ? 'only ' : ''}${attributes.join(', ')}`;
  }
}

const RANK = {
  content: 0,
  type: 0,
  added: 1,
  removed: 1,
  links: 2,
  metadata: 3,
} as const satisfies Record<Finding['kind'], number>;

/** Content and type first, what came and went, links, metadata with mtime alone at the end; by cost within. */
function byImportance(a: Finding, b: Finding): number {
  return (
    RANK[a.kind] - RANK[b.kind] ||
    Number(isOnlyMtime(a)) - Number(isOnlyMtime(b)) ||
    b.sizeBytes - a.sizeBytes ||
    b.count - a.count ||
    (a.id < b.id ? -1 : 1)
  );
}

function isOnlyMtime({ kind, attributes }: Finding): boolean {
  return kind === 'metadata' && attributes.length === 1 && attributes[0] === 'mtime';
}

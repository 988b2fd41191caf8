/** Groups changes into findings: a reader has few things to look at, however many paths there are. */

import type { Entry } from '../core/entry.js';
import { displayPath, displayText, type TreePath } from '../core/path.js';
import {
  ATTRIBUTES,
  type Attribute,
  type Change,
  type Finding,
  type FindingBasis,
} from '../core/report.js';
import type { BuildPair } from './causes/builds.js';
import { causeTexts } from './causes/index.js';
import { claimer, type Claim, type ClaimContext } from './claim-change.js';
import type { RawChange } from './descend.js';
import { sumUp } from './sum-up.js';

export interface Grouped {
  /** Most telling first. */
  readonly findings: readonly Finding[];
  readonly changes: readonly Change[];
}

export function groupChanges(
  changes: readonly RawChange[],
  context: ClaimContext,
  builds: BuildPair,
): Grouped {
  const claim = claimer(changes, context);
  const groups = new Map<string, Group>();
  const claimed = changes.map((change) => {
    const { id, kind, basis } = claim(change);
    let group = groups.get(id);
    if (group === undefined) groups.set(id, (group = { id, kind, basis, changes: [] }));
    group.changes.push(change);
    return finished(change, id, context);
  });
  const findings = [...groups.values()]
    .map((group) => findingOf(group, context, builds))
    .toSorted(byImportance);
  return { findings, changes: claimed };
}

type Group = Claim & { readonly changes: RawChange[] };

function finished(change: RawChange, finding: string, { explained }: ClaimContext): Change {
  const { path, kind, before, after, attributes } = change;
  return {
    path,
    kind,
    type: (after ?? before)!.type,
    before,
    after,
    attributes,
    explanation: explained.explanations.get(path) ?? null,
    owner: explained.owners.get(path) ?? null,
    finding,
  };
}

function findingOf(
  { id, kind, basis, changes }: Group,
  { explained }: ClaimContext,
  builds: BuildPair,
): Finding {
  const attributes = attributesOf(changes);
  return {
    id,
    title: titleOf(basis, changes, attributes),
    kind,
    basis,
    attributes,
    ...sumUp(basis, changes, explained, builds),
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
    case 'cause': {
      const { title } = causeTexts[basis.cause];
      return only === null ? title : `${only}: ${title}`;
    }
    case 'package':
      return packageTitle(basis);
    case 'directory':
      return only ?? `${changes.length} paths below ${displayPath(basis.directory)}`;
    case 'link-set':
      return `names of the inode of ${displayPath(firstName(basis))}`;
    case 'attributes':
      return `${attributes.length === 1 ? 'only ' : ''}${attributes.join(', ')}`;
  }
}

function firstName(basis: FindingBasis & { readonly kind: 'link-set' }): TreePath {
  return (basis.before[0] ?? basis.after[0])![0]!;
}

function packageTitle({
  manager,
  name,
  before,
  after,
}: FindingBasis & { readonly kind: 'package' }): string {
  if (name === null) return `packages of ${displayText(manager)} in other versions`;
  const version = (text: string | null): string => (text === null ? 'none' : displayText(text));
  return `${displayText(name)} ${version(before)} -> ${version(after)}`;
}

const RANK = {
  content: 0,
  type: 0,
  added: 1,
  removed: 1,
  links: 2,
  metadata: 3,
} as const satisfies Record<Finding['kind'], number>;

/**
 * Content and type first, what came and went, links, metadata with mtime alone behind; by cost within. Other inputs come after
 * what the same inputs gave, and what only follows from other findings comes last.
 */
function byImportance(a: Finding, b: Finding): number {
  return (
    Number(a.nature === 'consequence') - Number(b.nature === 'consequence') ||
    Number(isOnlyMtime(a)) - Number(isOnlyMtime(b)) ||
    Number(a.nature === 'input-drift') - Number(b.nature === 'input-drift') ||
    RANK[a.kind] - RANK[b.kind] ||
    b.sizeBytes - a.sizeBytes ||
    b.count - a.count ||
    (a.id < b.id ? -1 : 1)
  );
}

function isOnlyMtime({ kind, attributes }: Finding): boolean {
  return kind === 'metadata' && attributes.length === 1 && attributes[0] === 'mtime';
}

/** Files that differ because the package that owns them was installed in another version. */

import type { Explanation, Owner } from '../../core/explanation.js';
import type { ArtifactReader } from '../../core/manifest.js';
import { displayText, type TreePath } from '../../core/path.js';
import type { Classify } from '../../core/report.js';
import type { BuildPair } from '../causes/builds.js';
import type { RawChange } from '../descend.js';
import { explainedBy } from './explain-file.js';

export interface PackageDrift {
  readonly manager: string;
  readonly name: string;
  /** Versions; null: not installed. */
  readonly before: string | null;
  readonly after: string | null;
}

export interface Owners {
  /** After the change where both sides tell. */
  readonly owners: ReadonlyMap<TreePath, Owner>;
  readonly drift: Map<TreePath, PackageDrift>;
}

export async function ownersOf(
  changes: readonly RawChange[],
  before: ArtifactReader,
  after: ArtifactReader,
  builds: BuildPair,
  classify: Classify,
): Promise<Owners> {
  const asked = changes.filter((change) => builds.drifted.size > 0 || isTelling(change));
  const paths = (side: 'before' | 'after'): TreePath[] =>
    asked.flatMap((change) => (change[side] === null ? [] : [change.path]));
  const [old, now] = await Promise.all([
    ownersIn(before, paths('before')),
    ownersIn(after, paths('after')),
  ]);
  const owners = new Map<TreePath, Owner>([...old, ...now]);
  for (const change of changes) {
    const tool = owners.has(change.path) || !isTelling(change) ? null : toolOf(change, classify);
    if (tool !== null) owners.set(change.path, tool);
  }
  const drift = new Map<TreePath, PackageDrift>();
  for (const { path } of asked) {
    const found = driftOf(old.get(path) ?? null, now.get(path) ?? null, builds);
    if (found !== null) drift.set(path, found);
  }
  return { owners, drift };
}

/** Whatever no package lists is the work of a program that is known to write such files. */
function toolOf({ path }: RawChange, classify: Classify): Owner | null {
  const name = classify(path)?.tool;
  return name === undefined ? null : { kind: 'tool', name };
}

/** Of metadata alone the owner says little, and there may be very many. */
function isTelling({ kind, attributes }: RawChange): boolean {
  return (
    kind !== 'changed' ||
    attributes.some(({ attribute }) => attribute === 'content' || attribute === 'type')
  );
}

const NOBODY: ReadonlyMap<TreePath, Owner> = new Map();

async function ownersIn(
  reader: ArtifactReader,
  paths: readonly TreePath[],
): Promise<ReadonlyMap<TreePath, Owner>> {
  return reader.owners === undefined || paths.length === 0 ? NOBODY : reader.owners(paths);
}

function driftOf(old: Owner | null, now: Owner | null, builds: BuildPair): PackageDrift | null {
  const [a, b] = [old?.kind === 'package' ? old : null, now?.kind === 'package' ? now : null];
  if (a !== null && b !== null && a.name === b.name) {
    const { manager, name } = b;
    return a.version === b.version ? null : { manager, name, before: a.version, after: b.version };
  }
  // It came, went, or moved from one package to another: whose lists of versions tell.
  const either = b ?? a;
  const drifted = either === null ? undefined : builds.drifted.get(either.name);
  if (either === null || drifted === undefined) return null;
  const versions = (all: readonly string[]): string | null =>
    all.length === 0 ? null : all.join(', ');
  return {
    manager: either.manager,
    name: either.name,
    before: versions(drifted.before),
    after: versions(drifted.after),
  };
}

/** Files there are written by scripts and people as well as by their package. */
export function isAlsoWritten(path: TreePath): boolean {
  return /^(?:usr\/)?etc\/|^var\//.test(path);
}

export function explainDrift(path: TreePath, drift: PackageDrift): Explanation {
  const { name, before, after } = drift;
  return explainedBy('dep.version', isAlsoWritten(path) ? 'medium' : 'high', {
    before: versionText(name, before),
    after: versionText(name, after),
    against: `packages.${displayText(name)}`,
  });
}

function versionText(name: string, version: string | null): string {
  return displayText(version === null ? `no ${name}` : `${name} ${version}`);
}

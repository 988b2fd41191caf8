/** Explains the changed files of a tree by the facts that both sides keep, their packages, and each other. */

import { isKnown } from '../../core/coverage.js';
import type { Entry } from '../../core/entry.js';
import type { Explanation, Owner } from '../../core/explanation.js';
import type { Facts } from '../../core/facts.js';
import type { ArtifactReader } from '../../core/manifest.js';
import type { TreePath } from '../../core/path.js';
import { loadXxh64 } from '../../util/xxh64.js';
import type { Classify } from '../../core/report.js';
import type { BuildPair } from '../causes/builds.js';
import { writtenTimes } from '../causes/written-times.js';
import type { RawChange } from '../descend.js';
import { compareFacts, type FactsComparison } from '../facts/compare-facts.js';
import { explainFile, notInspected } from './explain-file.js';
import { FactsCache } from './facts-cache.js';
import { ChangedFiles } from './file-links.js';
import { explainDrift, isAlsoWritten, ownersOf, type PackageDrift } from './package-drift.js';

export interface ExplainedTree {
  readonly explanations: ReadonlyMap<TreePath, Explanation>;
  readonly owners: ReadonlyMap<TreePath, Owner>;
  /** What the user's recipe makes of the files of packages. */
  readonly recipes?: ReadonlyMap<TreePath, Owner>;
  /** Paths that differ because their package does. */
  readonly drift: ReadonlyMap<TreePath, PackageDrift>;
}

export async function explainTree(
  changes: readonly RawChange[],
  before: ArtifactReader,
  after: ArtifactReader,
  recorded: BuildPair,
  classify: Classify,
): Promise<ExplainedTree> {
  await loadXxh64();
  const { owners, drift } = await ownersOf(changes, before, after, recorded, classify);
  const written = writtenTimes(changes, (path) => drift.has(path));
  const builds = { ...recorded, written };
  const files = changedFilesOf(changes);
  const caches = { before: new FactsCache(before), after: new FactsCache(after) };
  const explanations = new Map<TreePath, Explanation>();
  for (const change of changes) {
    if (!hasOtherContent(change)) continue;
    const { path } = change;
    const drifted = drift.get(path);
    const explanation =
      drifted === undefined || isAlsoWritten(path)
        ? await explainContent(change, caches, builds, files)
        : null;
    // A package's file that something else writes too: another version explains it only where nothing else does.
    if (drifted !== undefined && explanation?.status === 'explained') drift.delete(path);
    if (drift.has(path)) explanations.set(path, explainDrift(path, drifted!));
    else if (explanation !== null) explanations.set(path, explanation);
  }
  return { explanations, owners, drift };
}

type Caches = { readonly before: FactsCache; readonly after: FactsCache };

function changedFilesOf(changes: readonly RawChange[]): ChangedFiles {
  const files = new ChangedFiles();
  for (const change of changes) {
    const [old, now] = [fileOf(change.before), fileOf(change.after)];
    if (old === null && now === null) continue;
    if (change.kind === 'changed' && !hasOtherContent(change)) continue;
    files.add(
      change.path,
      { before: hexOf(old), after: hexOf(now) },
      { before: old?.size ?? 0, after: now?.size ?? 0 },
    );
  }
  return files;
}

function hasOtherContent({ kind, attributes, before, after }: RawChange): boolean {
  return (
    kind === 'changed' &&
    before?.type === 'file' &&
    after?.type === 'file' &&
    attributes.some(({ attribute }) => attribute === 'content' || attribute === 'size')
  );
}

function fileOf(entry: Entry | null): Entry | null {
  return entry?.type === 'file' ? entry : null;
}

/** Empty files are all the same: their digest names nothing. */
function hexOf(entry: Entry | null): string | null {
  if (entry === null || entry.size === 0 || entry.sha256 === null) return null;
  return Buffer.from(entry.sha256).toString('hex');
}

function isEmpty(entry: Entry): boolean {
  return entry.size === 0 && isKnown(entry, 'size');
}

/** Null when neither side ever kept facts. */
async function explainContent(
  change: RawChange,
  caches: Caches,
  builds: BuildPair,
  files: ChangedFiles,
): Promise<Explanation | null> {
  if (!caches.before.exists && !caches.after.exists) return null;
  const [before, after] = [change.before!, change.after!];
  const digests = {
    before: Buffer.from(before.sha256 ?? []).toString('hex'),
    after: Buffer.from(after.sha256 ?? []).toString('hex'),
  };
  if (digests.before === '' || digests.after === '')
    return notInspected('without SHA-256 no facts can be found');
  if (digests.before === digests.after) return null;
  const explain = (comparison: FactsComparison): Explanation =>
    explainFile(comparison, change.path, builds, files);
  if (isEmpty(before) || isEmpty(after)) return explain(oneSided(before.size, after.size, digests));
  const [old, now] = await Promise.all([
    caches.before.all(digests.before),
    caches.after.all(digests.after),
  ]);
  const pair = choosePair(old, now);
  if (typeof pair === 'string') return notInspected(pair);
  return explain(
    await compareFacts(
      { digest: digests.before, facts: pair[0] },
      { digest: digests.after, facts: pair[1] },
      { before: caches.before.find, after: caches.after.find },
    ),
  );
}

/** The same format on both sides, one that says more than lines and blocks first; else why there is none. */
export function choosePair(
  old: readonly Facts[],
  now: readonly Facts[],
): readonly [Facts, Facts] | string {
  if (old.length === 0 && now.length === 0) return 'neither side was looked into';
  if (old.length === 0) return 'the side before was not looked into';
  if (now.length === 0) return 'the side after was not looked into';
  const pairs = old.flatMap((a) =>
    now.filter(({ format }) => format === a.format).map((b) => [a, b] as const),
  );
  const equal = pairs
    .filter(([a, b]) => a.version === b.version)
    .toSorted(([a], [b]) => Number(isPlain(a)) - Number(isPlain(b)));
  if (equal[0] !== undefined) return equal[0];
  const [first] = pairs;
  return first === undefined
    ? [old[0]!, now[0]!]
    : `the sides were looked into by versions ${first[0].version} and ${first[1].version} of ${first[0].format}`;
}

function isPlain({ format }: Facts): boolean {
  return format === 'blocks' || format === 'text';
}

/** One side is empty: all that can be said. */
function oneSided(
  before: number,
  after: number,
  digests: Record<'before' | 'after', string>,
): FactsComparison {
  const piece = {
    parent: null,
    row: null,
    chain: [],
    format: 'bytes',
    isContainer: false,
    sizes: { before, after },
    digests,
  };
  const change = {
    sort: 'range' as const,
    piece,
    row: null,
    field: 'bytes',
    kind: 'opaque' as const,
    before: `${before} bytes`,
    after: `${after} bytes`,
    offset: { before: null, after: null },
    encoding: null,
    line: null,
    place: -1,
    sequences: null,
  };
  return { changes: [change], beyond: 0, pieces: [piece], problems: [] };
}

/** Compares two recorded builds: what differs, in what circumstances, grouped into findings. */

import { AuditError } from '../core/errors.js';
import type { ArtifactReader, BuildReader } from '../core/manifest.js';
import { comparePaths, isWithin, type TreePath } from '../core/path.js';
import {
  isComplete,
  ownVerdict,
  type Attribute,
  type Change,
  type Classify,
  type NotCompared,
  type Report,
  type ReportSide,
} from '../core/report.js';
import { pairBuilds, type BuildPair } from './causes/builds.js';
import { circumstanceChanges, remarksOn } from './circumstances.js';
import { compareOthers, sumOf } from './compare-others.js';
import { comparisonOf } from './comparison.js';
import { descend, type Descent, type RawChange } from './descend.js';
import { compareContainers } from './explain/explain-container.js';
import { explainTree } from './explain/explain-tree.js';
import { withRecipes, type RecipeOf } from './explain/recipes.js';
import { groupChanges } from './find-groups.js';
import { Gaps } from './gaps.js';
import { layerRemarks } from './layer-remarks.js';
import { changedLinkSets, type LinkChange } from './link-sets.js';
import { TreeLookup } from './tree-lookup.js';

/** One of the two builds to compare. */
export interface DiffSide {
  readonly reader: BuildReader;
  /** Where it was found: a store, or the directory itself. */
  readonly location: string;
}

export interface DiffOptions {
  /** Names paths by rows of the catalogue. */
  readonly classify: Classify;
  /** Where the user's recipe makes a path; null: it was not said. */
  readonly recipeOf?: RecipeOf;
  /** Times, history, names and the form of archives are set aside, and said to be. */
  readonly isSemantic?: boolean;
}

/** Throws `STORE_DAMAGED` for a build without a root file system. */
export async function diffBuilds(
  before: DiffSide,
  after: DiffSide,
  options: DiffOptions,
): Promise<Report> {
  const [a, b] = [rootFileSystem(before), rootFileSystem(after)];
  const builds = pairBuilds(before.reader.build, after.reader.build);
  const compare = (old: ArtifactReader, now: ArtifactReader): Promise<Report> =>
    diffArtifacts({ side: before, reader: old }, { side: after, reader: now }, builds, options);
  const report = await compare(a, b);
  const artifacts = await compareOthers(
    before.reader.artifacts.filter((each) => each !== a),
    after.reader.artifacts.filter((each) => each !== b),
    compare,
  );
  return {
    ...report,
    artifacts,
    ...sumOf(report, artifacts),
    circumstances: circumstanceChanges(before.reader.build, after.reader.build),
    remarks: [...remarksOn(before.reader.build, after.reader.build), ...report.remarks],
  };
}

interface ArtifactSide {
  readonly side: DiffSide;
  readonly reader: ArtifactReader;
}

/** Without what is said of the builds as a whole. */
async function diffArtifacts(
  before: ArtifactSide,
  after: ArtifactSide,
  builds: BuildPair,
  { classify, recipeOf, isSemantic = false }: DiffOptions,
): Promise<Report> {
  const [a, b] = [before.reader, after.reader];
  const comparison = comparisonOf(a.artifact.capture, b.artifact.capture, isSemantic);
  const gaps = new Gaps(a.artifact.diagnostics, b.artifact.diagnostics);
  const descent = await descend(a, b, comparison, gaps);
  const links = await changedLinkSets(descent.links, a, b);
  const linkGroups = new Map(links.map(({ path, group }) => [path, group]));
  const all = withLinks(descent.changes, links);
  const explained = withRecipes(await explainTree(all, a, b, builds, classify), all, recipeOf);
  const { findings, changes } = groupChanges(all, { linkGroups, classify, explained }, builds);
  const declared = [...comparison.notCompared, ...gaps.list()];
  const hasSameContent = isComplete(declared) && changes.every(isMetadata);
  const container = await compareContainers(a, b, { hasSameContent, isSemantic, builds });
  const notCompared =
    container?.isSetAside === true ? [...declared, SET_ASIDE_CONTAINER] : declared;
  return {
    artifact: { name: b.artifact.name, role: b.artifact.role },
    artifacts: [],
    before: sideOf(before.side, a),
    after: sideOf(after.side, b),
    verdict: ownVerdict({ changes, container, notCompared }),
    container,
    complete: isComplete(notCompared),
    contentBy: comparison.contentBy,
    summary: await summaryOf(all, descent, gaps, a),
    circumstances: [],
    remarks: await layerRemarks(a, b),
    findings,
    changes,
    diagnostics: [
      ...a.artifact.diagnostics.map((each) => ({ ...each, side: 'before' as const })),
      ...b.artifact.diagnostics.map((each) => ({ ...each, side: 'after' as const })),
    ],
    notCompared,
  };
}

const SET_ASIDE_CONTAINER: NotCompared = {
  path: null,
  pattern: null,
  side: 'both',
  what: 'container',
  reason:
    'the bytes of the archives differ in what --semantic sets aside: times, history, names, order, compression and form of headers',
  declared: true,
};

function rootFileSystem({ reader, location }: DiffSide): ArtifactReader {
  const found = reader.artifacts.find(({ artifact }) => artifact.role === 'rootfs');
  if (found !== undefined) return found;
  throw new AuditError(
    'STORE_DAMAGED',
    `build ${reader.build.name} in ${location}: expected a root file system, found none`,
  );
}

const METADATA: readonly Attribute[] = ['mode', 'uid', 'gid', 'mtime', 'xattr', 'links'];

/** What is at the path is still the same thing with the same content. */
function isMetadata({ kind, attributes }: Change): boolean {
  return kind === 'changed' && attributes.every(({ attribute }) => METADATA.includes(attribute));
}

/** Adds the differences of link sets to the changes of their paths; what had no other change becomes one. */
function withLinks(
  changes: readonly RawChange[],
  links: readonly LinkChange[],
): readonly RawChange[] {
  if (links.length === 0) return changes;
  const byPath = new Map(links.map((link) => [link.path, link]));
  const joined = changes.map((change) => {
    const link = byPath.get(change.path);
    if (link === undefined || change.kind !== 'changed') return change;
    byPath.delete(change.path);
    return { ...change, attributes: [...change.attributes, link.attribute] };
  });
  for (const { path, before, after, attribute } of byPath.values())
    joined.push({ path, kind: 'changed', before, after, attributes: [attribute], top: path });
  return joined.toSorted((a, b) => comparePaths(a.path, b.path));
}

async function summaryOf(
  changes: readonly RawChange[],
  descent: Descent,
  gaps: Gaps,
  before: ArtifactReader,
): Promise<Report['summary']> {
  const counts = { added: 0, removed: 0, changed: 0 };
  const told = new Set<TreePath>();
  for (const { kind, path } of changes) {
    counts[kind] += 1;
    if (kind === 'changed') told.add(path);
  }
  const open = await uncomparedPaths(descent, gaps, before);
  const uncompared = descent.skippedBefore + [...open].filter((path) => !told.has(path)).length;
  const rest = before.artifact.entryCount - counts.removed - counts.changed - uncompared;
  return { ...counts, unchanged: Math.max(0, rest) };
}

/** Paths of the side before that are neither changed nor certainly unchanged. */
async function uncomparedPaths(
  { partly, skipped }: Descent,
  gaps: Gaps,
  before: ArtifactReader,
): Promise<ReadonlySet<TreePath>> {
  const paths = new Set(partly);
  const lookup = new TreeLookup(before);
  // Gaps in directories that were not visited because both sides recorded the same.
  for (const path of gaps.paths()) {
    if (paths.has(path) || skipped.some((top) => isWithin(path, top))) continue;
    if ((await lookup.find(path)) !== null) paths.add(path);
  }
  return paths;
}

function sideOf({ reader, location }: DiffSide, { artifact }: ArtifactReader): ReportSide {
  const { build } = reader;
  return {
    name: build.name,
    stream: build.stream,
    location,
    facts: build.facts,
    meta: build.meta,
    capture: artifact.capture,
    contentDigest: artifact.contentDigest,
    fullDigest: artifact.fullDigest,
    entryCount: artifact.entryCount,
    sizeBytes: artifact.sizeBytes,
    edits: build.edits,
  };
}

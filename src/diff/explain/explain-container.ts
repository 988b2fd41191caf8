/** Whether two archives are the same file, the same content in other bytes, or different; and which fields make the bytes differ. */

import type { Explanation } from '../../core/explanation.js';
import type { FactKind, Facts } from '../../core/facts.js';
import type { ArtifactReader } from '../../core/manifest.js';
import { joinPath, ROOT_PATH } from '../../core/path.js';
import type { ContainerComparison } from '../../core/report.js';
import { loadXxh64 } from '../../util/xxh64.js';
import type { BuildPair } from '../causes/builds.js';
import { compareFacts, type FactsLookup } from '../facts/compare-facts.js';
import { explainFile, notInspected } from './explain-file.js';
import { choosePair } from './explain-tree.js';
import { FactsCache } from './facts-cache.js';
import { ChangedFiles } from './file-links.js';

/** Null unless both trees came out of a file. `hasSameContent`: contents are known to be equal. */
export async function compareContainers(
  a: ArtifactReader,
  b: ArtifactReader,
  hasSameContent: boolean,
  builds: BuildPair,
): Promise<ContainerComparison | null> {
  const [before, after] = [a.artifact.container, b.artifact.container];
  if (before == null || after == null) return null;
  if (hexOf(before.digest) === hexOf(after.digest))
    return { before, after, verdict: 'identical', explanation: null };
  const digests = { before: hexOf(before.digest), after: hexOf(after.digest) };
  const select = hasSameContent ? all : selfDescription;
  const explanation = await explainBytes(a, b, { digests, select, name: after.name, builds });
  return { before, after, verdict: hasSameContent ? 'same-content' : 'different', explanation };
}

/** What of the facts is compared; null: nothing. */
type Select = (facts: Facts) => Facts | null;

const all: Select = (facts) => facts;

/**
 * What a commit or the documents of an image say of themselves. Their files are told one by one, and digests and sizes follow
 * from those.
 */
const selfDescription: Select = (facts) => {
  if (!DESCRIPTIONS.has(facts.format)) return null;
  const tables = facts.tables.map((table) => {
    const kept = table.columns.flatMap(({ kind }, i) => (FOLLOWING.has(kind) ? [] : [i]));
    const rows = table.rows
      .filter(({ key }) => facts.format !== 'oci-image' || !key.startsWith('layer '))
      .map((row) => ({ ...row, values: kept.map((i) => row.values[i] ?? null) }))
      .filter(({ part, values }) => part !== null || values.some((value) => value !== null));
    return { ...table, columns: kept.map((i) => table.columns[i]!), rows };
  });
  return { ...facts, facts: facts.facts.filter(({ kind }) => !FOLLOWING.has(kind)), tables };
};

const DESCRIPTIONS: ReadonlySet<string> = new Set(['ostree-commit', 'oci-image', 'oci-json']);
const FOLLOWING: ReadonlySet<FactKind> = new Set(['digest', 'size']);

interface BytesRequest {
  readonly digests: Readonly<Record<'before' | 'after', string>>;
  readonly select: Select;
  readonly name: string;
  readonly builds: BuildPair;
}

async function explainBytes(
  a: ArtifactReader,
  b: ArtifactReader,
  { digests, select, name, builds }: BytesRequest,
): Promise<Explanation | null> {
  const caches = { before: new FactsCache(a), after: new FactsCache(b) };
  if (!caches.before.exists && !caches.after.exists) return null;
  await loadXxh64();
  const [old, now] = [
    await caches.before.all(digests.before),
    await caches.after.all(digests.after),
  ];
  const pair = choosePair(old, now);
  if (typeof pair === 'string') return select === all ? notInspected(pair) : null;
  const [left, right] = [select(pair[0]), select(pair[1])];
  if (left === null || right === null) return null;
  const comparison = await compareFacts(
    { digest: digests.before, facts: left },
    { digest: digests.after, facts: right },
    { before: selected(caches.before, select), after: selected(caches.after, select) },
  );
  // Bytes of which no fact was selected are no surprise.
  const changes =
    select === all
      ? comparison.changes
      : comparison.changes.filter(({ field }) => field !== 'bytes');
  if (changes.length === 0 && select !== all) return null;
  const selectedComparison = { ...comparison, changes };
  return explainFile(selectedComparison, joinPath(ROOT_PATH, name), builds, new ChangedFiles());
}

/** Of pieces inside. */
function selected(cache: FactsCache, select: Select): FactsLookup {
  return async (digest, format) => {
    const found = await cache.find(digest, format);
    return found === null ? null : select(found);
  };
}

function hexOf(digest: Uint8Array): string {
  return Buffer.from(digest).toString('hex');
}

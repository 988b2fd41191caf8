/** Whether two archives are the same file, the same content in other bytes, or different; and which fields make the bytes differ. */

import type { Explanation } from '../../core/explanation.js';
import type { FactKind, Facts } from '../../core/facts.js';
import type { ArtifactReader } from '../../core/manifest.js';
import { joinPath, ROOT_PATH } from '../../core/path.js';
import type { ContainerComparison } from '../../core/report.js';
import { loadXxh64 } from '../../util/xxh64.js';
import type { BuildPair } from '../causes/builds.js';
import { compareFacts, type FactsComparison, type FactsLookup } from '../facts/compare-facts.js';
import { explainFile, notInspected } from './explain-file.js';
import { choosePair } from './explain-tree.js';
import { FactsCache } from './facts-cache.js';
import { ChangedFiles } from './file-links.js';

export interface ContainersRequest {
  /** Contents are known to be equal. */
  readonly hasSameContent: boolean;
  /** Form, times and names of images are set aside. */
  readonly isSemantic: boolean;
  readonly builds: BuildPair;
}

/** Null unless both trees came out of a file. */
export async function compareContainers(
  a: ArtifactReader,
  b: ArtifactReader,
  { hasSameContent, isSemantic, builds }: ContainersRequest,
): Promise<ContainerComparison | null> {
  const [before, after] = [a.artifact.container, b.artifact.container];
  if (before == null || after == null) return null;
  if (hexOf(before.digest) === hexOf(after.digest))
    return { before, after, verdict: 'identical', explanation: null };
  const digests = { before: hexOf(before.digest), after: hexOf(after.digest) };
  const select = hasSameContent ? all : selfDescription;
  const explanation = await explainBytes(a, b, { digests, select, name: after.name, builds });
  const compared = { before, after, explanation };
  if (!hasSameContent) return { ...compared, verdict: 'different' };
  const isSetAside = isSemantic && (await hasSameMeaning(a, b, digests));
  return { ...compared, verdict: 'same-content', ...(isSetAside ? { isSetAside } : {}) };
}

/** Whether nothing differs but what is set aside. What cannot be looked into may mean anything. */
async function hasSameMeaning(
  a: ArtifactReader,
  b: ArtifactReader,
  digests: BytesRequest['digests'],
): Promise<boolean> {
  if (!DESCRIBING.test(a.artifact.mediaType) && !DESCRIBING.test(b.artifact.mediaType)) return true;
  const compared = await compareBytes(a, b, { digests, select: meaning });
  return compared.kind === 'compared' && compared.comparison.changes.length === 0;
}

/** Containers that say more than their tree: of all others the bytes are form. */
const DESCRIBING = /^application\/vnd\.(?:oci|docker|ostree)\./;

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

/** The same without times, history and names: what is left decides how a container runs, or which version a commit is. */
const meaning: Select = (facts) => {
  const described = selfDescription(facts);
  if (described === null) return null;
  const isJson = facts.format === 'oci-json';
  // The names in a layout are no part of its images.
  const isOut = (key: string): boolean => (isJson ? SET_ASIDE.test(key) : key === 'index.json');
  return {
    ...described,
    // Of JSON they tell the form alone.
    facts: isJson ? [] : described.facts.filter(({ name }) => name !== 'timestamp'),
    tables: described.tables.map((table) => ({
      ...table,
      rows: table.rows.filter(({ key }) => !isOut(key)),
    })),
  };
};

/** When it was built, by which steps, and what it is called. */
const SET_ASIDE =
  /^created$|^history\[\]|(?:^|[.])org\.opencontainers\.image\.(?:created|ref\.name)$|(?:^|[.])io\.containerd\.image\.name$/;

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
  const found = await compareBytes(a, b, { digests, select });
  if (found.kind === 'not-inspected')
    return select === all && found.reason !== null ? notInspected(found.reason) : null;
  const { comparison } = found;
  if (comparison.changes.length === 0 && select !== all) return null;
  return explainFile(comparison, joinPath(ROOT_PATH, name), builds, new ChangedFiles());
}

type ComparedBytes =
  | { readonly kind: 'compared'; readonly comparison: FactsComparison }
  /** No reason: nothing of it is kept, or selected. */
  | { readonly kind: 'not-inspected'; readonly reason: string | null };

async function compareBytes(
  a: ArtifactReader,
  b: ArtifactReader,
  { digests, select }: Pick<BytesRequest, 'digests' | 'select'>,
): Promise<ComparedBytes> {
  const caches = { before: new FactsCache(a), after: new FactsCache(b) };
  if (!caches.before.exists && !caches.after.exists) return { kind: 'not-inspected', reason: null };
  await loadXxh64();
  const [old, now] = [
    await caches.before.all(digests.before),
    await caches.after.all(digests.after),
  ];
  const pair = choosePair(old, now);
  if (typeof pair === 'string') return { kind: 'not-inspected', reason: pair };
  const [left, right] = [select(pair[0]), select(pair[1])];
  if (left === null || right === null) return { kind: 'not-inspected', reason: null };
  const comparison = await compareFacts(
    { digest: digests.before, facts: left },
    { digest: digests.after, facts: right },
    { before: selected(caches.before, select), after: selected(caches.after, select) },
  );
  if (select === all) return { kind: 'compared', comparison };
  // Bytes of which no fact was selected are no surprise.
  const changes = comparison.changes.filter(({ field }) => field !== 'bytes');
  return { kind: 'compared', comparison: { ...comparison, changes } };
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

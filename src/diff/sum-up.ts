/** What the changes of a finding add up to: causes, owners, remedies, and what that says of the builds. */

import type { CauseId, Confidence, Explanation, Owner, Remedy } from '../core/explanation.js';
import type { TreePath } from '../core/path.js';
import type { Finding, FindingBasis, FindingCause, FindingOwner, Nature } from '../core/report.js';
import type { BuildPair } from './causes/builds.js';
import { remedyFor } from './causes/remedies.js';
import type { RawChange } from './descend.js';
import { attributeCauses } from './explain/attribute-causes.js';
import type { ExplainedTree } from './explain/explain-tree.js';

const MAX_REMEDIES = 4;

export function sumUp(
  basis: FindingBasis,
  changes: readonly RawChange[],
  { explanations, owners, recipes, drift }: ExplainedTree,
  builds: BuildPair,
): Pick<Finding, 'nature' | 'causes' | 'remedies' | 'owners'> {
  const causes = new CauseTally();
  const ownerCounts = new Map<string, { readonly owner: Owner; count: number }>();
  for (const change of changes) {
    const { path } = change;
    const explanation = explanations.get(path);
    if (explanation !== undefined) causes.addExplanation(path, explanation);
    else if (drift.has(path)) causes.add(path, 'dep.version', 'high', NO_FORMATS);
    else if (change.kind === 'changed' && isMetadata(change))
      for (const { cause, confidence } of attributeCauses(change, builds))
        causes.add(path, cause, confidence, NO_FORMATS);
    const owner = owners.get(path);
    if (owner !== undefined) count(ownerCounts, owner);
    const recipe = recipes?.get(path);
    if (recipe !== undefined) count(ownerCounts, recipe);
  }
  const found = causes.list();
  return {
    nature: natureOf(basis, found, changes.length),
    causes: found,
    remedies: remediesOf(basis, causes),
    owners: [...ownerCounts.values()].toSorted(byCount),
  };
}

const NO_FORMATS: ReadonlySet<string> = new Set();

function isMetadata({ attributes }: RawChange): boolean {
  return attributes.every(({ attribute }) => attribute !== 'content' && attribute !== 'type');
}

function count(counts: Map<string, { readonly owner: Owner; count: number }>, owner: Owner): void {
  const key = JSON.stringify(owner);
  const known = counts.get(key);
  if (known === undefined) counts.set(key, { owner, count: 1 });
  else known.count += 1;
}

function byCount(a: FindingOwner, b: FindingOwner): number {
  return b.count - a.count;
}

interface TalliedCause {
  readonly cause: CauseId;
  confidence: Confidence | null;
  count: number;
  /** Remedies that fit one of the changes, by text. */
  readonly remedies: Map<string, Remedy>;
}

const RANK = { high: 3, medium: 2, low: 1 } as const satisfies Record<Confidence, number>;

class CauseTally {
  readonly #causes = new Map<CauseId, TalliedCause>();

  add(
    path: TreePath,
    cause: CauseId,
    confidence: Confidence | null,
    formats: ReadonlySet<string>,
  ): void {
    let known = this.#causes.get(cause);
    if (known === undefined)
      this.#causes.set(cause, (known = { cause, confidence, count: 0, remedies: new Map() }));
    known.count += 1;
    if (rank(confidence) > rank(known.confidence)) known.confidence = confidence;
    if (known.remedies.size >= MAX_REMEDIES) return;
    const remedy = remedyFor(cause, formats, path);
    if (remedy !== null) known.remedies.set(remedy.text, remedy);
  }

  /** The roots; of a file that only follows from others, that. */
  addExplanation(path: TreePath, { counts }: Explanation): void {
    const roots = counts.filter(({ consequence }) => !consequence);
    const telling = roots.length > 0 ? roots : counts;
    const formats = new Set(counts.map(({ format }) => format));
    const best = new Map<CauseId, Confidence | null>();
    for (const { cause, confidence } of telling)
      if (!best.has(cause) || rank(confidence) > rank(best.get(cause)!))
        best.set(cause, confidence);
    for (const [cause, confidence] of best) this.add(path, cause, confidence, formats);
  }

  list(): readonly FindingCause[] {
    return this.#sorted().map(({ cause, confidence, count: times }) => ({
      cause,
      confidence,
      count: times,
    }));
  }

  remedies(): readonly Remedy[] {
    return this.#sorted()
      .filter(({ cause, confidence }) => cause !== 'unknown' && confidence !== 'low')
      .flatMap(({ remedies }) => [...remedies.values()]);
  }

  #sorted(): readonly TalliedCause[] {
    return [...this.#causes.values()].toSorted(
      (a, b) =>
        Number(a.cause === 'unknown') - Number(b.cause === 'unknown') ||
        b.count - a.count ||
        rank(b.confidence) - rank(a.confidence),
    );
  }
}

function rank(confidence: Confidence | null): number {
  return confidence === null ? 0 : RANK[confidence];
}

/** The catalogue knows the very file; causes tell of its kind. */
function remediesOf(basis: FindingBasis, causes: CauseTally): readonly Remedy[] {
  const known: Remedy[] =
    basis.kind === 'catalogue' ? [{ text: basis.remedy, rule: basis.rule, source: null }] : [];
  const byText = new Map([...known, ...causes.remedies()].map((each) => [each.text, each]));
  return [...byText.values()].slice(0, MAX_REMEDIES);
}

function natureOf(basis: FindingBasis, causes: readonly FindingCause[], changes: number): Nature {
  if (basis.kind === 'package') return 'input-drift';
  const only = (cause: CauseId): boolean =>
    causes.length === 1 && causes[0]!.cause === cause && causes[0]!.count === changes;
  if (only('dep.version')) return 'input-drift';
  if (only('hash.derived')) return 'consequence';
  const isSure = causes.some(
    ({ cause, confidence }) =>
      cause !== 'dep.version' &&
      cause !== 'hash.derived' &&
      (confidence === 'high' || confidence === 'medium'),
  );
  return isSure || basis.kind === 'catalogue' ? 'nondeterminism' : 'unknown';
}

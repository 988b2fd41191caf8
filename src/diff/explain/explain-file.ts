/** The explanation of one file: every difference with its cause or with what it follows from, and what they add up to. */

import type { CauseId, Confidence, ExplainedChange, Explanation } from '../../core/explanation.js';
import { displayBytes, type TreePath } from '../../core/path.js';
import { secretText } from '../../util/secret-text.js';
import type { BuildPair } from '../causes/builds.js';
import type { Subject } from '../causes/define.js';
import { detectCause } from '../causes/detect.js';
import type { FactsComparison } from '../facts/compare-facts.js';
import type { FoundChange } from '../facts/found-change.js';
import { isUnderstood, toldProblems } from './not-understood.js';
import { linkOutside, type ChangedFiles } from './file-links.js';
import { linkRoots } from './link-roots.js';
import { sameExcept } from './same-except.js';
import { showValue } from './show-value.js';

/** Of many alike so many are kept in full. */
const SAMPLES = 5;
/** In all. */
const MAX_KEPT = 500;

interface Verdict {
  readonly cause: CauseId;
  readonly confidence: Confidence | null;
  readonly against: string | null;
  readonly follows: string | null;
}

/** `loadXxh64` has to be awaited before. */
export function explainFile(
  comparison: FactsComparison,
  path: TreePath,
  builds: BuildPair,
  files: ChangedFiles,
): Explanation {
  const { changes, beyond } = comparison;
  const outside = linkOutside(comparison, files, path);
  const inside = linkRoots(changes, outside);
  const tally = new Tally();
  const roots: FoundChange[] = [];
  const salted = new Set(
    changes.flatMap(({ kind, row }) => (kind === 'random' && row !== null ? [row] : [])),
  );
  for (const change of changes) {
    const verdict = ((): Verdict => {
      const follows = outside.get(change);
      if (follows !== undefined) return consequence(follows.what, follows.confidence);
      const root = inside.get(change);
      if (root !== undefined) return consequence(nameOf(root), 'high');
      roots.push(change);
      const isSalted = change.row !== null && salted.has(change.row);
      return rootVerdict({ change, path, builds, isSalted });
    })();
    tally.add(change, verdict);
  }
  const status = statusOf(tally, roots.length, beyond);
  const understood = isUnderstood(comparison);
  return {
    status: status === 'explained' && !understood ? 'partly' : status,
    reason: null,
    sameExcept: beyond > 0 || outside.size > 0 || !understood ? null : sameExcept(roots),
    problems: toldProblems(comparison),
    changes: tally.kept(),
    counts: tally.counts(beyond),
  };
}

/** For a file of which facts are missing. */
export function notInspected(reason: string): Explanation {
  return {
    status: 'not-inspected',
    reason,
    sameExcept: null,
    problems: [],
    changes: [],
    counts: [],
  };
}

/** For a file of which a single cause explains all there is. */
export function explainedBy(
  cause: CauseId,
  confidence: Confidence,
  witness: { readonly before: string; readonly after: string; readonly against: string },
): Explanation {
  const change: ExplainedChange = {
    chain: [],
    format: 'file',
    field: 'content',
    kind: 'opaque',
    before: witness.before,
    after: witness.after,
    offset: { before: null, after: null },
    cause,
    confidence,
    witness,
    follows: null,
  };
  const count = {
    cause,
    confidence,
    field: 'content',
    format: 'file',
    consequence: false,
    count: 1,
  };
  return {
    status: 'explained',
    reason: null,
    sameExcept: null,
    problems: [],
    changes: [change],
    counts: [count],
  };
}

function consequence(follows: string, confidence: Confidence): Verdict {
  return { cause: 'hash.derived', confidence, against: follows, follows };
}

function rootVerdict(subject: Subject): Verdict {
  const claim = subject.change.sort === 'untold' ? null : detectCause(subject);
  return claim === null
    ? { cause: 'unknown', confidence: null, against: null, follows: null }
    : { ...claim, follows: null };
}

function statusOf(tally: Tally, roots: number, beyond: number): Explanation['status'] {
  const { sure } = tally;
  if (beyond === 0 && sure === roots) return 'explained';
  return sure > 0 || tally.total > roots ? 'partly' : 'unknown';
}

/** `member!member!field` */
function nameOf({ row, piece, field }: FoundChange): string {
  return [...(row?.chain ?? piece.chain), field].map(displayBytes).join('!');
}

type Count = Explanation['counts'][number];

/** Counts differences by cause and field, and keeps the first of each. */
class Tally {
  total = 0;
  /** Roots with high or medium confidence. */
  sure = 0;
  readonly #groups = new Map<
    string,
    { readonly head: Omit<Count, 'count'>; count: number; kept: ExplainedChange[] }
  >();

  add(change: FoundChange, verdict: Verdict): void {
    const { cause, confidence, follows } = verdict;
    const isConsequence = follows !== null;
    this.total += 1;
    if (!isConsequence && (confidence === 'high' || confidence === 'medium')) this.sure += 1;
    const field = change.field.replace(/^(line|bytes) \d.*$/, '$1');
    const format = change.piece.format;
    const key = [cause, confidence, isConsequence, format, field].join('\0');
    let group = this.#groups.get(key);
    if (group === undefined) {
      const head = { cause, confidence, field, format, consequence: isConsequence };
      this.#groups.set(key, (group = { head, count: 0, kept: [] }));
    }
    group.count += 1;
    if (group.kept.length < SAMPLES) group.kept.push(explained(change, verdict));
  }

  /** Roots first, then as they were found. */
  kept(): readonly ExplainedChange[] {
    return this.#sorted()
      .flatMap(({ kept }) => kept)
      .slice(0, MAX_KEPT);
  }

  counts(beyond: number): readonly Count[] {
    const counts = this.#sorted().map(({ head, count }) => ({ ...head, count }));
    if (beyond === 0) return counts;
    const rest = { cause: 'unknown', confidence: null, field: 'more', format: 'any' } as const;
    return [...counts, { ...rest, consequence: false, count: beyond }];
  }

  #sorted() {
    return [...this.#groups.values()].toSorted(
      (a, b) =>
        Number(a.head.consequence) - Number(b.head.consequence) ||
        Number(a.head.cause === 'unknown') - Number(b.head.cause === 'unknown'),
    );
  }
}

function explained(change: FoundChange, verdict: Verdict): ExplainedChange {
  const { piece, row, field, kind, offset } = change;
  const [before, after] = [shown(change, 'before'), shown(change, 'after')];
  const { cause, confidence, against, follows } = verdict;
  return {
    chain: row?.chain ?? piece.chain,
    format: piece.format,
    field,
    kind,
    before,
    after,
    offset,
    cause,
    confidence,
    witness:
      against === null ? null : { before: before ?? 'none', after: after ?? 'none', against },
    follows,
  };
}

/** Of a secret only its length, where it is that of a whole piece: the digest that stands for it never leaves the store. */
function shown(change: FoundChange, side: 'before' | 'after'): string | null {
  const { [side]: value, sort, kind, row, field, piece } = change;
  if (sort === 'name') return displayBytes(String(value));
  if (kind !== 'secret' || value === null) return showValue(kind, value);
  const isWhole = row === null && field === 'content' && piece.format === 'secret';
  return secretText(isWhole ? piece.sizes[side] : null);
}

/** Words for explanations: places, values, causes, owners, natures. All safe to show. */

import type { ExplainedChange, Explanation, Owner } from '../../core/explanation.js';
import type { Finding, Nature } from '../../core/report.js';
import { countOf, formatCount } from '../../util/format.js';
import { safeBytes, safeText } from '../text/safe.js';

export const NATURE_WORDS = {
  nondeterminism: 'nondeterminism',
  'input-drift': 'input drift',
  consequence: 'consequence',
  unknown: 'unknown',
} as const satisfies Record<Nature, string>;

/** What stands for a nature in rows of groups. */
export const NATURE_LETTERS = {
  nondeterminism: 'n',
  'input-drift': 'i',
  consequence: 'f',
  unknown: ' ',
} as const satisfies Record<Nature, string>;

export const NATURE_TEXTS = {
  nondeterminism: 'the same inputs gave other bytes',
  'input-drift': 'the inputs of the two builds differ',
  consequence: 'follows from other groups',
  unknown: 'there is not enough to tell',
} as const satisfies Record<Nature, string>;

/** `main!etc/os-release!c_mtime` */
export function placeText({ chain, field }: ExplainedChange): string {
  return [...chain.map(safeBytes), safeBytes(field)].join('!');
}

/** ` @4`, ` @4 → @8`; nothing where the place says it, or there is none. */
export function offsetText({ offset, field }: ExplainedChange, arrow: string): string {
  const { before, after } = offset;
  if (field.startsWith('bytes ') || (before === null && after === null)) return '';
  if (before === after || before === null || after === null) return `  @${after ?? before}`;
  return `  @${before} ${arrow} @${after}`;
}

/** Old and new value; a time once, a long digest by its beginning. */
export function valueTexts(explained: ExplainedChange): readonly [before: string, after: string] {
  const { before, after } = explained;
  return [valueText(before, explained), valueText(after, explained)];
}

/** A digest that stands for a word or bytes has a `#` before it. */
function valueText(value: string | null, { kind }: ExplainedChange): string {
  if (value === null) return '(none)';
  if (kind === 'opaque' && /^[0-9a-f]{8,}$/.test(value)) return `#${value.slice(0, 16)}`;
  const time = /^-?\d+(?:\.\d+)? \((\d{4,}-[^)]*)\)$/.exec(value);
  const text = time?.[1] ?? value.replace(/\b([0-9a-f]{16})[0-9a-f]{16,}\b/g, '$1..');
  return text === '' ? '(empty)' : safeText(text);
}

/** `time.field, high: facts.startedAt..endedAt`, `follows MTIME` */
export function causeText({ cause, confidence, witness, follows }: ExplainedChange): string {
  if (follows !== null) return `follows ${safeText(follows)}`;
  const sure = confidence === null ? '' : `, ${confidence}`;
  return `${cause}${sure}${witness === null ? '' : `: ${safeText(witness.against)}`}`;
}

export function ownerText(owner: Owner): string {
  switch (owner.kind) {
    case 'package':
      return safeText(`${owner.name} ${owner.version} (${owner.manager})`);
    case 'tool':
      return safeText(owner.name);
    case 'recipe':
      return safeText(owner.place);
  }
}

/** What is known of a file, in a sentence. */
export function statusText({ status, reason, sameExcept, counts }: Explanation): string {
  const sum = (isConsequence: boolean): number =>
    counts.reduce(
      (total, { consequence, count }) => total + (consequence === isConsequence ? count : 0),
      0,
    );
  const follow = sum(true);
  const numbers = `${countOf(sum(false), 'difference')}${follow === 0 ? '' : `, ${formatCount(follow)} that follow`}`;
  const same = sameExcept === null ? '' : `; the same but for ${sameExcept}`;
  switch (status) {
    case 'explained':
      return `explained: ${numbers}${same}`;
    case 'partly':
      return `explained in part: ${numbers}${same}`;
    case 'unknown':
      return `unknown: ${numbers}${same}`;
    case 'not-inspected':
      return `not looked into: ${safeText(reason ?? '')}; --inspect all does, while the trees are there`;
  }
}

const MAX_PROBLEMS = 3;

/** `both sides: main!etc/x: what was not understood`; beyond the first few their number. */
export function problemTexts(explanation: Explanation | null): readonly string[] {
  const problems = explanation?.problems ?? [];
  const texts = problems.slice(0, MAX_PROBLEMS).map(({ side, chain, detail }) => {
    const place = chain.map(safeBytes).join('!');
    const where = side === 'both' ? 'both sides' : side;
    return `not understood, ${where}: ${place === '' ? '' : `${place}: `}${safeText(detail)}`;
  });
  const rest = problems.length - MAX_PROBLEMS;
  return rest > 0 ? [...texts, `and ${countOf(rest, 'other problem')}`] : texts;
}

/** `time.field, high, 3 of 4 paths` */
export function findingCauses({ causes, count: paths }: Finding): readonly string[] {
  return causes.map(({ cause, confidence, count }) =>
    [
      cause,
      confidence ?? '',
      count === paths ? '' : `${formatCount(count)} of ${countOf(paths, 'path')}`,
    ]
      .filter((word) => word !== '')
      .join(', '),
  );
}

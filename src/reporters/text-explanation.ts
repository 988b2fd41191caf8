/** Why the contents of a finding differ, each cause with a witness, what follows, whose it is and what to do. */

import { bestExample } from '../core/best-example.js';
import type { ExplainedChange, Owner } from '../core/explanation.js';
import { displayBytes, displayMessage, displayPath, displayText } from '../core/path.js';
import type { Change, Finding, FindingCause } from '../core/report.js';
import { countOf, formatCount } from '../util/format.js';
import { wrapIndented } from '../util/wrap-words.js';
import { shortenedPair } from './text-values.js';

const MAX_CAUSES = 3;
const MAX_OWNERS = 2;
const MAX_FIELDS = 4;
const WIDTH = 80;
/** A cause is told with its witness in one line where that is not too long to be read. */
const WITNESS_WIDTH = 100;
const VALUE_WIDTH = 34;

export function* explanationLines(finding: Finding, changes: readonly Change[]): Generator<string> {
  yield* causeLines(finding, changes);
  yield* consequenceLines(changes);
  yield* sameExceptLines(changes);
  yield* ownerLines(finding);
  const closed = changes.filter(({ explanation }) => explanation?.status === 'not-inspected');
  if (closed.length > 0)
    yield* labelled(
      'unseen',
      `${countOf(closed.length, 'path')} not inspected: ${displayMessage(closed[0]!.explanation!.reason ?? '')}`,
    );
  yield* problemLines(changes);
  const [remedy] = finding.remedies;
  if (remedy === undefined) return;
  const known = [remedy.rule === null ? '' : `scrub rule ${remedy.rule}`, remedy.source ?? ''];
  const notes = known.filter((note) => note !== '').join('; ');
  yield* labelled('remedy', `${remedy.text}${notes === '' ? '' : ` (${notes})`}`);
}

function* problemLines(changes: readonly Change[]): Generator<string> {
  const partly = changes.filter(({ explanation }) => (explanation?.problems.length ?? 0) > 0);
  const [first] = partly;
  if (first === undefined) return;
  const [problem] = first.explanation!.problems;
  const place = [...(changes.length === 1 ? [] : [first.path]), ...problem!.chain];
  const where = place.map(displayBytes).join('!');
  yield* labelled(
    'partial',
    `${countOf(partly.length, 'path')} not understood whole: ${where === '' ? '' : `${where}: `}${displayMessage(problem!.detail)}`,
  );
}

/** Every difference of one file, for those who want all. */
export function* allDifferences(change: Change): Generator<string> {
  for (const explained of change.explanation?.changes ?? [])
    yield `      ${placeOf(explained)}: ${valuesText(explained)}  ${explained.cause}${
      explained.confidence === null ? '' : ` ${explained.confidence}`
    }${witnessText(explained)}`;
  for (const { field, format, count, cause } of change.explanation?.counts ?? [])
    if (count > shownOf(change, field, cause))
      yield `      ${displayText(field)} of ${format}: ${formatCount(count)} in all, ${cause}`;
  for (const { side, chain, detail } of change.explanation?.problems ?? [])
    yield `      not understood, ${side === 'both' ? 'both sides' : side}: ${[...chain.map(displayBytes), displayMessage(detail)].join(': ')}`;
}

function shownOf({ explanation }: Change, field: string, cause: string): number {
  const changes = explanation?.changes ?? [];
  return changes.filter((each) => each.cause === cause && each.field.startsWith(field)).length;
}

function* labelled(label: string, text: string): Generator<string> {
  yield* wrapIndented(`  ${label.padEnd(8)}`, text, WIDTH);
}

function* causeLines(
  { causes, basis, count }: Finding,
  changes: readonly Change[],
): Generator<string> {
  // That the package has another version is said in the heading.
  if (basis.kind === 'package') return;
  // What is not known is what has to be looked into: it is never one of the rest.
  const told = causes.filter(({ cause }, i) => i < MAX_CAUSES || cause === 'unknown');
  for (const cause of told) {
    const example = bestExample(changes, cause.cause);
    const head = `  cause   ${causeText(cause, count, valuesOf(changes, cause.cause))}`;
    if (example === null) {
      yield head;
      continue;
    }
    const { change, explained } = example;
    const witness = `${valuesText(explained)}${witnessText(explained)}`;
    if (head.length + witness.length + 2 <= WITNESS_WIDTH) yield `${head}: ${witness}`;
    else {
      yield head;
      yield `          ${witness}`;
    }
    const place = placeOf(explained);
    yield `          at ${changes.length === 1 ? '' : `${displayPath(change.path)}: `}${place}`;
  }
  const rest = causes.filter((each) => !told.includes(each));
  if (rest.length > 0) yield `          and ${rest.map(({ cause }) => cause).join(', ')}`;
}

/** Differences that have this cause, in all files. */
function valuesOf(changes: readonly Change[], wanted: string): number {
  let sum = 0;
  for (const { explanation } of changes)
    for (const { cause, consequence, count } of explanation?.counts ?? [])
      if (cause === wanted && !consequence) sum += count;
  return sum;
}

function causeText(
  { cause, confidence, count }: FindingCause,
  paths: number,
  values: number,
): string {
  const notes = [
    confidence ?? '',
    count === paths ? '' : `${formatCount(count)} of ${countOf(paths, 'path')}`,
    values <= count ? '' : countOf(values, 'value'),
  ].filter((note) => note !== '');
  return notes.length === 0 ? cause : `${cause} (${notes.join(', ')})`;
}

/** `member!member!field @offset` */
export function placeOf({ chain, field, offset }: ExplainedChange): string {
  const at = offset.after ?? offset.before;
  const place = [...chain, field].map(displayBytes).join('!');
  return at === null || field.startsWith('bytes ') ? place : `${place} @${at}`;
}

export function valuesText(explained: ExplainedChange): string {
  const { before, after } = explained;
  const [old, now] = shortenedPair(brief(before, explained), brief(after, explained), VALUE_WIDTH);
  return `${old} -> ${now}`;
}

/** A time is told once, a digest by its beginning; one that stands for a word or bytes has a `#` before it. */
function brief(value: string | null, { kind }: ExplainedChange): string | null {
  if (value === null) return null;
  if (kind === 'opaque' && /^[0-9a-f]{8,}$/.test(value)) return `#${value.slice(0, 12)}`;
  const time = /^-?\d+(?:\.\d+)? \((\d{4,}-[^)]*)\)$/.exec(value);
  if (time !== null) return time[1]!;
  return value.replace(/\b([0-9a-f]{12})[0-9a-f]{20,}\b/g, '$1…');
}

/** What a value was held against, in brackets. */
export function witnessText({ witness, follows }: ExplainedChange): string {
  if (follows !== null) return ` [follows ${displayMessage(follows)}]`;
  return witness === null ? '' : ` [${displayMessage(witness.against)}]`;
}

function* consequenceLines(changes: readonly Change[]): Generator<string> {
  const fields = new Map<string, number>();
  for (const { explanation } of changes) {
    const counts = explanation?.counts ?? [];
    // Where there are no roots, the consequence is the cause that was told.
    if (!counts.some(({ consequence }) => !consequence)) continue;
    for (const { field, count, consequence } of counts)
      if (consequence) fields.set(field, (fields.get(field) ?? 0) + count);
  }
  if (fields.size === 0) return;
  const sorted = [...fields].toSorted(([, a], [, b]) => b - a);
  const total = sorted.reduce((sum, [, count]) => sum + count, 0);
  const told = sorted
    .slice(0, MAX_FIELDS)
    .map(
      ([field, count]) => `${displayBytes(field)}${count === 1 ? '' : ` ${formatCount(count)}x`}`,
    );
  const more = sorted.length > MAX_FIELDS ? ', …' : '';
  yield `  follow  ${formatCount(total)} more that follow: ${told.join(', ')}${more}`;
}

function* sameExceptLines(changes: readonly Change[]): Generator<string> {
  const kinds = new Map<string, number>();
  for (const { explanation } of changes)
    if (explanation !== null && explanation.sameExcept !== null)
      kinds.set(explanation.sameExcept, (kinds.get(explanation.sameExcept) ?? 0) + 1);
  for (const [kind, count] of kinds)
    yield `  same    but for ${kind}${count === changes.length ? '' : `: ${countOf(count, 'path')}`}`;
}

function* ownerLines({ owners, count, basis }: Finding): Generator<string> {
  if (owners.length === 0 || basis.kind === 'package') return;
  const told = owners
    .slice(0, MAX_OWNERS)
    .map(
      (each) =>
        `${ownerText(each.owner)}${each.count === count ? '' : ` (${formatCount(each.count)})`}`,
    );
  const more = owners.length - told.length;
  yield* labelled(
    'owner',
    `${told.join(', ')}${more === 0 ? '' : ` and ${countOf(more, 'other')}`}`,
  );
}

export function ownerText(owner: Owner): string {
  switch (owner.kind) {
    case 'package':
      return `${displayText(owner.name)} ${displayText(owner.version)} (${displayText(owner.manager)})`;
    case 'tool':
      return displayText(owner.name);
    case 'recipe':
      return displayText(owner.place);
  }
}

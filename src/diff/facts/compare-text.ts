/** Compares texts of which only digests of lines, and the words that speak for themselves, are known. */

import type { FactContent, FactKind, TextLine, TextToken } from '../../core/facts.js';
import { NOWHERE, valueChange, type Collector as AnyCollector } from './collector.js';
import type { ComparedPiece, FoundChange } from './found-change.js';
import { gapsBetween, matchLines } from './match-lines.js';

type Collector = Pick<AnyCollector, 'add'>;
type Text = Extract<FactContent, { kind: 'text' }>;

export function compareText(
  piece: ComparedPiece,
  before: Text,
  after: Text,
  collector: Collector,
): void {
  if (before.lineEnds !== after.lineEnds)
    collector.add(
      valueChange(piece, null, 'line ends', 'text', before.lineEnds, after.lineEnds, NOWHERE),
    );
  const whole = { a0: 0, a1: before.lines.length, b0: 0, b1: after.lines.length };
  const equal = matchLines(before.lines.map(digestOf), after.lines.map(digestOf), whole);
  const gaps = gapsBetween(equal, whole);
  if (gaps.length === 0) return;
  const loose: Loose = { gone: [], come: [] };
  const moved = movedDigests(before.lines, after.lines, gaps);
  for (const gap of gaps) {
    // Lines that stand elsewhere on the other side are no partners for others.
    const a = range(gap.a0, gap.a1).filter((i) => !moved.before.has(i));
    const b = range(gap.b0, gap.b1).filter((j) => !moved.after.has(j));
    const shaped = matchLines(
      a.map((i) => patternOf(before.lines[i]!)),
      b.map((j) => patternOf(after.lines[j]!)),
    );
    for (const [i, j] of shaped) compareLine(piece, before, a[i]!, after, b[j]!, collector);
    for (const rest of gapsBetween(shaped, { a0: 0, a1: a.length, b0: 0, b1: b.length }))
      compareLoosely(
        piece,
        before,
        a.slice(rest.a0, rest.a1),
        after,
        b.slice(rest.b0, rest.b1),
        loose,
        collector,
      );
  }
  if (moved.first !== null) collector.add(orderChange(piece, moved.first, moved.count));
  for (const i of loose.gone) collector.add(looseLine(piece, i, before.lines[i]!, true));
  for (const j of loose.come) collector.add(looseLine(piece, j, after.lines[j]!, false));
}

/** Lines on one side only. */
interface Loose {
  readonly gone: number[];
  readonly come: number[];
}

interface Moved {
  readonly before: Set<number>;
  readonly after: Set<number>;
  /** The first that moved: its places, from 0. */
  readonly first: readonly [number, number] | null;
  readonly count: number;
}

/** Lines that both sides have, in gaps of either. */
function movedDigests(
  before: readonly TextLine[],
  after: readonly TextLine[],
  gaps: ReturnType<typeof gapsBetween>,
): Moved {
  const waiting = new Map<string, number[]>();
  for (const { b0, b1 } of gaps)
    for (let j = b0; j < b1; j++) {
      const known = waiting.get(after[j]!.digest);
      if (known === undefined) waiting.set(after[j]!.digest, [j]);
      else known.push(j);
    }
  for (const places of waiting.values()) places.reverse();
  const [old, now] = [new Set<number>(), new Set<number>()];
  let first: [number, number] | null = null;
  for (const { a0, a1 } of gaps)
    for (let i = a0; i < a1; i++) {
      const j = waiting.get(before[i]!.digest)?.pop();
      if (j === undefined) continue;
      old.add(i);
      now.add(j);
      first ??= [i, j];
    }
  return { before: old, after: now, first, count: old.size };
}

function compareLine(
  piece: ComparedPiece,
  before: Text,
  i: number,
  after: Text,
  j: number,
  collector: Collector,
): void {
  const [old, now] = [before.lines[i]!, after.lines[j]!];
  const differing = differingTokens(old.tokens, now.tokens);
  for (const place of differing) {
    const [a, b] = [old.tokens![place]!, now.tokens![place]!];
    const kind = a.kind === b.kind ? a.kind : 'opaque';
    collector.add({
      ...valueChange(piece, null, `line ${i + 1}`, kind, a.value, b.value),
      line: now.tokens,
      place,
    });
  }
  // What lies between the tokens is in the shape alone.
  if (differing.length === 0 || old.shape !== now.shape)
    collector.add(
      valueChange(
        piece,
        null,
        `line ${i + 1}`,
        kindOf(old, now),
        `line ${old.digest}`,
        `line ${now.digest}`,
      ),
    );
}

/** Lines of unequal shape: paired where they have as many words and most of them are the same. */
function compareLoosely(
  piece: ComparedPiece,
  before: Text,
  a: readonly number[],
  after: Text,
  b: readonly number[],
  loose: Loose,
  collector: Collector,
): void {
  let next = 0;
  for (const i of a) {
    const reach = Math.min(b.length, next + LOOK_AHEAD);
    let found = next;
    while (found < reach && !areAlike(before.lines[i]!, after.lines[b[found]!]!)) found++;
    if (found >= reach) {
      loose.gone.push(i);
      continue;
    }
    for (; next < found; next++) loose.come.push(b[next]!);
    compareLine(piece, before, i, after, b[next++]!, collector);
  }
  for (; next < b.length; next++) loose.come.push(b[next]!);
}

const LOOK_AHEAD = 20;

function areAlike({ tokens: a }: TextLine, { tokens: b }: TextLine): boolean {
  if (a === null || b === null || a.length !== b.length || a.length === 0) return false;
  const differing = differingTokens(a, b).length;
  return differing > 0 && (differing === 1 || differing * 2 <= a.length);
}

function differingTokens(
  a: readonly TextToken[] | null,
  b: readonly TextToken[] | null,
): readonly number[] {
  if (a === null || b === null || a.length !== b.length) return [];
  return range(0, a.length).filter((i) => a[i]!.value !== b[i]!.value);
}

function orderChange(
  piece: ComparedPiece,
  [before, after]: readonly [number, number],
  count: number,
): FoundChange {
  const more = count > 1 ? `, and ${count - 1} more moved` : '';
  return {
    ...valueChange(
      piece,
      null,
      'order',
      'layout',
      `line ${before + 1}${more}`,
      `line ${after + 1}${more}`,
    ),
    sort: 'order',
  };
}

function looseLine(
  piece: ComparedPiece,
  place: number,
  line: TextLine,
  isGone: boolean,
): FoundChange {
  const text = `line ${line.digest}`;
  return {
    ...valueChange(
      piece,
      null,
      `line ${place + 1}`,
      kindOf(line),
      isGone ? text : null,
      isGone ? null : text,
    ),
    sort: 'line',
    line: line.tokens,
  };
}

/** A line with a secret is one: its digest is keyed. */
function kindOf(...lines: readonly TextLine[]): FactKind {
  return lines.some(({ tokens }) => tokens?.some(({ kind }) => kind === 'secret'))
    ? 'secret'
    : 'opaque';
}

function digestOf({ digest }: TextLine): string {
  return digest;
}

/** What stays the same where only what speaks for itself differs: plain words, the kinds of all others, and what lies between. */
function patternOf({ shape, tokens }: TextLine): string {
  if (tokens === null) return shape;
  return `${shape} ${tokens.map(({ kind, value }) => (isWord(kind, value) ? value : kind)).join(' ')}`;
}

/** Whether the token is a word of unknown meaning: eight digits of a digest. */
function isWord(kind: TextToken['kind'], value: string): boolean {
  return kind === 'opaque' && value.length === WORD_DIGITS;
}

const WORD_DIGITS = 8;

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

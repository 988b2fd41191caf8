/**
 * Compares what is known of two pieces of bytes, down through their members. Whenever the bytes differ something is found: a
 * difference that no fact shows is told as a difference of the bytes.
 */

import {
  NOT_ASKED_FOR,
  WRONG_SUM,
  type Fact,
  type FactPart,
  type FactProblem,
  type Facts,
  type FactTable,
  type KeyedFacts,
} from '../../core/facts.js';
import { loadXxh64 } from '../../util/xxh64.js';
import { Collector, valueChange } from './collector.js';
import { compareBlocks } from './compare-blocks.js';
import { compareTable, type ChangedPart } from './compare-table.js';
import { compareText } from './compare-text.js';
import type { ComparedPiece, ComparedRow, FoundChange } from './found-change.js';

/** Facts of the bytes of this digest under this format, as one side has them; null when it has none. */
export type FactsLookup = (digest: string, format: string) => Promise<Facts | null>;

export interface FactsComparison {
  readonly changes: readonly FoundChange[];
  /** Differences beyond the limit, which were only counted. */
  readonly beyond: number;
  /** Every piece that was looked at, the whole first. */
  readonly pieces: readonly ComparedPiece[];
  /** Of pieces that differ: what was not understood of them. */
  readonly problems: readonly PieceProblem[];
}

/** Bytes of a piece that were not understood, on one side. */
export interface PieceProblem extends FactProblem {
  readonly piece: ComparedPiece;
  readonly side: 'before' | 'after';
}

export async function compareFacts(
  before: KeyedFacts,
  after: KeyedFacts,
  lookups: { readonly before: FactsLookup; readonly after: FactsLookup },
): Promise<FactsComparison> {
  await loadXxh64();
  const run = new Run(lookups);
  await run.piece(
    {
      parent: null,
      row: null,
      chain: [],
      format: before.facts.format,
      isContainer: isContainer(before.facts),
      sizes: { before: before.facts.size, after: after.facts.size },
      digests: { before: before.digest, after: after.digest },
    },
    before.facts,
    after.facts,
    0,
  );
  const { changes, beyond } = run.collector;
  return { changes, beyond, pieces: run.pieces, problems: run.problems };
}

/** Containers nest no deeper than inspectors look. */
const MAX_DEPTH = 24;
/**
 * The same pair of bytes is looked at so many times, at any places: archives that hold one archive many times, level by level,
 * and facts that name each other in a circle, as only a damaged store has them, would never end.
 */
const MAX_REPEATS = 16;

class Run {
  readonly collector = new Collector();
  readonly pieces: ComparedPiece[] = [];
  readonly problems: PieceProblem[] = [];
  readonly #lookups: { readonly before: FactsLookup; readonly after: FactsLookup };
  readonly #seen = new Map<string, number>();

  constructor(lookups: { readonly before: FactsLookup; readonly after: FactsLookup }) {
    this.#lookups = lookups;
  }

  async piece(piece: ComparedPiece, before: Facts, after: Facts, depth: number): Promise<void> {
    this.pieces.push(piece);
    for (const problem of before.problems)
      this.problems.push({ ...problem, piece, side: 'before' });
    for (const problem of after.problems) this.problems.push({ ...problem, piece, side: 'after' });
    const count = this.collector.count;
    if (before.format !== after.format || before.version !== after.version) {
      this.#versions(piece, before, after);
      return;
    }
    const comparable = before.key === after.key;
    this.#header(piece, before, after, comparable);
    for (const [old, now] of matchTables(before.tables, after.tables))
      for (const part of compareTable(piece, old, now, comparable, this.collector))
        await this.#part(piece, part, depth);
    this.#content(piece, before, after, comparable);
    const { digests } = piece;
    if (this.collector.count === count && digests.before !== digests.after)
      this.collector.add(bytesChange(piece, null, before.size, after.size));
  }

  #versions(piece: ComparedPiece, before: Facts, after: Facts): void {
    if (piece.digests.before === piece.digests.after) return;
    const name = ({ format, version }: Facts): string => `${format} ${version}`;
    this.collector.add({
      ...valueChange(piece, null, 'format', 'text', name(before), name(after)),
      sort: before.format === after.format ? 'untold' : 'value',
    });
  }

  #header(piece: ComparedPiece, before: Facts, after: Facts, comparable: boolean): void {
    const sides = [settled(before.facts, after.facts), settled(after.facts, before.facts)] as const;
    for (const [old, now] of matchByName(...sides)) {
      const [a, b] = [old?.value ?? null, now?.value ?? null];
      if (a === b) continue;
      const { name, kind } = (old ?? now)!;
      const offset = { before: old?.offset ?? null, after: now?.offset ?? null };
      const change = valueChange(piece, null, name, kind, a, b, offset);
      this.collector.add(kind === 'secret' && !comparable ? { ...change, sort: 'untold' } : change);
    }
  }

  #content(piece: ComparedPiece, before: Facts, after: Facts, comparable: boolean): void {
    const [a, b] = [before.content, after.content];
    if (a?.kind === 'text' && b?.kind === 'text')
      compareText(piece, a, b, comparable ? this.collector : this.#withoutSecrets());
    else if (a?.kind === 'blocks' && b?.kind === 'blocks')
      compareBlocks(piece, { before: a, after: b }, this.collector);
  }

  /** Secrets of different keys cannot be compared. */
  #withoutSecrets(): Pick<Collector, 'add'> {
    return {
      add: (change) =>
        this.collector.add(change.kind === 'secret' ? { ...change, sort: 'untold' } : change),
    };
  }

  async #part(piece: ComparedPiece, part: ChangedPart, depth: number): Promise<void> {
    const { row, before, after } = part;
    const [old, now] = [before.part, after.part];
    if (old === null || now === null || depth >= MAX_DEPTH) {
      this.collector.add(bytesChange(piece, row, old?.size ?? null, now?.size ?? null));
      return;
    }
    const facts = await this.#factsOf(old, now);
    const inner: ComparedPiece = {
      parent: piece,
      row,
      chain: row.chain,
      format: old.format ?? now.format ?? 'bytes',
      isContainer: facts !== null && isContainer(facts.before),
      sizes: { before: old.size, after: now.size },
      digests: { before: old.digest, after: now.digest },
    };
    if (facts !== null) {
      await this.piece(inner, facts.before, facts.after, depth + 1);
      return;
    }
    this.pieces.push(inner);
    this.#skipped(inner, old, 'before');
    this.#skipped(inner, now, 'after');
    if (old.format !== null && now.format !== null && old.format !== now.format)
      this.collector.add(valueChange(inner, null, 'format', 'text', old.format, now.format));
    else this.collector.add({ ...bytesChange(inner, null, old.size, now.size), ...why(old, now) });
  }

  #skipped(piece: ComparedPiece, { skipped }: FactPart, side: PieceProblem['side']): void {
    if (skipped !== null && skipped !== NOT_ASKED_FOR)
      this.problems.push({ offset: null, detail: skipped, piece, side });
  }

  /** Null unless both sides know the bytes by the same format. */
  async #factsOf(
    old: FactPart,
    now: FactPart,
  ): Promise<{ readonly before: Facts; readonly after: Facts } | null> {
    if (old.format === null || old.format !== now.format) return null;
    const pair = `${old.digest} ${now.digest} ${old.format}`;
    const times = this.#seen.get(pair) ?? 0;
    if (times >= MAX_REPEATS) return null;
    this.#seen.set(pair, times + 1);
    const [before, after] = await Promise.all([
      this.#lookups.before(old.digest, old.format),
      this.#lookups.after(now.digest, now.format),
    ]);
    return before === null || after === null ? null : { before, after };
  }
}

function isContainer({ tables }: Facts): boolean {
  return tables.some(({ name }) => name === '');
}

/** A sum that was right and is as it was has not changed, though it is wrong now. */
function settled(facts: readonly Fact[], others: readonly Fact[]): readonly Fact[] {
  return facts.map((fact) => {
    if (!fact.name.startsWith(WRONG_SUM)) return fact;
    const isRight = ({ name, value }: Fact): boolean =>
      WRONG_SUM + name === fact.name && String(value) === fact.value;
    return others.find(isRight) ?? fact;
  });
}

function matchTables(
  before: readonly FactTable[],
  after: readonly FactTable[],
): readonly (readonly [FactTable, FactTable])[] {
  return matchByName(before, after).map(([old, now]) => [
    old ?? { ...now!, rows: [] },
    now ?? { ...old!, rows: [] },
  ]);
}

/** Of one name in the order in which they come. */
function matchByName<T extends { readonly name: string }>(
  before: readonly T[],
  after: readonly T[],
): readonly (readonly [T | null, T | null])[] {
  const waiting = new Map<string, T[]>();
  for (const each of after) {
    const known = waiting.get(each.name);
    if (known === undefined) waiting.set(each.name, [each]);
    else known.push(each);
  }
  const pairs: [T | null, T | null][] = before.map((each) => [
    each,
    waiting.get(each.name)?.shift() ?? null,
  ]);
  for (const rest of waiting.values()) for (const each of rest) pairs.push([null, each]);
  return pairs;
}

function bytesChange(
  piece: ComparedPiece,
  row: ComparedRow | null,
  before: number | null,
  after: number | null,
): FoundChange {
  const text = (size: number | null): string | null => (size === null ? null : `${size} bytes`);
  return {
    ...valueChange(piece, row, 'bytes', 'opaque', text(before), text(after)),
    sort: 'range',
  };
}

/** Says on either side why it was not looked into. */
function why(old: FactPart, now: FactPart): Pick<FoundChange, 'before' | 'after'> {
  const text = ({ size, skipped }: FactPart): string =>
    `${size} bytes, ${skipped ?? 'not compared further'}`;
  return { before: text(old), after: text(now) };
}

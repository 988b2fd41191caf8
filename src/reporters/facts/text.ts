/** The facts of a file for people: header fields, tables as far as they fit, what lies inside indented below. */

import type { Fact, FactContent, FactRow, Facts, FactTable } from '../../core/facts.js';
import { displayBytes, displayMessage } from '../../core/path.js';
import { countOf, formatCount } from '../../util/format.js';
import type { FileFacts } from './define.js';
import { factValueText } from './value-text.js';

export interface FactsTextOptions {
  /** Rows of one table, and words of one content, before the list is cut. */
  readonly maxRows: number;
  /** Lines in all; parts beyond are named and no more. */
  readonly maxLines: number;
}

export function* factsText(file: FileFacts, options: FactsTextOptions): Generator<string> {
  const { path, size, facts, digest, problems } = file;
  const format = facts === null ? 'no facts are kept' : facts.format;
  yield `${displayBytes(path)}: ${format}, ${countOf(size, 'byte')}\n`;
  if (digest !== null) yield `  sha256 ${digest}\n`;
  if (facts !== null) yield* new Writer(file, options).lines(facts, '  ');
  if (problems.length === 0) return;
  yield `  problems: ${formatCount(problems.length)}\n`;
  for (const { offset, detail } of problems.slice(0, options.maxRows))
    yield `    ${offset === null ? '' : `${at(offset)}  `}${displayMessage(detail)}\n`;
  if (problems.length > options.maxRows)
    yield `    ${rest(problems.length - options.maxRows, 'problem')}\n`;
}

function at(offset: number | null): string {
  return offset === null ? '' : `@${offset}`;
}

function rest(count: number, one: string): string {
  return `… ${countOf(count, `more ${one}`)} (--all, or --format json)`;
}

class Writer {
  readonly #file: FileFacts;
  readonly #options: FactsTextOptions;
  /** Told once; equal bytes have equal facts. */
  readonly #told = new Set<Facts>();
  #lines = 0;

  constructor(file: FileFacts, options: FactsTextOptions) {
    this.#file = file;
    this.#options = options;
  }

  *lines(facts: Facts, indent: string): Generator<string> {
    this.#told.add(facts);
    yield* this.#fields(facts, indent);
    for (const table of facts.tables) yield* this.#table(table, indent);
    if (facts.content !== null) yield* this.#content(facts.content, indent);
  }

  *#line(text: string): Generator<string> {
    this.#lines += 1;
    yield `${text.trimEnd()}\n`;
  }

  *#fields({ facts, size }: Facts, indent: string): Generator<string> {
    const shown = facts.filter(({ value, kind }) => value !== null || kind === 'secret');
    const width = Math.min(24, Math.max(0, ...shown.map(({ name }) => displayBytes(name).length)));
    const kinds = Math.max(0, ...shown.map(({ kind }) => kind.length));
    for (const fact of shown) {
      const name = displayBytes(fact.name).padEnd(width);
      const value = factValueText(fact.kind, fact.value, secretBytes(fact, size));
      const place = fact.offset === null ? '' : `  ${at(fact.offset)}`;
      yield* this.#line(`${indent}${name}  ${fact.kind.padEnd(kinds)}  ${value}${place}`);
    }
  }

  *#table(table: FactTable, indent: string): Generator<string> {
    const { name, rows, ordered } = table;
    if (rows.length === 0) return;
    const title = name === '' ? 'members' : displayBytes(name);
    yield* this.#line(
      `${indent}${title}: ${formatCount(rows.length)}${ordered ? '' : ', in no order'}`,
    );
    const { maxRows } = this.#options;
    for (const row of rows.slice(0, maxRows)) yield* this.#row(table, row, `${indent}  `);
    if (rows.length > maxRows)
      yield* this.#line(`${indent}  ${rest(rows.length - maxRows, 'row')}`);
  }

  *#row({ columns }: FactTable, row: FactRow, indent: string): Generator<string> {
    const { key, values, part, offset } = row;
    const cells = columns.flatMap(({ name, kind }, i) => {
      const value = values[i] ?? null;
      if (value === null) return [];
      const text = factValueText(kind, value);
      // The row is named by it already.
      return text === displayBytes(key) ? [] : [`${displayBytes(name)} ${text}`];
    });
    const inner = part === null ? null : this.#file.partFacts(part);
    const head = [displayBytes(key), at(offset)].filter((text) => text !== '').join('  ');
    const told = [...cells, ...(part === null ? [] : [partText(part, inner)])];
    yield* this.#wrapped(head, told, indent);
    if (inner === null || this.#told.has(inner)) return;
    if (this.#lines < this.#options.maxLines) yield* this.lines(inner, `${indent}  `);
  }

  /** Cells after the head, on further lines where one has no room for all. */
  *#wrapped(head: string, cells: readonly string[], indent: string): Generator<string> {
    let line = `${indent}${head}`;
    let isEmpty = head === '';
    for (const cell of cells) {
      const added = isEmpty ? cell : `  ${cell}`;
      if (!isEmpty && line.length + added.length > WIDTH) {
        yield* this.#line(line);
        line = `${indent}    ${cell}`;
      } else line += added;
      isEmpty = false;
    }
    yield* this.#line(line);
  }

  *#content(content: FactContent, indent: string): Generator<string> {
    const words =
      content.kind === 'text'
        ? content.lines.flatMap(({ tokens }, i) =>
            (tokens ?? []).map((token) => ({ place: `line ${i + 1}`, ...token })),
          )
        : content.tokens.map((token) => ({
            place: `@${token.offset} ${token.encoding}`,
            ...token,
          }));
    const { maxRows } = this.#options;
    // A bare number says little; who wants all gets them.
    const telling = words.filter(
      ({ kind }) => !SILENT.has(kind) && (kind !== 'number' || maxRows === Infinity),
    );
    yield* this.#line(
      content.kind === 'text'
        ? `${indent}${countOf(content.lines.length, 'line')}, line ends ${content.lineEnds}`
        : `${indent}${countOf(content.blocks.length, 'block')}`,
    );
    for (const { place, kind, value } of telling.slice(0, maxRows))
      yield* this.#line(`${indent}  ${place}  ${kind}  ${factValueText(kind, value)}`);
    if (telling.length > maxRows)
      yield* this.#line(`${indent}  ${rest(telling.length - maxRows, 'value')}`);
  }
}

const WIDTH = 100;

/** Words that say nothing by themselves: their digests. */
const SILENT: ReadonlySet<string> = new Set(['opaque', 'secret', 'text']);

/** A file of secrets is one secret. */
function secretBytes({ kind, name }: Fact, size: number): number | null {
  return kind === 'secret' && name === 'content' ? size : null;
}

function partText(part: NonNullable<FactRow['part']>, inner: Facts | null): string {
  const what = inner?.format ?? part.format ?? 'bytes';
  const why = part.skipped === null ? '' : ` (${displayMessage(part.skipped)})`;
  return `[${what}, ${countOf(part.size, 'byte')}]${why}`;
}

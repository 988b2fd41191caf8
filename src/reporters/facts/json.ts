/**
 * The facts of files as JSON, `docs/schema/facts-1.json`. Pieces refer to one another by number, so that equal members are
 * written once. Digests of secrets are left out: they are keyed, and mean nothing to others.
 */

import type { FactContent, FactKind, FactRow, Facts, FactValue } from '../../core/facts.js';
import { VERSION } from '../../version.js';
import { bytesBase64, bytesText, jsonText, valueBase64, valueText } from '../json-text.js';
import type { FileFacts } from './define.js';

export const FACTS_SCHEMA_VERSION = 1;

export function* factsJson(files: readonly FileFacts[]): Generator<string> {
  yield `{\n"schemaVersion": ${FACTS_SCHEMA_VERSION},\n`;
  yield `"tool": ${jsonText({ name: 'repro-audit', version: VERSION })},\n`;
  yield '"files": [';
  for (const [i, file] of files.entries()) {
    yield `${i === 0 ? '' : ','}\n`;
    yield* fileJson(file);
  }
  yield '\n]\n}\n';
}

function* fileJson(file: FileFacts): Generator<string> {
  const { path, size, digest, facts, problems } = file;
  const head = { path: bytesText(path), pathBase64: bytesBase64(path), size, sha256: digest };
  yield `${jsonText(head).slice(0, -1)},"problems":${jsonText(problems.map(({ offset, detail }) => ({ offset, detail })))},"pieces":[`;
  const numbers = new Map<Facts, number>();
  const queue: Facts[] = [];
  const numberOf = (piece: Facts): number => {
    const known = numbers.get(piece);
    if (known !== undefined) return known;
    numbers.set(piece, queue.length);
    queue.push(piece);
    return queue.length - 1;
  };
  if (facts !== null) numberOf(facts);
  // It grows while it is read.
  for (const [i, piece] of queue.entries())
    yield `${i === 0 ? '' : ','}\n${jsonText(pieceJson(piece, file, numberOf))}`;
  yield ']}';
}

function pieceJson(piece: Facts, file: FileFacts, numberOf: (inner: Facts) => number): object {
  const { format, version, size, facts, tables, content, problems } = piece;
  return {
    format,
    version,
    size,
    facts: facts.map(({ name, kind, value, offset }) => ({
      name,
      kind,
      value: valueJson(kind, value),
      offset,
    })),
    tables: tables.map(({ name, ordered, columns, rows }) => ({
      name,
      ordered,
      columns: columns.map((column) => ({ name: column.name, kind: column.kind })),
      rows: rows.map((row) => ({
        key: bytesText(row.key),
        keyBase64: bytesBase64(row.key),
        offset: row.offset,
        values: columns.map(({ kind }, i) => valueJson(kind, row.values[i] ?? null)),
        part: partJson(row, file, numberOf),
      })),
    })),
    content: content === null ? null : contentJson(content),
    problems: problems.map(({ offset, detail }) => ({ offset, detail })),
  };
}

function valueJson(kind: FactKind, value: FactValue): unknown {
  if (kind === 'secret') return { secret: true };
  if (typeof value !== 'string') return value;
  const base64 = valueBase64(value);
  return base64 === undefined ? valueText(value) : { text: valueText(value), base64 };
}

function partJson(
  row: FactRow,
  file: FileFacts,
  numberOf: (inner: Facts) => number,
): object | null {
  const { part } = row;
  if (part === null) return null;
  const inner = file.partFacts(part);
  return {
    size: part.size,
    sha256: file.isSecret(row) ? null : part.digest,
    skipped: part.skipped,
    piece: inner === null ? null : numberOf(inner),
  };
}

function contentJson(content: FactContent): object {
  if (content.kind === 'text')
    return {
      kind: content.kind,
      lineEnds: content.lineEnds,
      lines: content.lines.map(({ digest, shape, tokens }) => ({
        digest: tokens?.some(({ kind }) => kind === 'secret') === true ? null : digest,
        shape,
        tokens: tokens?.map(({ kind, value }) => ({ kind, value: valueJson(kind, value) })) ?? null,
      })),
    };
  const { rank, blocks, tokens } = content;
  return {
    kind: content.kind,
    rank,
    blocks: blocks.map((block) => ({
      length: block.length,
      rank: block.rank,
      digest: block.digest,
      shape: block.shape,
    })),
    tokens: tokens.map(({ kind, value, offset, length, encoding }) => ({
      kind,
      value: valueJson(kind, value),
      offset,
      length,
      encoding,
    })),
  };
}

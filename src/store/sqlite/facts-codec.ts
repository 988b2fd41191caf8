/**
 * Facts as the bytes of one row: JSON without names of properties, and the lines of a text behind it; deflated where that pays.
 * `docs/store.md` shows it.
 */

import { deflateRawSync, inflateRawSync } from 'node:zlib';

import type { Fact, FactContent, FactRow, Facts, FactTable, TextLine } from '../../core/facts.js';
import { deflation } from './deflation.js';
import { packLines, unpackLines } from './text-codec.js';

/** First byte of a body. */
const PLAIN = 0;
const DEFLATED = 1;
/** The same with lines behind the JSON, in front of which stands its length as u32, little-endian. */
const LINES = 2;
/** Shorter ones hardly shrink. */
const DEFLATE_FROM = 256;
/** Digests are no shorter for being deflated: it pays where words come again and again. */
const DEFLATE_LINES_FROM = 8192;
/** No facts are this long: whoever says so has made a bomb. */
const MAX_BYTES = 512 * 1024 * 1024;

/** Without format and version, which are columns. */
export function encodeFacts(facts: Facts): Buffer {
  const { content } = facts;
  const lines = content?.kind === 'text' ? packLines(content.lines) : null;
  const json = Buffer.from(
    JSON.stringify([
      facts.size,
      facts.key,
      facts.facts.map(({ name, kind, value, offset }) => [name, kind, value, offset]),
      facts.tables.map(packTable),
      content === null ? null : packContent(content, lines !== null),
      facts.problems.map(({ offset, detail }) => [offset, detail]),
    ]),
  );
  if (lines === null) return deflated(PLAIN, json, DEFLATE_FROM);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  return deflated(LINES, Buffer.concat([length, json, lines]), DEFLATE_LINES_FROM);
}

function deflated(form: number, bytes: Buffer, from: number): Buffer {
  if (bytes.length < from) return Buffer.concat([Buffer.of(form), bytes]);
  const body = deflateRawSync(bytes, deflation(bytes.length));
  return Buffer.concat([Buffer.of(form | DEFLATED), body]);
}

/** Throws `Error` for bytes that `encodeFacts` does not write. */
export function decodeFacts(format: string, version: number, body: Buffer): Facts {
  const form = body.readUInt8(0);
  const rest = body.subarray(1);
  const bytes = form & DEFLATED ? inflateRawSync(rest, { maxOutputLength: MAX_BYTES }) : rest;
  const start = form & LINES ? 4 : 0;
  const end = form & LINES ? start + bytes.readUInt32LE(0) : bytes.length;
  const json = bytes.toString('utf8', start, end);
  const [size, key, facts, tables, content, problems] = JSON.parse(json) as Packed;
  return {
    format,
    version,
    size,
    key,
    facts: facts.map(([name, kind, value, offset]) => ({ name, kind, value, offset })),
    tables: tables.map(unpackTable),
    content: content === null ? null : unpackContent(content, bytes.subarray(end)),
    problems: problems.map(([offset, detail]) => ({ offset, detail })),
  };
}

/** Digests that the parts of facts refer to, without decoding more than needed. */
export function partsOf(facts: Facts): readonly string[] {
  return facts.tables.flatMap(({ rows }) =>
    rows.flatMap(({ part }) => (part === null || part.format === null ? [] : [part.digest])),
  );
}

type PackedFact = [Fact['name'], Fact['kind'], Fact['value'], Fact['offset']];
type PackedPart = [size: number, digest: string, format: string | null, skipped: string | null];
type PackedRow = [
  key: string,
  values: FactRow['values'],
  offset: number | null,
  part: PackedPart | 0,
];
type PackedTable = [
  name: string,
  ordered: boolean,
  columns: (readonly [string, Fact['kind']])[],
  rows: PackedRow[],
];
/** `0` for a shape that is the digest itself. Tokens: kind, value, kind, value ... */
type PackedLine = [digest: string, shape: string | 0, tokens: string[] | null];
type BlockToken = Extract<FactContent, { kind: 'blocks' }>['tokens'][number];
type PackedContent =
  | ['text', lineEnds: string, lines: PackedLine[] | null]
  | [
      'blocks',
      rank: number,
      lengths: number[],
      /** One digit to base 36 for each block. */
      ranks: string,
      digests: string,
      /** Those that are not the digest itself, by index. */
      shapes: [number, string][],
      tokens: [BlockToken['kind'], string, number, number, string][],
    ];
type Packed = [
  size: number,
  key: string | null,
  facts: PackedFact[],
  tables: PackedTable[],
  content: PackedContent | null,
  problems: [number | null, string][],
];

const DIGEST_DIGITS = 16;

function packTable({ name, ordered, columns, rows }: FactTable): PackedTable {
  return [
    name,
    ordered,
    columns.map((column) => [column.name, column.kind]),
    rows.map(({ key, values, offset, part }) => [
      key,
      values,
      offset,
      part === null ? 0 : [part.size, part.digest, part.format, part.skipped],
    ]),
  ];
}

function unpackTable([name, ordered, columns, rows]: PackedTable): FactTable {
  return {
    name,
    ordered,
    columns: columns.map(([column, kind]) => ({ name: column, kind })),
    rows: rows.map(([key, values, offset, part]) => ({
      key,
      values,
      offset,
      part:
        part === 0 ? null : { size: part[0], digest: part[1], format: part[2], skipped: part[3] },
    })),
  };
}

/** Lines are left out when they are packed behind the JSON. */
function packContent(content: FactContent, areLinesPacked: boolean): PackedContent {
  if (content.kind === 'text')
    return ['text', content.lineEnds, areLinesPacked ? null : content.lines.map(packLine)];
  const { rank, blocks, tokens } = content;
  return [
    'blocks',
    rank,
    blocks.map(({ length }) => length),
    blocks.map((block) => block.rank.toString(36)).join(''),
    blocks.map(({ digest }) => digest).join(''),
    blocks.flatMap(({ shape, digest }, i): [number, string][] =>
      shape === digest ? [] : [[i, shape]],
    ),
    tokens.map(({ kind, value, offset, length, encoding }) => [
      kind,
      value,
      offset,
      length,
      encoding,
    ]),
  ];
}

function packLine({ digest, shape, tokens }: TextLine): PackedLine {
  return [
    digest,
    shape === digest ? 0 : shape,
    tokens === null ? null : tokens.flatMap(({ kind, value }) => [kind, value]),
  ];
}

function unpackContent(content: PackedContent, packed: Buffer): FactContent {
  if (content[0] === 'text') {
    const lines = content[2]?.map(unpackLine) ?? unpackLines(packed);
    return { kind: 'text', lineEnds: content[1], lines };
  }
  const [, rank, lengths, ranks, digests, odd, tokens] = content;
  const shapes = new Map(odd);
  return {
    kind: 'blocks',
    rank,
    blocks: lengths.map((length, i) => {
      const digest = digests.slice(i * DIGEST_DIGITS, (i + 1) * DIGEST_DIGITS);
      return {
        length,
        rank: Number.parseInt(ranks[i]!, 36),
        digest,
        shape: shapes.get(i) ?? digest,
      };
    }),
    tokens: tokens.map(([kind, value, offset, length, encoding]) => ({
      kind,
      value,
      offset,
      length,
      encoding,
    })),
  };
}

function unpackLine([digest, shape, packed]: PackedLine): TextLine {
  const tokens = packed?.flatMap((kind, i) =>
    i % 2 === 0 ? [{ kind: kind as Fact['kind'], value: packed[i + 1]! }] : [],
  );
  return { digest, shape: shape === 0 ? digest : shape, tokens: tokens ?? null };
}

/** Facts in a few words, and pairs of them compared and explained. */

import { createHash } from 'node:crypto';

import type { BuildDescription, BuildFacts } from '../../src/core/build.js';
import type { ExplainedChange, Explanation } from '../../src/core/explanation.js';
import type {
  Fact,
  FactContent,
  FactKind,
  FactPart,
  FactRow,
  Facts,
  FactTable,
  FactValue,
  KeyedFacts,
  TextToken,
} from '../../src/core/facts.js';
import type { TreePath } from '../../src/core/path.js';
import { pairBuilds } from '../../src/diff/causes/builds.js';
import { explainFile } from '../../src/diff/explain/explain-file.js';
import { ChangedFiles } from '../../src/diff/explain/file-links.js';
import { compareFacts, type FactsComparison } from '../../src/diff/facts/compare-facts.js';
import { wordDigest } from '../../src/util/words.js';
import { loadXxh64, xxh64Hex } from '../../src/util/xxh64.js';
import { buildReader, memoryReader, type BuildParts } from './memory-tree.js';

await loadXxh64();

export function facts(format: string, parts: Partial<Facts> = {}): Facts {
  return {
    format,
    version: 1,
    size: 100,
    key: null,
    facts: [],
    tables: [],
    content: null,
    problems: [],
    ...parts,
  };
}

export function fact(name: string, kind: FactKind, value: FactValue, offset = 0): Fact {
  return { name, kind, value, offset };
}

export function table(
  name: string,
  columns: Readonly<Record<string, FactKind>>,
  rows: readonly FactRow[],
  ordered = true,
): FactTable {
  const list = Object.entries(columns).map(([column, kind]) => ({ name: column, kind }));
  return { name, ordered, columns: list, rows };
}

export function row(
  key: string,
  values: readonly FactValue[],
  part: FactPart | null = null,
): FactRow {
  return { key, values, offset: null, part };
}

/** A part of these bytes; with `format` facts of them are looked up. */
export function part(bytes: string, format: string | null = null): FactPart {
  return { size: bytes.length, digest: sha256(bytes), format, skipped: null };
}

export function sha256(bytes: string): string {
  return createHash('sha256').update(bytes, 'latin1').digest('hex');
}

/** Lines of `word`s and `kind=value` tokens: `built time=2026-01-02 by host=a`. */
export function text(...lines: readonly string[]): FactContent {
  return {
    kind: 'text',
    lineEnds: '\\n',
    lines: lines.map((line) => {
      const tokens = line.split(' ').map(tokenOf);
      // Single blanks lie between.
      const shape = tokens.length.toString(16).padStart(8, '0');
      return { digest: xxh64Hex(Buffer.from(line)), shape, tokens };
    }),
  };
}

function tokenOf(word: string): TextToken {
  const match = /^([a-z-]+)=(.*)$/.exec(word);
  return match === null
    ? { kind: 'opaque', value: wordDigest(word) }
    : { kind: match[1] as FactKind, value: match[2]!.replaceAll('_', ' ') };
}

export interface Known {
  readonly before?: Readonly<Record<string, Facts>>;
  readonly after?: Readonly<Record<string, Facts>>;
}

/** `known`: facts of parts by their bytes. The whole is taken to differ. */
export function compare(before: Facts, after: Facts, known: Known = {}): Promise<FactsComparison> {
  const keyed = (side: string, of: Facts): KeyedFacts => ({ digest: sha256(side), facts: of });
  const lookup = (of: Readonly<Record<string, Facts>> = {}) => {
    const byDigest = new Map(Object.entries(of).map(([bytes, each]) => [sha256(bytes), each]));
    return (digest: string, format: string) => {
      const found = byDigest.get(digest) ?? null;
      return Promise.resolve(found?.format === format ? found : null);
    };
  };
  return compareFacts(keyed('before', before), keyed('after', after), {
    before: lookup(known.before),
    after: lookup(known.after),
  });
}

export interface ExplainOptions extends Known {
  readonly path?: string;
  readonly builds?: { readonly before?: BuildParts; readonly after?: BuildParts };
  readonly files?: ChangedFiles;
}

export async function explain(
  before: Facts,
  after: Facts,
  { path = 'f', builds = {}, files = new ChangedFiles(), ...known }: ExplainOptions = {},
): Promise<Explanation> {
  const comparison = await compare(before, after, known);
  return explainFile(comparison, path as TreePath, pairOf(builds), files);
}

export function pairOf(builds: NonNullable<ExplainOptions['builds']>) {
  return pairBuilds(description('a', builds.before), description('b', builds.after));
}

function description(name: string, parts: BuildParts = {}): BuildDescription {
  return buildReader(name, memoryReader({}), parts).build;
}

/** Two builds a month apart. */
export const APART = {
  before: {
    facts: { startedAt: '2026-01-10T12:00:00.000Z', endedAt: '2026-01-10T12:05:00.000Z' },
  },
  after: {
    facts: { startedAt: '2026-02-10T12:00:00.000Z', endedAt: '2026-02-10T12:05:00.000Z' },
  },
} as const satisfies Readonly<Record<string, { readonly facts: Partial<BuildFacts> }>>;

/** Builds a month apart that recorded these values besides. */
export function recorded(before: Partial<BuildFacts>, after: Partial<BuildFacts>) {
  return {
    before: { facts: { ...APART.before.facts, ...before } },
    after: { facts: { ...APART.after.facts, ...after } },
  };
}

/** Seconds since 1970. */
export function seconds(iso: string): number {
  return Date.parse(iso) / 1000;
}

/** `member!field` of a change, in the form in which tests compare. */
export function placeOf({ chain, field }: Pick<ExplainedChange, 'chain' | 'field'>): string {
  return [...chain, field].join('!');
}

/** `place cause confidence`, consequences as `place <- what`. */
export function told({ changes }: Explanation): readonly string[] {
  return changes.map((change) =>
    change.follows === null
      ? `${placeOf(change)} ${change.cause} ${change.confidence}`
      : `${placeOf(change)} <- ${change.follows}`,
  );
}

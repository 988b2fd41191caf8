/** Where the rows of a SQLite database lie, and what lies in the space that nothing uses. */

import { createHash, type Hash } from 'node:crypto';

import type { Fact, FactTable } from '../../core/facts.js';
import type { SqliteDatabase } from '../../formats/sqlite-database.js';
import type { SqliteRegion } from '../../formats/sqlite-regions.js';
import type { InspectContext } from '../define.js';
import { latin1Of } from './sqlite-values.js';

/** Regions are read in pieces of this size at most. */
const PIECE_BYTES = 1024 * 1024;
/** Pages for which the budget is asked at once. */
const PAGES_AT_ONCE = 256;

const FREE_PAGES: ReadonlySet<SqliteRegion['kind']> = new Set([
  'freelist-trunk-rest',
  'freelist-leaf',
  'unreferenced',
  'beyond',
]);

/**
 * Digests of all bytes but the header: structure of the pages, free space (zeros count as nothing), and per b-tree the cells in
 * the order in which they lie. Those of tables follow from the rows unless only their places differ.
 */
export function treeTables(
  database: SqliteDatabase,
  context: Pick<InspectContext, 'spend'>,
): { readonly facts: readonly Fact[]; readonly trees: FactTable } {
  const structure = createHash('sha256');
  const cells = new Map<number, Hash>();
  const slack = { pages: new NonZero(), space: new NonZero(), reserved: new NonZero() };
  let spent = 0;
  for (const region of joined(database.regions())) {
    if (region.page >= spent) {
      context.spend(1);
      spent += PAGES_AT_ONCE;
    }
    if (region.kind === 'header') continue;
    for (const bytes of pieces(database, region))
      if (region.use === 'structure') structure.update(bytes);
      else if (region.use === 'data') hashOf(cells, region.root).update(bytes);
      else if (region.use === 'reserved') slack.reserved.add(bytes, region.offset);
      else if (FREE_PAGES.has(region.kind)) slack.pages.add(bytes, region.offset);
      else slack.space.add(bytes, region.offset);
  }
  const digests = new Map([...cells].map(([root, hash]) => [root, short(hash)]));
  return {
    facts: [
      { name: 'page structure', kind: 'layout', value: short(structure), offset: null },
      ...slack.space.fact('free space', 'slack'),
      ...slack.pages.fact('free pages', 'slack'),
      ...slack.reserved.fact('reserved space', 'opaque'),
    ],
    trees: {
      name: 'b-trees',
      ordered: false,
      columns: [{ name: 'cells', kind: 'layout' }],
      rows: [...database.tables, ...database.indexes].map(({ kind, name, root }) => ({
        key: latin1Of(`${kind} ${name}`),
        values: [digests.get(root) ?? null],
        offset: (root - 1) * database.image.pageSize,
        part: null,
      })),
    },
  };
}

/** Neighbours of one use and one tree as one region. */
function* joined(regions: Iterable<SqliteRegion>): Generator<SqliteRegion> {
  // The type is told because the loop assigns what it compares.
  let last = null as SqliteRegion | null;
  for (const region of regions) {
    if (
      last !== null &&
      last.use === region.use &&
      last.root === region.root &&
      last.page === region.page &&
      (last.kind === region.kind || region.use === 'data')
    )
      last = { ...last, length: last.length + region.length };
    else {
      if (last !== null) yield last;
      last = region;
    }
  }
  if (last !== null) yield last;
}

function* pieces({ image }: SqliteDatabase, region: SqliteRegion): Generator<Uint8Array> {
  const end = region.offset + region.length;
  for (let at = region.offset; at < end; at += PIECE_BYTES)
    yield image.read(at, Math.min(PIECE_BYTES, end - at));
}

function hashOf(hashes: Map<number, Hash>, root: number): Hash {
  let hash = hashes.get(root);
  if (hash === undefined) hashes.set(root, (hash = createHash('sha256')));
  return hash;
}

function short(hash: Hash): string {
  return hash.digest('hex').slice(0, 32);
}

/** Stretches that are not all zeros: how much empty space there is follows from the layout. */
class NonZero {
  readonly #hash = createHash('sha256');
  #first: number | null = null;

  add(bytes: Uint8Array, offset: number): void {
    if (bytes.every((byte) => byte === 0)) return;
    this.#first ??= offset;
    this.#hash.update(bytes);
  }

  fact(name: string, kind: Fact['kind']): readonly Fact[] {
    return this.#first === null
      ? []
      : [{ name, kind, value: short(this.#hash), offset: this.#first }];
  }
}

/** What a diff is asked for, and where it finds the two sides: builds in stores, or directories that are scanned for it. */

import type { Exclusion } from '../core/capture.js';
import { readOwnership } from '../packages/read-ownership.js';
import type { OpenOptions, ScanProgress } from '../sources/define.js';
import type { BuildReader, Store } from '../store/define.js';
import { openStore } from '../store/index.js';
import type { Circumstances } from './build-facts.js';
import type { RecipeOwner } from './config-shape.js';
import { locate } from './locate.js';
import { openSource } from './open-location.js';
import { recordBuild, type Inspection } from './record.js';
import { parseReference, type Reference } from './refs.js';

export interface DiffRequest {
  /** Two words; none: the last two builds of the stream of the latest. */
  readonly words: readonly [string, string] | null;
  /** For words without words: the stream. */
  readonly stream: string | null;
  readonly storeLocation: string;
  /** For directories that are scanned for this diff. */
  readonly exclusions: readonly Exclusion[];
  /** Asked only when a directory is scanned. */
  readonly circumstances: () => Circumstances;
  readonly sourceDateEpoch: number | null;
  readonly inspection: Inspection;
  /** For images that are read for this diff. */
  readonly platforms?: OpenOptions;
  /** Times, history and form are set aside. */
  readonly isSemantic?: boolean;
  /** Of the configuration. */
  readonly owners: readonly RecipeOwner[];
  readonly now: () => Date;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: ScanProgress) => void;
}

export interface Side {
  readonly reader: BuildReader;
  /** Store file or directory, for the report. */
  readonly location: string;
}

/** Reads both sides and hands them to `use`; they cannot be read any more when that has ended. */
export async function withSides<T>(
  request: DiffRequest,
  use: (before: Side, after: Side) => Promise<T>,
): Promise<T> {
  const stores = new StoreSet(request.storeLocation);
  try {
    const [before, after] = references(request);
    const left = await readSide(request, stores, before, 'before');
    const right = await readSide(request, stores, after, 'after');
    return await use(left, right);
  } finally {
    await stores.close();
  }
}

function references({ words, stream }: DiffRequest): readonly [Reference, Reference] {
  if (words !== null) return [parseReference(words[0]), parseReference(words[1])];
  const recent = (back: number): Reference => ({
    kind: 'build',
    store: null,
    ref: { kind: 'recent', stream, back },
    otherwise: null,
  });
  return [recent(1), recent(0)];
}

async function readSide(
  request: DiffRequest,
  stores: StoreSet,
  reference: Reference,
  name: string,
): Promise<Side> {
  const located = await locate(reference, (location) => stores.open(location));
  if (located.kind === 'source')
    return scanSide(request, await stores.scratch(), located.location, name);
  return { reader: located.reader, location: located.store.location };
}

const DIGESTS = ['xxh64', 'sha256'] as const;

async function scanSide(
  request: DiffRequest,
  store: Store,
  location: string,
  name: string,
): Promise<Side> {
  const source = openSource(location, request.platforms);
  try {
    await source.prepare?.({ ...request, digests: DIGESTS, progress: request.onProgress });
    const ownership = readOwnership(source.files);
    await recordBuild({
      ...request,
      circumstances: request.circumstances(),
      source,
      store,
      name,
      stream: null,
      replace: false,
      digests: DIGESTS,
      statCacheFile: null,
      meta: {},
      packages: ownership,
      ownership,
      inspection: { ...request.inspection, mode: 'none', keepContentBytes: null },
      edits: [],
      scrubDiagnostics: [],
      onProgress: request.onProgress,
    });
    return { reader: await store.read(name), location: source.location };
  } finally {
    source.close();
  }
}

/** The stores of one diff, each opened once. */
class StoreSet {
  readonly #default: string;
  readonly #open = new Map<string, Store>();

  constructor(location: string) {
    this.#default = location;
  }

  /** Null opens the store of the command. */
  async open(location: string | null): Promise<Store> {
    return this.#once(location ?? this.#default, 'read');
  }

  /** A store in memory, for what is scanned and not kept. */
  async scratch(): Promise<Store> {
    return this.#once(':memory:', 'write');
  }

  async close(): Promise<void> {
    for (const store of this.#open.values()) await store.close();
  }

  async #once(location: string, mode: 'read' | 'write'): Promise<Store> {
    const known = this.#open.get(location);
    if (known !== undefined) return known;
    const store = await openStore(location, { mode });
    this.#open.set(location, store);
    return store;
  }
}

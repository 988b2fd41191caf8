/** Compares two builds, or two directories without a store. */

import { changedFiles, diffBuilds } from '../diff/index.js';
import type { Exclusion } from '../core/capture.js';
import { AuditError } from '../core/errors.js';
import { namedKey } from '../core/secrets.js';
import type { Report } from '../core/report.js';
import { readOwnership } from '../packages/read-ownership.js';
import { classify } from '../scrub/catalogue/index.js';
import type { OpenSource, ScanProgress } from '../sources/define.js';
import { sources } from '../sources/index.js';
import type { BuildReader, Store } from '../store/define.js';
import { openStore } from '../store/index.js';
import type { Circumstances } from './build-facts.js';
import { openSource } from './open-location.js';
import { withLiveFacts } from './inspection/live-facts.js';
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
  readonly now: () => Date;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: ScanProgress) => void;
}

export async function diff(request: DiffRequest): Promise<Report> {
  const stores = new StoreSet(request.storeLocation);
  try {
    const [before, after] = references(request);
    const left = await readSide(request, stores, before, 'before');
    const right = await readSide(request, stores, after, 'after');
    const sides = await withLiveTrees(request, left, right);
    return await diffBuilds(...sides, { classify });
  } finally {
    await stores.close();
  }
}

interface Side {
  readonly reader: BuildReader;
  /** Store file or directory, for the report. */
  readonly location: string;
}

function references({ words, stream }: DiffRequest): readonly [Reference, Reference] {
  if (words !== null) return [parseReference(words[0]), parseReference(words[1])];
  const recent = (back: number): Reference => ({
    kind: 'build',
    store: null,
    ref: { kind: 'recent', stream, back },
  });
  return [recent(1), recent(0)];
}

async function readSide(
  request: DiffRequest,
  stores: StoreSet,
  reference: Reference,
  name: string,
): Promise<Side> {
  if (reference.kind === 'directory')
    return scanSide(request, await stores.scratch(), reference.location, name);
  try {
    const store = await stores.open(reference.store);
    const { name: build } = await store.resolve(reference.ref);
    return { reader: await store.read(build), location: store.location };
  } catch (error) {
    throw pointedToDirectory(reference, error);
  }
}

/** A word without a slash is a build: who names a directory that way is told how to write it. */
function pointedToDirectory(
  { store, ref }: Reference & { kind: 'build' },
  error: unknown,
): unknown {
  const isMissing =
    error instanceof AuditError &&
    (error.code === 'BUILD_UNKNOWN' || error.code === 'STORE_MISSING');
  if (!isMissing || store !== null || ref.kind !== 'name') return error;
  const { name } = ref;
  if (!sources.some((source) => source.claims(name))) return error;
  const hint = `the directory of that name is written ./${name} or dir:${name}`;
  return new AuditError(error.code, error.message, { hint, cause: error });
}

async function scanSide(
  request: DiffRequest,
  store: Store,
  location: string,
  name: string,
): Promise<Side> {
  const source = openSource(location);
  const ownership = readOwnership(source.files);
  try {
    await recordBuild({
      ...request,
      circumstances: request.circumstances(),
      source,
      store,
      name,
      stream: null,
      replace: false,
      digests: ['xxh64', 'sha256'],
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

/** Looks into changed files where a tree is still there; see `withLiveFacts`. */
async function withLiveTrees(
  request: DiffRequest,
  before: Side,
  after: Side,
): Promise<readonly [Side, Side]> {
  const { inspection, signal } = request;
  const [a, b] = [before.reader.artifacts[0], after.reader.artifacts[0]];
  if (inspection.mode === 'none' || a === undefined || b === undefined) return [before, after];
  const changed = await changedFiles(a, b);
  if (changed.length === 0) return [before, after];
  const key = namedKey(inspection.freshKey());
  const live = async (side: Side, name: 'before' | 'after'): Promise<Side> => {
    const source = openTree(side.reader.build.facts.source);
    if (source === null) return side;
    try {
      const { files } = source;
      const { reader } = side;
      const { mode, clock, onProgress } = inspection;
      const options = { changed, mode, side: name, key, clock, signal, onProgress };
      return { ...side, reader: await withLiveFacts({ reader, files, ...options }) };
    } finally {
      source.close();
    }
  };
  return [await live(before, 'before'), await live(after, 'after')];
}

/** Null when nothing that can be read is there any more. */
function openTree(location: string): OpenSource | null {
  try {
    return openSource(`dir:${location}`);
  } catch (error) {
    if (error instanceof AuditError) return null;
    throw error;
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

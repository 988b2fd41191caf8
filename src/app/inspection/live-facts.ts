/**
 * Facts for a diff from trees that are still there: changed files of which the store keeps no facts are looked into now,
 * if their bytes are still those that were recorded. Nothing of it is kept.
 */

import type { Facts, KeyedFacts } from '../../core/facts.js';
import type { BuildFacts } from '../../core/build.js';
import type { ArtifactReader } from '../../core/manifest.js';
import type { TreeFiles } from '../../core/tree-files.js';
import type { ChangedFile } from '../../diff/index.js';
import type { SecretKey } from '../../core/secrets.js';
import type { Candidate, InspectMode } from './candidates.js';
import { timesOf } from './inspect-build.js';
import { inspectFiles } from './inspect-files.js';

export interface LiveFactsRequest {
  readonly artifact: ArtifactReader;
  /** Of the build that it was recorded in. */
  readonly build: BuildFacts;
  /** The tree the build was recorded from. */
  readonly files: TreeFiles;
  readonly changed: readonly ChangedFile[];
  readonly mode: InspectMode;
  readonly side: 'before' | 'after';
  readonly key: SecretKey;
  readonly clock: () => number;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

/** The same artifact, with its facts made complete. */
export async function withLiveFacts(request: LiveFactsRequest): Promise<ArtifactReader> {
  const { artifact } = request;
  const found = new Map<string, Facts[]>();
  await inspectFiles({
    ...request,
    candidates: chosen(request),
    verify: true,
    isTime: timesOf(request.build),
    known: async (digest, format, version) => {
      const facts = (await artifact.facts?.(Buffer.from(digest, 'hex'))) ?? [];
      return facts.some((each) => each.format === format && each.version === version);
    },
    keep: (batch) => Promise.resolve(addTo(found, batch)),
  });
  return withFacts(artifact, found);
}

/** Without `all`, as much as is looked into while somebody waits: small files first. */
const MOST_FILES = 3000;
const MOST_BYTES = 1024 ** 3;

function chosen({ changed, side, mode }: LiveFactsRequest): readonly Candidate[] {
  const wanted = typeof mode === 'function' ? changed.filter(({ path }) => mode(path)) : changed;
  const candidates = wanted.flatMap(({ path, [side]: { size, mtimeNs, sha256 } }): Candidate[] =>
    sha256 === null ? [] : [{ path, size, mtimeNs, sha256, shippedMd5: null }],
  );
  if (mode === 'all') return candidates;
  let bytes = 0;
  return candidates
    .toSorted((a, b) => a.size - b.size)
    .slice(0, MOST_FILES)
    .filter(({ size }) => (bytes += size) <= MOST_BYTES);
}

export function addTo(found: Map<string, Facts[]>, batch: readonly KeyedFacts[]): void {
  for (const { digest, facts } of batch) {
    const known = found.get(digest);
    if (known === undefined) found.set(digest, [facts]);
    else known.push(facts);
  }
}

export function withFacts(
  artifact: ArtifactReader,
  found: ReadonlyMap<string, readonly Facts[]>,
): ArtifactReader {
  return {
    ...artifact,
    facts: async (digest) => [
      ...((await artifact.facts?.(digest)) ?? []),
      ...(found.get(Buffer.from(digest).toString('hex')) ?? []),
    ],
  };
}

/** Looks into the generated files of a build that was just recorded, while its tree is still there. */

import type { BuildFacts } from '../../core/build.js';
import type { ArtifactReader } from '../../core/manifest.js';
import type { TreeFiles } from '../../core/tree-files.js';
import { changedFiles } from '../../diff/index.js';
import type { BuildReader, Store } from '../../store/define.js';
import type { Candidate, InspectMode } from './candidates.js';
import { inspectFiles, type InspectedFiles } from './inspect-files.js';

export interface InspectBuildRequest {
  readonly store: Store;
  readonly name: string;
  readonly stream: string;
  readonly files: TreeFiles;
  readonly candidates: readonly Candidate[];
  /** With `auto`, what differs from the build before is looked into as well, whoever owns it. */
  readonly mode: InspectMode;
  /** 32 random bytes. */
  readonly freshKey: () => Uint8Array;
  readonly clock: () => number;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

export async function inspectBuild(request: InspectBuildRequest): Promise<InspectedFiles> {
  const { store, name, mode } = request;
  if (mode === 'none') return { inspected: 0, missed: 0 };
  const reader = await store.read(name);
  const chosen = new Set(request.candidates.map(({ path }) => path));
  const late = mode === 'auto' ? await changedSince(request, reader) : [];
  const candidates = [...request.candidates, ...late.filter(({ path }) => !chosen.has(path))];
  if (candidates.length === 0) return { inspected: 0, missed: 0 };
  return inspectFiles({
    ...request,
    candidates,
    verify: false,
    key: await store.secretKey(request.freshKey()),
    isTime: timesOf(reader.build.facts),
    known: (digest, format, version) => store.hasFacts(digest, format, version),
    keep: (facts) => store.putFacts(facts),
  });
}

async function changedSince(
  { store, name, stream }: InspectBuildRequest,
  reader: BuildReader,
): Promise<readonly Candidate[]> {
  const builds = await store.builds(stream);
  const previous = builds[builds.findIndex((build) => build.name === name) - 1];
  if (previous === undefined) return [];
  const [before] = (await store.read(previous.name)).artifacts;
  const [after] = reader.artifacts;
  return before === undefined || after === undefined ? [] : changedCandidates(before, after);
}

async function changedCandidates(
  before: ArtifactReader,
  after: ArtifactReader,
): Promise<readonly Candidate[]> {
  return (await changedFiles(before, after)).flatMap(
    ({ path, after: { size, mtimeNs, sha256 } }) =>
      sha256 === null ? [] : [{ path, size, mtimeNs, sha256, shippedMd5: null }],
  );
}

const DAY = 86_400;

/** Whether a number is a time around the build or its epoch. */
export function timesOf({
  startedAt,
  endedAt,
  sourceDateEpoch,
}: Pick<BuildFacts, 'startedAt' | 'endedAt' | 'sourceDateEpoch'>): (seconds: number) => boolean {
  const [from, to] = [Date.parse(startedAt) / 1000 - 7 * DAY, Date.parse(endedAt) / 1000 + DAY];
  const epoch = sourceDateEpoch ?? Number.NaN;
  return (seconds) =>
    (seconds >= from && seconds <= to) || (seconds >= epoch - DAY && seconds <= epoch + DAY);
}

/** Looks into the generated files of a build that was just recorded, while its tree is still there. */

import type { BuildFacts } from '../../core/build.js';
import { AuditError } from '../../core/errors.js';
import type { KeyedFacts } from '../../core/facts.js';
import type { ArtifactReader } from '../../core/manifest.js';
import type { TreeFiles } from '../../core/tree-files.js';
import type { Classify } from '../../core/report.js';
import { changedFiles } from '../../diff/index.js';
import type { OpenContainer } from '../../sources/define.js';
import type { Store } from '../../store/define.js';
import { keepContent, type KeptContent } from '../content/keep-content.js';
import type { Candidate, InspectMode } from './candidates.js';
import { inspectContainer } from './inspect-container.js';
import { inspectFiles } from './inspect-files.js';
import type { PartlyInspected } from './partly-inspected.js';

export interface InspectBuildRequest {
  readonly store: Store;
  readonly name: string;
  readonly stream: string;
  /** Name of the artifact to look into. */
  readonly artifact: string;
  readonly files: TreeFiles;
  /** The archive that the tree came out of; its members are looked into as it is read again. */
  readonly container: OpenContainer | null;
  readonly candidates: readonly Candidate[];
  /** With `auto`, what differs from the build before is looked into as well, whoever owns it. */
  readonly mode: InspectMode;
  /** Bytes of generated files to keep, before compression; null: none. */
  readonly keepContentBytes: number | null;
  /** SHA-256 in hex of files that are secret by one of their paths. */
  readonly secretDigests: ReadonlySet<string>;
  readonly classify: Classify;
  /** 32 random bytes. */
  readonly freshKey: () => Uint8Array;
  /** Told of files that could be looked into in part only. */
  readonly onPartly: (file: PartlyInspected) => void;
  readonly clock: () => number;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

export interface InspectedBuild {
  /** Files that have facts now, or had them already. */
  readonly inspected: number;
  /** Null when no content was to be kept. */
  readonly content: KeptContent | null;
}

/** Throws what the store throws; the build is recorded by then, and says so. */
export async function inspectBuild(request: InspectBuildRequest): Promise<InspectedBuild> {
  try {
    return await inspectRecorded(request);
  } catch (error) {
    if (!(error instanceof AuditError) || !STORE_TROUBLE.has(error.code)) throw error;
    const { code, message } = error;
    throw new AuditError(
      code,
      `${request.name} is recorded, without facts of all files: ${message}`,
      {
        hint: 'A diff looks into files while the tree is there; the next snapshot looks into what differs.',
        cause: error,
      },
    );
  }
}

const STORE_TROUBLE: ReadonlySet<string> = new Set(['STORE_WRITE', 'STORE_BUSY']);

async function inspectRecorded(request: InspectBuildRequest): Promise<InspectedBuild> {
  const { store, name, mode, keepContentBytes } = request;
  if (mode === 'none') return { inspected: 0, content: null };
  const reader = await store.read(name);
  const artifact = reader.artifacts.find((each) => each.artifact.name === request.artifact);
  const previous = await previousArtifact(request);
  const chosen = new Set(request.candidates.map(({ path }) => path));
  const late =
    mode === 'auto' && previous !== null && artifact !== undefined
      ? await changedCandidates(previous, artifact)
      : [];
  const candidates = [...request.candidates, ...late.filter(({ path }) => !chosen.has(path))];
  if (candidates.length === 0 && keepContentBytes === null && request.container === null)
    return { inspected: 0, content: null };
  const engine = {
    ...request,
    candidates,
    key: await store.secretKey(request.freshKey()),
    isTime: timesOf(reader.build.facts),
    known: (digest: string, format: string, version: number) =>
      store.hasFacts(digest, format, version),
    keep: (facts: readonly KeyedFacts[]) => store.putFacts(facts),
    kept: async (digest: string) => (await artifact?.facts?.(Buffer.from(digest, 'hex'))) ?? [],
  };
  const { container } = request;
  let inContainer = 0;
  if (container !== null && artifact?.artifact.container != null) {
    const { name: file, digest } = artifact.artifact.container;
    inContainer = await inspectContainer({ ...engine, ...container, name: file, digest });
    if (container.holdsFiles !== false) return { inspected: inContainer, content: null };
  }
  const found = await inspectFiles({ ...engine, verify: false });
  const { files } = found;
  const inspected = found.inspected + inContainer;
  if (keepContentBytes === null || artifact === undefined) return { inspected, content: null };
  const content = await keepContent({
    ...request,
    artifact,
    previous,
    candidates: files,
    limitBytes: keepContentBytes,
  });
  return { inspected, content };
}

/** Of the build before in the stream. */
async function previousArtifact({
  store,
  name,
  stream,
  artifact,
}: InspectBuildRequest): Promise<ArtifactReader | null> {
  const builds = await store.builds(stream);
  const previous = builds[builds.findIndex((build) => build.name === name) - 1];
  if (previous === undefined) return null;
  const { artifacts } = await store.read(previous.name);
  return artifacts.find((each) => each.artifact.name === artifact) ?? null;
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

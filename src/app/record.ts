/** Records a source as a build: its tree and whatever else the build holds, in one transaction. */

import type { Artifact, BuildDescription, Package } from '../core/build.js';
import type { DigestAlgorithm, Exclusion } from '../core/capture.js';
import type { Diagnostic } from '../core/diagnostic.js';
import type { AppliedEdit } from '../core/edit.js';
import { AuditError } from '../core/errors.js';
import type { Ownership } from '../core/ownership.js';
import { classify } from '../scrub/catalogue/index.js';
import type { OpenSource, OtherSource, ScanProgress } from '../sources/define.js';
import { unreadableTree } from '../sources/unreadable-tree.js';
import type { Store } from '../store/define.js';
import type { KeptContent } from './content/keep-content.js';
import { Candidates, type InspectMode } from './inspection/candidates.js';
import { inspectBuild } from './inspection/inspect-build.js';
import { throwIfInterrupted } from './inspection/interrupted.js';
import type { PartlyInspected } from './inspection/partly-inspected.js';
import { defaultStream, readOsRelease, type Circumstances } from './build-facts.js';
import { recordArtifact, type RecordedArtifact } from './record-artifact.js';

export interface RecordRequest {
  readonly source: OpenSource;
  readonly store: Store;
  readonly name: string;
  /** Null: from os-release and the architecture. */
  readonly stream: string | null;
  readonly replace: boolean;
  readonly digests: readonly DigestAlgorithm[];
  readonly exclusions: readonly Exclusion[];
  /** Null reads every file. */
  readonly statCacheFile: string | null;
  readonly meta: Readonly<Record<string, unknown>>;
  readonly packages: {
    readonly packages: readonly Package[];
    readonly diagnostics: readonly Diagnostic[];
  };
  /** Null: what packages list is not recorded, and who owns a file will not be known. */
  readonly ownership: Ownership | null;
  readonly inspection: Inspection;
  readonly edits: readonly AppliedEdit[];
  /** What scrub could not do. */
  readonly scrubDiagnostics: readonly Diagnostic[];
  readonly circumstances: Circumstances;
  readonly sourceDateEpoch: number | null;
  readonly now: () => Date;
  readonly signal: AbortSignal;
  /** `expected` is what the last build of the stream had; null for the first. */
  readonly onProgress: (progress: ScanProgress, expected: ScanProgress | null) => void;
}

/** How to look into files once they are recorded. */
export interface Inspection {
  readonly mode: InspectMode;
  /** Bytes of generated files to keep in the store, before compression; null: none. */
  readonly keepContentBytes: number | null;
  /** 32 random bytes for a store that has no key for secrets yet. */
  readonly freshKey: () => Uint8Array;
  /** Milliseconds of a clock that never goes back. */
  readonly clock: () => number;
  readonly onProgress: (done: number, total: number) => void;
}

export interface RecordedBuild {
  readonly name: string;
  readonly stream: string;
  readonly contentDigest: Uint8Array;
  readonly fullDigest: Uint8Array;
  readonly entryCount: number;
  readonly sizeBytes: number;
  /** What the build holds beside the tree. */
  readonly others: readonly Artifact[];
  readonly cachedFiles: number;
  /** Files with facts. */
  readonly inspectedFiles: number;
  /** Files that could be looked into in part only; the manifest is complete all the same. */
  readonly partlyInspected: readonly PartlyInspected[];
  /** Null when no content was to be kept. */
  readonly content: KeptContent | null;
  /** Of all artifacts. */
  readonly diagnostics: readonly Diagnostic[];
}

export async function recordBuild(request: RecordRequest): Promise<RecordedBuild> {
  const { source, store, name } = request;
  const startedAt = request.now();
  const osRelease = readOsRelease(source.files);
  const stream = request.stream ?? defaultStream(osRelease, request.circumstances.architecture);
  const expected = await sizeOfLast(store, stream);
  const writer = await store.begin(name, { replace: request.replace, stream });
  /** Until they were looked into. */
  const opened: OpenSource[] = [];
  const parts: RecordedPart[] = [];
  let progress: ScanProgress = { entries: 0, bytes: 0 };
  const record = async (
    part: OpenSource,
    own: Pick<RecordRequest, 'ownership' | 'statCacheFile'>,
    diagnostics: readonly Diagnostic[],
  ): Promise<void> => {
    const candidates = candidatesOf({ ...request, ...own }, part, startedAt);
    const before = progress;
    const onProgress = ({ entries, bytes }: ScanProgress): void => {
      progress = { entries: before.entries + entries, bytes: before.bytes + bytes };
      request.onProgress(progress, expected);
    };
    const recorded = await recordArtifact({
      ...request,
      ...own,
      source: part,
      writer,
      candidates,
      startedAt,
      diagnostics,
      onProgress,
    });
    parts.push({ ...recorded, source: part, candidates });
  };
  try {
    await record(source, request, [...request.scrubDiagnostics, ...request.packages.diagnostics]);
    for (const other of source.others ?? []) {
      throwIfInterrupted(request.signal);
      opened.push(await openOther(other, request));
      await record(opened.at(-1)!, { ownership: null, statCacheFile: null }, []);
    }
    if (request.ownership !== null) writer.putListings(request.ownership.listings());
    const { statement } = source;
    const { packages } = request.packages;
    const description: BuildDescription = {
      name,
      stream,
      facts: {
        ...request.circumstances,
        startedAt: startedAt.toISOString(),
        endedAt: request.now().toISOString(),
        sourceDateEpoch: request.sourceDateEpoch,
        fileSystem: source.fileSystem,
        osRelease,
        source: source.location,
      },
      meta: { ...statement?.meta, ...request.meta },
      packages: packages.length > 0 ? packages : (statement?.packages ?? []),
      edits: request.edits,
    };
    await writer.commit(description);
    const partlyInspected: PartlyInspected[] = [];
    const onPartly = (file: PartlyInspected): void => void partlyInspected.push(file);
    let inspectedFiles = 0;
    let content: KeptContent | null = null;
    for (const { artifact, source: part, candidates } of parts) {
      const found = await inspectBuild({
        ...request.inspection,
        store,
        name,
        stream,
        artifact: artifact.name,
        // The bytes of the root file system are those that are asked for.
        keepContentBytes: part === source ? request.inspection.keepContentBytes : null,
        files: part.files,
        container: part.container,
        candidates: chosenOf(candidates, part, request.inspection.mode),
        secretDigests: candidates.secretDigests,
        classify,
        onPartly,
        signal: request.signal,
      });
      inspectedFiles += found.inspected;
      content ??= found.content;
    }
    const { contentDigest, fullDigest, entryCount, sizeBytes } = parts[0]!.artifact;
    return {
      name,
      stream,
      contentDigest,
      fullDigest,
      entryCount,
      sizeBytes,
      others: parts.slice(1).map(({ artifact }) => artifact),
      cachedFiles: parts[0]!.cachedFiles,
      inspectedFiles,
      partlyInspected,
      content,
      diagnostics: parts.flatMap(({ artifact }) => artifact.diagnostics),
    };
  } finally {
    await writer.abort();
    for (const other of opened) other.close();
  }
}

interface RecordedPart extends RecordedArtifact {
  readonly source: OpenSource;
  readonly candidates: Candidates;
}

/** Of another artifact that cannot be read, that is recorded. */
async function openOther(other: OtherSource, request: RecordRequest): Promise<OpenSource> {
  const { name, role } = other;
  let source: OpenSource | null = null;
  try {
    source = { ...other.open(), artifact: { name, role } };
    await source.prepare?.({
      digests: request.digests,
      exclusions: request.exclusions,
      signal: request.signal,
      progress: (progress) => request.onProgress(progress, null),
    });
    return source;
  } catch (error) {
    source?.close();
    if (!(error instanceof AuditError) || error.code !== 'SOURCE_UNUSABLE') throw error;
    return unreadableTree({ name, role }, request.source.location, error.message);
  }
}

function candidatesOf(request: RecordRequest, part: OpenSource, startedAt: Date): Candidates {
  return new Candidates({
    ...request,
    mode: modeFor(part, request.inspection.mode),
    classify,
    notesSecrets: request.inspection.keepContentBytes !== null,
    buildStartNs: BigInt(startedAt.getTime() - DAY_MS) * 1_000_000n,
  });
}

/** All files of a build's own directory were made by the build. */
function modeFor({ artifact }: OpenSource, mode: InspectMode): InspectMode {
  return mode === 'auto' && artifact?.role === 'files' ? 'all' : mode;
}

/** Disk images are looked into when that is asked for: they are gigabytes, and what they hold is in another artifact. */
const MAX_FILE_BYTES = 256 * 1024 * 1024;

function chosenOf(candidates: Candidates, part: OpenSource, mode: InspectMode) {
  const all = candidates.list();
  return mode === modeFor(part, mode) ? all : all.filter(({ size }) => size <= MAX_FILE_BYTES);
}

const DAY_MS = 86_400_000;

/** Gives a progress bar its end. */
async function sizeOfLast(store: Store, stream: string): Promise<ScanProgress | null> {
  const last = (await store.builds(stream)).at(-1);
  return last === undefined ? null : { entries: last.entryCount, bytes: last.sizeBytes };
}

/** Records one tree as a build: scan, assemble, store, in one transaction. */

import { createHash } from 'node:crypto';

import type { BuildDescription, Container, Package } from '../core/build.js';
import type { DigestAlgorithm, Exclusion } from '../core/capture.js';
import type { Diagnostic } from '../core/diagnostic.js';
import type { AppliedEdit } from '../core/edit.js';
import type { Ownership } from '../core/ownership.js';
import { TreeAssembler } from '../core/merkle.js';
import { classify } from '../scrub/catalogue/index.js';
import type { OpenContainer, OpenSource, ScanProgress } from '../sources/define.js';
import type { DirectoryHandle, Store } from '../store/define.js';
import type { KeptContent } from './content/keep-content.js';
import { Candidates, type InspectMode } from './inspection/candidates.js';
import { inspectBuild } from './inspection/inspect-build.js';
import type { PartlyInspected } from './inspection/partly-inspected.js';
import { defaultStream, readOsRelease, type Circumstances } from './build-facts.js';

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
  readonly cachedFiles: number;
  /** Files with facts. */
  readonly inspectedFiles: number;
  /** Files that could be looked into in part only; the manifest is complete all the same. */
  readonly partlyInspected: readonly PartlyInspected[];
  /** Null when no content was to be kept. */
  readonly content: KeptContent | null;
  readonly diagnostics: readonly Diagnostic[];
}

export async function recordBuild(request: RecordRequest): Promise<RecordedBuild> {
  const { source, store, name } = request;
  const startedAt = request.now();
  const osRelease = readOsRelease(source.files);
  const stream = request.stream ?? defaultStream(osRelease, request.circumstances.architecture);
  const expected = await sizeOfLast(store, stream);
  const writer = await store.begin(name, { replace: request.replace, stream });
  try {
    const diagnostics: Diagnostic[] = [
      ...request.scrubDiagnostics,
      ...request.packages.diagnostics,
    ];
    const candidates = new Candidates({
      ...request,
      mode: request.inspection.mode,
      classify,
      notesSecrets: request.inspection.keepContentBytes !== null,
      buildStartNs: BigInt(startedAt.getTime() - DAY_MS) * 1_000_000n,
    });
    const assembler = new TreeAssembler<DirectoryHandle>(
      source.capture(request),
      (directory, children) => writer.putDirectory(directory, children),
    );
    const scan = await source.scan(
      {
        digests: request.digests,
        exclusions: request.exclusions,
        statCacheFile: request.statCacheFile,
        startedNs: BigInt(startedAt.getTime()) * 1_000_000n,
        signal: request.signal,
      },
      {
        directory: (directory) => {
          candidates.add(directory);
          assembler.add(directory);
        },
        diagnostic: (diagnostic) => void diagnostics.push(diagnostic),
        progress: (progress) => request.onProgress(progress, expected),
      },
    );
    const tree = assembler.finish(scan.root);
    const { contentDigest, fullDigest, entryCount, sizeBytes } = tree;
    writer.putArtifact(
      {
        role: 'rootfs',
        mediaType: source.mediaType,
        container: containerOf(source.container),
        capture: scan.capture,
        root: scan.root,
        contentDigest,
        fullDigest,
        entryCount,
        sizeBytes,
        diagnostics,
      },
      tree.handle,
    );
    if (request.ownership !== null) writer.putListings(request.ownership.listings());
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
      meta: request.meta,
      packages: request.packages.packages,
      edits: request.edits,
    };
    await writer.commit(description);
    const partlyInspected: PartlyInspected[] = [];
    const { inspected, content } = await inspectBuild({
      ...request.inspection,
      store,
      name,
      stream,
      files: source.files,
      container: source.container,
      candidates: candidates.list(),
      secretDigests: candidates.secretDigests,
      classify,
      onPartly: (file) => void partlyInspected.push(file),
      signal: request.signal,
    });
    return {
      name,
      stream,
      contentDigest,
      fullDigest,
      entryCount,
      sizeBytes,
      cachedFiles: scan.cachedFiles,
      inspectedFiles: inspected,
      partlyInspected,
      content,
      diagnostics,
    };
  } finally {
    await writer.abort();
  }
}

function containerOf(container: OpenContainer | null): Container | null {
  if (container === null) return null;
  const hash = createHash('sha256');
  const { bytes, name } = container;
  for (let offset = 0; offset < bytes.size; offset += CHUNK_BYTES)
    hash.update(bytes.read(offset, CHUNK_BYTES));
  return { name, sizeBytes: bytes.size, digest: hash.digest() };
}

const CHUNK_BYTES = 1024 * 1024;
const DAY_MS = 86_400_000;

/** Gives a progress bar its end. */
async function sizeOfLast(store: Store, stream: string): Promise<ScanProgress | null> {
  const last = (await store.builds(stream)).at(-1);
  return last === undefined ? null : { entries: last.entryCount, bytes: last.sizeBytes };
}

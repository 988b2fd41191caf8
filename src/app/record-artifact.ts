/** Records one tree of a build: scan, assemble, hand over to the writer of the build. */

import { createHash } from 'node:crypto';

import { ONLY_ARTIFACT, type Artifact, type Container } from '../core/build.js';
import type { DigestAlgorithm, Exclusion } from '../core/capture.js';
import type { Diagnostic } from '../core/diagnostic.js';
import { TreeAssembler } from '../core/merkle.js';
import type { OpenContainer, OpenSource, ScanProgress } from '../sources/define.js';
import type { BuildWriter, DirectoryHandle } from '../store/define.js';
import type { Candidates } from './inspection/candidates.js';

export interface RecordArtifactRequest {
  /** Prepared. */
  readonly source: OpenSource;
  readonly writer: BuildWriter;
  /** Chooses files to look into as they come by. */
  readonly candidates: Candidates;
  readonly digests: readonly DigestAlgorithm[];
  readonly exclusions: readonly Exclusion[];
  /** Null reads every file. */
  readonly statCacheFile: string | null;
  readonly startedAt: Date;
  /** Of whatever was done before. */
  readonly diagnostics: readonly Diagnostic[];
  readonly signal: AbortSignal;
  readonly onProgress: (progress: ScanProgress) => void;
}

export interface RecordedArtifact {
  readonly artifact: Artifact;
  readonly cachedFiles: number;
}

export async function recordArtifact(request: RecordArtifactRequest): Promise<RecordedArtifact> {
  const { source, writer, candidates, startedAt } = request;
  const diagnostics = [...request.diagnostics];
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
      progress: request.onProgress,
    },
  );
  const tree = assembler.finish(scan.root);
  const artifact: Artifact = {
    ...(source.artifact ?? ONLY_ARTIFACT),
    mediaType: source.mediaType,
    container: containerOf(source.container),
    capture: scan.capture,
    root: scan.root,
    contentDigest: tree.contentDigest,
    fullDigest: tree.fullDigest,
    entryCount: tree.entryCount,
    sizeBytes: tree.sizeBytes,
    diagnostics,
  };
  writer.putArtifact(artifact, tree.handle);
  return { artifact, cachedFiles: scan.cachedFiles };
}

function containerOf(container: OpenContainer | null): Container | null {
  if (container === null) return null;
  const { bytes, name } = container;
  if (container.digest !== undefined)
    return { name, sizeBytes: bytes.size, digest: container.digest() };
  const hash = createHash('sha256');
  for (let offset = 0; offset < bytes.size; offset += CHUNK_BYTES)
    hash.update(bytes.read(offset, CHUNK_BYTES));
  return { name, sizeBytes: bytes.size, digest: hash.digest() };
}

const CHUNK_BYTES = 1024 * 1024;

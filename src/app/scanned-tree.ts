/** A tree that is scanned and kept in memory only, for what is computed of it at once. */

import type { CaptureSet, DigestAlgorithm, Exclusion } from '../core/capture.js';
import type { Diagnostic } from '../core/diagnostic.js';
import type { Entry } from '../core/entry.js';
import type { ArtifactReader, TreeEntry } from '../core/manifest.js';
import { TreeAssembler, type PlacedDirectory, type WholeDirectory } from '../core/merkle.js';
import { unpackDirectory } from '../core/packed-directory.js';
import type { OpenSource, ScanProgress } from '../sources/define.js';

export interface ScanTreeRequest {
  readonly digests: readonly DigestAlgorithm[];
  readonly exclusions: readonly Exclusion[];
  readonly startedNs: bigint;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: ScanProgress) => void;
}

export interface ScannedTree extends Pick<ArtifactReader, 'root' | 'entries'> {
  readonly capture: CaptureSet;
  readonly diagnostics: readonly Diagnostic[];
}

/** Prepares the source where it asks for that. */
export async function scanTree(source: OpenSource, request: ScanTreeRequest): Promise<ScannedTree> {
  const { digests, exclusions, startedNs, signal, onProgress } = request;
  await source.prepare?.({ digests, exclusions, signal, progress: onProgress });
  const diagnostics: Diagnostic[] = [];
  const directories = new Map<string, Listing>();
  const assembler = new TreeAssembler<string>(
    source.capture({ digests, exclusions }),
    (directory, children) => {
      const identity = String(directories.size);
      directories.set(identity, { directory, children });
      return identity;
    },
  );
  const { root, capture } = await source.scan(
    { digests, exclusions, statCacheFile: null, startedNs, signal },
    {
      directory: (directory) => assembler.add(directory),
      diagnostic: (diagnostic) => void diagnostics.push(diagnostic),
      progress: onProgress,
    },
  );
  const top = assembler.finish(root);
  const entries = (identity: string): readonly TreeEntry[] => entriesOf(directories.get(identity)!);
  const [rootEntry] = entries(top.handle);
  return {
    root: rootEntry!,
    entries: (directory) => Promise.resolve(entries(directory.identity)),
    capture,
    diagnostics,
  };
}

interface Listing {
  readonly directory: WholeDirectory;
  readonly children: readonly PlacedDirectory<string>[];
}

function entriesOf({ directory, children }: Listing): readonly TreeEntry[] {
  const { packed, links } = directory;
  const places = new Map(packed.subdirectories.map(({ ordinal }, i) => [ordinal, children[i]!]));
  return [...unpackDirectory(packed)].map((recorded, ordinal) => {
    const link = links.get(ordinal) ?? null;
    const entry: Entry = { ...recorded, mtimeNs: packed.mtimesNs[ordinal]!, link };
    const place = places.get(ordinal);
    return { entry, child: place === undefined ? null : { ...place, identity: place.handle } };
  });
}

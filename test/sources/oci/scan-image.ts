/** Whole trees of sources, for comparing. */

import { TreeAssembler } from '../../../src/core/merkle.js';
import type { Diagnostic } from '../../../src/core/diagnostic.js';
import { unpackDirectory, type RecordedEntry } from '../../../src/core/packed-directory.js';
import { joinPath } from '../../../src/core/path.js';
import type { OpenSource } from '../../../src/sources/define.js';

export interface Scanned {
  readonly entries: ReadonlyMap<string, RecordedEntry & { readonly mtimeNs: bigint }>;
  readonly paths: readonly string[];
  /** Names of one inode, by inode. */
  readonly links: readonly (readonly string[])[];
  readonly diagnostics: readonly Diagnostic[];
  readonly contentDigest: string;
  readonly fullDigest: string;
}

/** Reads all and closes the source. */
export async function scanImage(source: OpenSource): Promise<Scanned> {
  const { signal } = new AbortController();
  const base = { digests: ['xxh64', 'sha256'], exclusions: [], signal } as const;
  const entries = new Map<string, RecordedEntry & { mtimeNs: bigint }>();
  const inodes = new Map<string, string[]>();
  const diagnostics: Diagnostic[] = [];
  try {
    await source.prepare?.({ ...base, progress: () => {} });
    const assembler = new TreeAssembler(source.capture(base), () => null);
    const { root } = await source.scan(
      { ...base, statCacheFile: null, startedNs: 0n },
      {
        directory: (packed) => {
          let i = 0;
          for (const entry of unpackDirectory(packed))
            entries.set(joinPath(packed.path, entry.name), {
              ...entry,
              mtimeNs: packed.mtimesNs[i++]!,
            });
          for (const { name, inode } of packed.multiplyLinked)
            inodes.set(inode, [...(inodes.get(inode) ?? []), joinPath(packed.path, name)]);
          assembler.add(packed);
        },
        diagnostic: (each) => void diagnostics.push(each),
        progress: () => {},
      },
    );
    const { contentDigest, fullDigest } = assembler.finish(root);
    return {
      entries,
      paths: [...entries.keys()].toSorted(),
      links: [...inodes.values()]
        .map((names) => names.toSorted())
        .filter(({ length }) => length > 1),
      diagnostics,
      contentDigest: Buffer.from(contentDigest).toString('hex'),
      fullDigest: Buffer.from(fullDigest).toString('hex'),
    };
  } finally {
    source.close();
  }
}

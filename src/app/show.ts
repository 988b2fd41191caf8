/** Everything that is recorded of a build, and its tree digest, which is worked out when it is asked for. */

import type { Build } from '../core/build.js';
import { openStore } from '../store/index.js';
import { treeDigest, undumpable } from './dump.js';
import { parseBuildRef } from './refs.js';

export interface ShownBuild {
  readonly build: Build;
  /** SHA-256 of the canonical composefs-dump text; null where there is none. */
  readonly treeDigest: Uint8Array | null;
  /** Why there is none. */
  readonly noTreeDigest: string | null;
}

export async function showBuild(location: string, word: string): Promise<ShownBuild> {
  const store = await openStore(location, { mode: 'read' });
  try {
    const { name } = await store.resolve(parseBuildRef(word, word));
    const reader = await store.read(name);
    const artifact = reader.artifacts[0]!;
    return {
      build: reader.build,
      treeDigest: await treeDigest(artifact),
      noTreeDigest: undumpable(artifact.artifact.capture),
    };
  } finally {
    await store.close();
  }
}

/** Everything that is recorded of a build, and its tree digest, which is worked out when it is asked for. */

import type { Build } from '../core/build.js';
import { openStore } from '../store/index.js';
import { treeDigest } from './dump.js';
import { parseBuildRef } from './refs.js';

export interface ShownBuild {
  readonly build: Build;
  /** SHA-256 of the canonical composefs-dump text; null when the build was recorded without SHA-256. */
  readonly treeDigest: Uint8Array | null;
}

export async function showBuild(location: string, word: string): Promise<ShownBuild> {
  const store = await openStore(location, { mode: 'read' });
  try {
    const { name } = await store.resolve(parseBuildRef(word, word));
    const reader = await store.read(name);
    return { build: reader.build, treeDigest: await treeDigest(reader.artifacts[0]!) };
  } finally {
    await store.close();
  }
}

/** Looking after the builds of a store: list, keep, remove, prune, import. */

import type { BuildSummary } from '../core/build.js';
import type { ImportResult } from '../store/define.js';
import { openStore, planPrune } from '../store/index.js';
import { parseBuildRef } from './refs.js';

/** Oldest first. */
export async function listBuilds(
  location: string,
  stream: string | null,
): Promise<readonly BuildSummary[]> {
  const store = await openStore(location, { mode: 'read' });
  try {
    return await store.builds(stream ?? undefined);
  } finally {
    await store.close();
  }
}

export async function keepBuild(
  location: string,
  word: string,
  keep: boolean,
  signal: AbortSignal,
): Promise<string> {
  const store = await openStore(location, { mode: 'write', signal });
  try {
    const { name } = await store.resolve(parseBuildRef(word, word));
    await store.setKeep(name, keep);
    return name;
  } finally {
    await store.close();
  }
}

export interface RemovedBuilds {
  readonly names: readonly string[];
  readonly freedBytes: number;
}

export async function removeBuilds(
  location: string,
  words: readonly string[],
  signal: AbortSignal,
): Promise<RemovedBuilds> {
  const store = await openStore(location, { mode: 'write', signal });
  try {
    const named = new Set<string>();
    for (const word of words) named.add((await store.resolve(parseBuildRef(word, word))).name);
    const names = [...named];
    return { names, freedBytes: await store.remove(names) };
  } finally {
    await store.close();
  }
}

/** Keeps the newest `keep` builds of every stream, and those marked to be kept. */
export async function pruneBuilds(
  location: string,
  keep: number,
  stream: string | null,
  dryRun: boolean,
  signal: AbortSignal,
): Promise<RemovedBuilds> {
  const store = await openStore(location, { mode: dryRun ? 'read' : 'write', signal });
  try {
    const names = planPrune(await store.builds(stream ?? undefined), keep);
    return { names, freedBytes: dryRun || names.length === 0 ? 0 : await store.remove(names) };
  } finally {
    await store.close();
  }
}

export async function importBuilds(
  location: string,
  from: string,
  signal: AbortSignal,
): Promise<ImportResult> {
  const other = await openStore(from, { mode: 'read' });
  try {
    const store = await openStore(location, { mode: 'write', signal });
    try {
      return await store.importFrom(other);
    } finally {
      await store.close();
    }
  } finally {
    await other.close();
  }
}

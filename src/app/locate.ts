/** Where words of the command line lead: to builds in stores, or to sources. */

import { AuditError } from '../core/errors.js';
import type { BuildReader, Store } from '../store/define.js';
import { openStore } from '../store/index.js';
import { sources } from '../sources/index.js';
import { parseReference, type Reference } from './refs.js';

export type Located =
  | { readonly kind: 'build'; readonly store: Store; readonly reader: BuildReader }
  | { readonly kind: 'source'; readonly location: string };

/** Throws what the store throws, unless the word names something else; `open` gets null for the store of the command. */
export async function locate(
  reference: Reference,
  open: (location: string | null) => Promise<Store>,
): Promise<Located> {
  if (reference.kind === 'source') return reference;
  try {
    const store = await open(reference.store);
    const { name } = await store.resolve(reference.ref);
    return { kind: 'build', store, reader: await store.read(name) };
  } catch (error) {
    const { otherwise } = reference;
    if (otherwise === null || !isMissing(error)) throw error;
    if (!sources.some((source) => source.claims(otherwise))) throw error;
    return { kind: 'source', location: otherwise };
  }
}

export interface WordUses<T> {
  readonly build: (reader: BuildReader) => Promise<T>;
  readonly source: (location: string) => Promise<T>;
}

/** Hands what one word names to whoever can use it; the build cannot be read any more when that has ended. */
export async function withWord<T>(
  word: string,
  storeLocation: string,
  uses: WordUses<T>,
): Promise<T> {
  const opened: Store[] = [];
  try {
    const located = await locate(parseReference(word), async (location) => {
      const store = await openStore(location ?? storeLocation, { mode: 'read' });
      opened.push(store);
      return store;
    });
    if (located.kind === 'build') return await uses.build(located.reader);
    return await uses.source(located.location);
  } finally {
    for (const store of opened) await store.close();
  }
}

function isMissing(error: unknown): boolean {
  return (
    error instanceof AuditError &&
    (error.code === 'BUILD_UNKNOWN' || error.code === 'STORE_MISSING')
  );
}

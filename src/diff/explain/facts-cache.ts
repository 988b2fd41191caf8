/** Facts of one side by digest; those asked for last are kept. */

import type { Facts } from '../../core/facts.js';
import type { ArtifactReader } from '../../core/manifest.js';
import type { FactsLookup } from '../facts/compare-facts.js';

const MAX_KEPT = 64;

export class FactsCache {
  /** Whether this side keeps facts at all. */
  readonly exists: boolean;
  readonly #reader: ArtifactReader;
  readonly #kept = new Map<string, Promise<readonly Facts[]>>();

  constructor(reader: ArtifactReader) {
    this.#reader = reader;
    this.exists = reader.facts !== undefined;
  }

  /** Of the bytes of this digest, 64 hex digits. */
  all(digest: string): Promise<readonly Facts[]> {
    const known = this.#kept.get(digest);
    if (known !== undefined) return known;
    const found = this.#reader.facts?.(Buffer.from(digest, 'hex')) ?? Promise.resolve([]);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.set(digest, found);
    return found;
  }

  readonly find: FactsLookup = async (digest, format) =>
    (await this.all(digest)).find((facts) => facts.format === format) ?? null;
}

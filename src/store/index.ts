/** Stores by location. */

import type { OpenStoreOptions, Store } from './define.js';

export { planPrune } from './prune.js';

/**
 * Opens the store in a file; `:memory:` is one that ends with `close`. Throws `STORE_MISSING` (only for reading),
 * `STORE_FOREIGN`, `STORE_DAMAGED`, `STORE_NEWER`, and `STORE_WRITE` where `write` is asked for and not permitted.
 */
export async function openStore(location: string, options: OpenStoreOptions): Promise<Store> {
  // Loaded on first use: the native module costs 10 ms that commands without a store need not pay.
  const { openSqliteStore } = await import('./sqlite/store.js');
  return openSqliteStore(location, options);
}

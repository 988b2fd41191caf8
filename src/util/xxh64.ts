/** XXH64 with seed 0 as 16 hex digits, for digests of lines, words and blocks. */

import xxhash, { type XXHashAPI } from 'xxhash-wasm';

let api: XXHashAPI | null = null;

/** Has to be awaited once before `xxh64Hex`. */
export async function loadXxh64(): Promise<void> {
  api ??= await xxhash();
}

/** At most a few MiB: the wasm memory grows to the size of the buffer and stays. */
export function xxh64Hex(bytes: Uint8Array): string {
  if (api === null) throw new Error('loadXxh64 was not awaited');
  return api.h64Raw(bytes).toString(16).padStart(16, '0');
}

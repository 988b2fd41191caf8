/** XXH64 with seed 0 as 16 hex digits, for digests of lines, words and blocks. */

import xxhash, { type XXHashAPI } from 'xxhash-wasm';

let api: XXHashAPI | null = null;

/** Has to be awaited once before `xxh64Hex`. */
export async function loadXxh64(): Promise<void> {
  api ??= await xxhash();
}

const scratch = Buffer.allocUnsafeSlow(4096);

/** Of text whose characters are bytes. */
export function xxh64OfText(text: string): string {
  if (text.length > scratch.length) return xxh64Hex(Buffer.from(text, 'latin1'));
  return xxh64Hex(scratch.subarray(0, scratch.write(text, 0, 'latin1')));
}

/** At most a few MiB: the wasm memory grows to the size of the buffer and stays. */
export function xxh64Hex(bytes: Uint8Array): string {
  if (api === null) throw new Error('loadXxh64 was not awaited');
  return api.h64Raw(bytes).toString(16).padStart(16, '0');
}

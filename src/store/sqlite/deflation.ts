/** How rows are deflated. */

import type { ZlibOptions } from 'node:zlib';

/** Half the time of the default for a tenth more bytes. */
const LEVEL = 3;

/**
 * Settings for so many bytes. By default zlib sets up and clears tables for a window of 32 KiB, which for the few hundred bytes of
 * most rows costs ten times what deflating them does.
 */
export function deflation(bytes: number): ZlibOptions {
  const windowBits = Math.max(9, Math.min(15, Math.ceil(Math.log2(bytes + 1))));
  return { level: LEVEL, windowBits, memLevel: Math.max(1, windowBits - 7) };
}

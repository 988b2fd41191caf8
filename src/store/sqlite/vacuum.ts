/** Gives bytes back to the file system after builds were removed. */

import { openWriter } from './connection.js';

/** Below this size the whole file is written anew in a fraction of a second, whatever that gains. */
const SMALL_PAGES = 16_384;

/** The removal stands whether or not this succeeds: free pages are used again by the next build. */
export function vacuum(location: string): void {
  try {
    const connection = openWriter(location);
    try {
      const count = (pragma: string): number =>
        connection.pragma(pragma, { simple: true }) as number;
      const pages = count('page_count');
      const isWorthIt = count('freelist_count') * 10 > pages;
      if (pages < SMALL_PAGES || isWorthIt) connection.exec('VACUUM');
    } finally {
      connection.close();
    }
  } catch {
    // Another writer is at work, or there is no room for a second copy.
  }
}

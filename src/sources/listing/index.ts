/**
 * Lists of files that other tools write: `mtree:` (mtree, bsdtar, go-mtree), `aide:` (databases of AIDE), `composefs-dump:`, and
 * `sha256sums:`. They say what they were told to say; the rest is not compared.
 */

import { constants, gunzipSync } from 'node:zlib';

import { aideReader } from '../../formats/aide-database.js';
import { composefsDumpReader } from '../../formats/composefs-dump.js';
import { mtreeReader } from '../../formats/mtree.js';
import { sha256sumsReader } from '../../formats/sha256sums.js';
import { headOf } from '../archive/head-of.js';
import { defineSource, type Source } from '../define.js';
import { openListing, type ListingKind } from './open-listing.js';

export const mtree = listing(
  /^(?:#mtree\b|(?:#.*\n|\s*\n)*(?:\/set\s|\.\s+(?:\S+\s+)*(?:type=dir|\\\n)))/,
  {
    id: 'mtree',
    mediaType: 'text/x-mtree',
    reader: mtreeReader,
  },
);

export const aide = listing(/^(?:#.*\n)*@@begin_db\b/, {
  id: 'aide',
  mediaType: 'text/x-aide-database',
  reader: aideReader,
});

export const composefsDump = listing(/^\/ \d+ [0-7]+ \d+ \d+ \d+ \d+ -?\d+\.\d+ \S+ \S+ \S+/, {
  id: 'composefs-dump',
  mediaType: 'text/x-composefs-dump',
  reader: composefsDumpReader,
  habits: { zeroTimes: true },
});

export const sha256sums = listing(
  /^(?:#.*\n)*\\?(?:[0-9a-f]{64} [ *].|SHA(?:2-)?256 ?\(.+\) ?= [0-9a-f]{64})/,
  {
    id: 'sha256sums',
    mediaType: 'text/x-sha256sums',
    reader: (head) => sha256sumsReader({ escapes: !isZeroEnded(head) }),
    endsIn: (head) => (isZeroEnded(head) ? '\0' : '\n'),
    habits: { repeats: true },
    lists: 'contents',
  },
);

/** `begin`: what a list of this kind begins with. */
function listing(begin: RegExp, kind: ListingKind): Source {
  return defineSource({
    id: kind.id,
    claims: (location) => begin.test(textHead(location)),
    open: (location) => openListing(location, kind),
  });
}

/** Of `sha256sum --zero`. */
function isZeroEnded(head: Uint8Array): boolean {
  return head.includes(0);
}

/** The first characters; of what gzip compressed, as AIDE does, too. */
function textHead(location: string): string {
  const head = headOf(location);
  if (head[0] !== 0x1f || head[1] !== 0x8b) return Buffer.from(head).toString('latin1');
  try {
    return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH }).toString('latin1');
  } catch {
    return '';
  }
}

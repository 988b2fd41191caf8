/** Digests of RPM headers, as packages bring them and databases keep them (rpm, lib/package.c and lib/header.c). */

import { createHash } from 'node:crypto';

import type { RpmHeader } from './rpm-header.js';

const MAGIC = Buffer.from('8eade80100000000', 'hex');
const COUNTS_BYTES = 8;
const ENTRY_BYTES = 16;

/** Algorithms by the names of the tags that hold such digests as hex. */
const ALGORITHMS: Readonly<Record<string, string>> = {
  SHA1HEADER: 'sha1',
  SHA256HEADER: 'sha256',
  SHA3_256HEADER: 'sha3-256',
};

/** What such a tag has to say of the header; null for any other tag. Values that were added later are not covered. */
export function rpmHeaderDigest({ blob, entries }: RpmHeader, tag: string): string | null {
  const algorithm = ALGORITHMS[tag];
  if (algorithm === undefined) return null;
  const count = blob.readUInt32BE(0);
  const dataStart = COUNTS_BYTES + count * ENTRY_BYTES;
  const spanned = count - entries.filter(({ dribble }) => dribble).length;
  const hash = createHash(algorithm).update(MAGIC);
  if (spanned === count) return hash.update(blob).digest('hex');
  // The first entry is the region: its data, 16 bytes, are the last ones that it spans.
  const dataBytes = blob.readUInt32BE(COUNTS_BYTES + 8) + ENTRY_BYTES;
  const counts = Buffer.alloc(COUNTS_BYTES);
  counts.writeUInt32BE(spanned, 0);
  counts.writeUInt32BE(dataBytes, 4);
  return hash
    .update(counts)
    .update(blob.subarray(COUNTS_BYTES, COUNTS_BYTES + spanned * ENTRY_BYTES))
    .update(blob.subarray(dataStart, dataStart + dataBytes))
    .digest('hex');
}

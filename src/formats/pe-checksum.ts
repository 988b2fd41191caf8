/** What is computed over a PE image: its checksum, and which bytes an Authenticode signature covers. */

import type { RandomAccess } from '../core/random-access.js';
import type { Pe } from './pe.js';
import type { Extent } from './regions.js';

/** The value that `CheckSum` should have (many tools leave it 0); reads the whole file piece by piece. */
export function peChecksum(input: RandomAccess, pe: Pe): number {
  const field = pe.optional?.fields.checkSum;
  let sum = 0;
  for (let at = 0; at < input.size; at += PIECE) {
    // A copy: the field counts as zero, and the last byte may need a companion.
    const bytes = input.read(at, PIECE);
    const words = new Uint8Array(bytes.length + (bytes.length % 2));
    words.set(bytes);
    if (field !== undefined)
      for (let i = field.offset - at; i < field.offset - at + field.length; i++)
        if (i >= 0 && i < words.length) words[i] = 0;
    sum = fold(sum + sumOf16(words));
  }
  return (sum + input.size) >>> 0;
}

/** All but the checksum, the entry of the security directory and the certificate table ("Windows Authenticode PE"). */
export function authenticodeExtents(pe: Pe): readonly Extent[] {
  const security = pe.directories.find(({ name }) => name === 'security');
  const holes: readonly Extent[] = [
    ...(pe.optional === null ? [] : [pe.optional.fields.checkSum]),
    ...(security === undefined ? [] : [{ offset: security.address.offset, length: 8 }]),
    ...(pe.certificateTable === null ? [] : [pe.certificateTable]),
  ];
  const extents: Extent[] = [];
  let from = 0;
  for (const { offset, length } of holes.toSorted((a, b) => a.offset - b.offset)) {
    if (offset > from) extents.push({ offset: from, length: offset - from });
    from = Math.max(from, offset + length);
  }
  if (from < pe.size) extents.push({ offset: from, length: pe.size - from });
  return extents;
}

/** Sum of little-endian words, exact: 128 Ki of them stay far below 2^53. */
function sumOf16(words: Uint8Array): number {
  let even = 0;
  let odd = 0;
  for (let i = 0; i < words.length; i += 2) {
    even += words[i]!;
    odd += words[i + 1]!;
  }
  return even + 256 * odd;
}

/** Carries added back in until 16 bits are left. */
function fold(sum: number): number {
  let rest = sum;
  while (rest > 0xffff) rest = (rest % 0x10000) + Math.floor(rest / 0x10000);
  return rest;
}

/** Even, so that words do not straddle two pieces. */
const PIECE = 1 << 18;

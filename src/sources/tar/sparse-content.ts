/** Content of sparse files: stored regions with the holes between them. */

import type { TarSparse } from '../../formats/tar-sparse.js';
import type { ChunkHasher } from '../archive/hash-content.js';

/** Takes the stored regions one after another and puts the holes between them. */
export function sparseWriter(sparse: TarSparse, content: ChunkHasher): (bytes: Uint8Array) => void {
  let region = 0;
  let inRegion = 0;
  let written = 0;
  return (bytes) => {
    let rest = bytes;
    while (rest.length > 0 && region < sparse.regions.length) {
      const { offset, length } = sparse.regions[region]!;
      if (inRegion === 0 && offset > written) {
        zeros(offset - written, content);
        written = offset;
      }
      const part = rest.subarray(0, length - inRegion);
      content.update(part);
      written += part.length;
      inRegion += part.length;
      rest = rest.subarray(part.length);
      if (inRegion === length) [region, inRegion] = [region + 1, 0];
    }
  };
}

/** The hole behind the last region. */
export function fillUp({ regions, realSize }: TarSparse, content: ChunkHasher): void {
  const end = regions.reduce(
    (most, { offset, length }) => (length > 0 ? offset + length : most),
    0,
  );
  zeros(realSize - end, content);
}

const ZEROS = new Uint8Array(1024 * 1024);
/** Holes are hashed as zeros, a MiB at a time: this many bytes take some minutes. */
const MOST_HOLES = 2 ** 42;

function zeros(count: number, content: ChunkHasher): void {
  for (let left = Math.min(count, MOST_HOLES); left > 0; left -= ZEROS.length)
    content.update(left < ZEROS.length ? ZEROS.subarray(0, left) : ZEROS);
}

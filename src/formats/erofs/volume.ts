/** An EROFS image that is read at places: its superblock, and numbers and bytes with their bounds checked. */

import { FormatError } from '../../core/errors.js';
import type { RandomAccess } from '../../core/random-access.js';
import { UnsupportedError } from '../codec/codec.js';
import { PagedBytes } from '../paged-bytes.js';
import { KNOWN_INCOMPAT, readErofs, type ErofsImage } from './superblock.js';

export const EROFS = 'erofs';

export interface ErofsVolume {
  readonly superblock: ErofsImage;
  /** For metadata: small structures, read page by page. */
  readonly metadata: PagedBytes;
  /** `length` bytes of data from `at` on; throws `FormatError` where they are not all there. Not to be kept: it may be a window. */
  data(at: number, length: number): Uint8Array;
}

/** Throws `FormatError`; `UnsupportedError` for features that change where things lie. */
export function openErofs(image: RandomAccess): ErofsVolume {
  const superblock = readErofs(image);
  const [problem] = superblock.account.problems.filter(({ offset }) => offset === BLOCK_BITS_AT);
  if (problem !== undefined) throw new FormatError(EROFS, problem.offset, problem.detail);
  const unknown = superblock.featureIncompat & ~KNOWN_INCOMPAT;
  if (unknown !== 0)
    throw new UnsupportedError(
      EROFS,
      FEATURES_AT,
      `expected known features, found 0x${(unknown >>> 0).toString(16)} in feature_incompat`,
    );
  if (superblock.directoryBlockSize > MAX_DIRECTORY_BLOCK)
    throw new FormatError(EROFS, 1024 + 90, `directory blocks of ${superblock.directoryBlockSize}`);
  return { superblock, metadata: new PagedBytes(image, true, EROFS), data: dataReader(image) };
}

const BLOCK_BITS_AT = 1024 + 12;
const FEATURES_AT = 1024 + 80;
const MAX_DIRECTORY_BLOCK = 65_536;
const JUMP_BYTES = 32 * 1024;
const AHEAD_BYTES = 256 * 1024;

/** Data of one file lies behind that of another: what follows is read along. */
function dataReader(image: RandomAccess): ErofsVolume['data'] {
  let start = 0;
  let window: Uint8Array = new Uint8Array(0);
  let expected = -1;
  return (at, length) => {
    if (!(at >= 0 && length >= 0 && at + length <= image.size))
      throw new FormatError(
        EROFS,
        Math.min(Math.max(0, at), image.size),
        `expected ${length} bytes from ${at} on, the image has ${image.size}`,
      );
    if (at < start || at + length > start + window.length) {
      const ahead = at === expected ? AHEAD_BYTES : JUMP_BYTES;
      window = image.read(at, Math.min(Math.max(length, ahead), image.size - at));
      start = at;
      if (window.length < length) throw new FormatError(EROFS, at, 'the image ends early');
    }
    expected = start + window.length;
    return window.subarray(at - start, at - start + length);
  };
}

/** What every byte of a SQLite write-ahead log is for (sqlite.org/fileformat2.html 4.1). */

import { WAL_FRAME_HEADER_BYTES, WAL_HEADER_BYTES, type WalIndex } from './sqlite-wal.js';

export interface WalRegion {
  readonly kind:
    | 'wal-header'
    | 'frame-header'
    /** Content that readers see. */
    | 'page'
    /** Content that a later frame replaced. */
    | 'replaced-page'
    /** Content behind the last commit. */
    | 'uncommitted-page'
    /** Frames of an earlier life, a cut frame, a log whose header is damaged. */
    | 'stale';
  readonly offset: number;
  readonly length: number;
  /** Number of the page that a frame is about; 0 elsewhere. */
  readonly page: number;
}

/** The regions of a log of `size` bytes, in order and without holes. */
export function* walRegions(index: WalIndex | null, size: number): Generator<WalRegion> {
  if (index !== null) {
    yield { kind: 'wal-header', offset: 0, length: WAL_HEADER_BYTES, page: 0 };
    for (const [i, { offset, page }] of index.frames.entries()) {
      const content = offset + WAL_FRAME_HEADER_BYTES;
      const current = index.pages.get(page) === content;
      const kind = i >= index.committed ? 'uncommitted-page' : current ? 'page' : 'replaced-page';
      yield { kind: 'frame-header', offset, length: WAL_FRAME_HEADER_BYTES, page };
      yield { kind, offset: content, length: index.pageSize, page };
    }
  }
  const end = index?.end ?? 0;
  if (end < size) yield { kind: 'stale', offset: end, length: size - end, page: 0 };
}

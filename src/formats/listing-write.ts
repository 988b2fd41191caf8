/** Writing lists of files for other tools: what the writers of each kind have in common. */

import type { CaptureSet } from '../core/capture.js';
import { isKnown } from '../core/coverage.js';
import type { Entry } from '../core/entry.js';
import type { TreePath } from '../core/path.js';

/** One line per entry, parents before what they hold. */
export interface ListingWriter {
  /** What comes before all entries; latin1, as all texts here. */
  readonly head: string;
  /** Empty for an entry that such a list does not have. */
  line(path: TreePath, entry: WrittenEntry): string;
  readonly tail: string;
}

export type WrittenEntry = Omit<Entry, 'name'>;

/** What a tree has of an entry and a list may say of it: null for what was not captured. */
export interface Writable {
  readonly mode: number | null;
  readonly owner: { readonly uid: number; readonly gid: number } | null;
  /** Of a regular file. */
  readonly size: number | null;
  readonly mtimeNs: bigint | null;
  readonly target: string | null;
  readonly rdev: Entry['rdev'];
  readonly sha256: Uint8Array | null;
}

const SECOND = 1_000_000_000n;

/** Of what was not wholly seen only what its inode says; of what changed meanwhile, or is a mount point, nothing. */
export function writable(capture: CaptureSet, entry: WrittenEntry): Writable {
  const { coverage, type } = entry;
  const isStable = coverage === 'full' || coverage === 'unreadable';
  const isWhole = coverage === 'full';
  return {
    mode: isStable && isKnown(entry, 'mode') ? entry.mode : null,
    owner:
      isStable && capture.ownership && isKnown(entry, 'owner')
        ? { uid: entry.uid, gid: entry.gid }
        : null,
    size: isWhole && type === 'file' && isKnown(entry, 'size') ? entry.size : null,
    mtimeNs: isStable && capture.mtime && isKnown(entry, 'mtime') ? timeOf(capture, entry) : null,
    target: isWhole && type === 'symlink' && isKnown(entry, 'target') ? entry.target : null,
    rdev: isStable && isKnown(entry, 'target') ? entry.rdev : null,
    sha256: isWhole ? entry.sha256 : null,
  };
}

/** Lists have nanoseconds or seconds: steps in between are seconds, larger ones are left out. */
function timeOf({ mtimeResolution = 1 }: CaptureSet, { mtimeNs }: WrittenEntry): bigint | null {
  if (mtimeResolution > 1e9) return null;
  return mtimeResolution === 1 ? mtimeNs : wholeSeconds(mtimeNs) * SECOND;
}

/** Rounded down. */
export function wholeSeconds(ns: bigint): bigint {
  return (ns - nanoseconds(ns)) / SECOND;
}

/** What is beyond the whole seconds, not negative. */
export function nanoseconds(ns: bigint): bigint {
  return ((ns % SECOND) + SECOND) % SECOND;
}

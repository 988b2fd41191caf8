/** What a snapshot promises to have looked at. A diff says "not compared" for what either side did not promise. */

import type { Omittable } from './entry.js';
import type { TreePath } from './path.js';

export type DigestAlgorithm = 'xxh64' | 'sha256';

/**
 * `all` namespaces; `unprivileged`: without `trusted.*`, which the kernel hides; `capabilities`: `security.capability` is
 * the only one that the format has; `not-carried`: the format has none; `none`: not examined.
 */
export type XattrCapture = 'all' | 'unprivileged' | 'capabilities' | 'not-carried' | 'none';

export interface Exclusion {
  /** Glob relative to the root; `*` stops at `/`, `**` does not. */
  readonly pattern: string;
  readonly reason: string;
}

/** An attribute that is not recorded of all entries that have it, in a manifest of another tool. */
export interface Omission {
  readonly attribute: Omittable;
  /** How many entries lack it, and whether none has it. */
  readonly entries: number;
  readonly isAll: boolean;
}

export interface CaptureSet {
  readonly version: 1;
  readonly digests: readonly DigestAlgorithm[];
  readonly xattrs: XattrCapture;
  readonly mtime: boolean;
  /**
   * Steps in which times are recorded, in nanoseconds, rounded down: 1e9 where a format has whole seconds, 2e9 for the times
   * of DOS. Absent: 1.
   */
  readonly mtimeResolution?: number;
  readonly ownership: boolean;
  readonly hardLinks: boolean;
  readonly exclusions: readonly Exclusion[];
  /** Where other file systems were mounted: listed, not entered. */
  readonly mountPoints: readonly TreePath[];
  /** Attributes beyond the words above; absent: none. Directories that are not listed do not count here. */
  readonly omissions?: readonly Omission[];
  /** Directories that nothing is known of but that something lies in them; absent: none. */
  readonly unlistedDirectories?: number;
  /** `contents`: only what can be read as a file is listed, under whatever name leads there. Absent: all. */
  readonly lists?: 'contents';
  /** Digests that the source has of contents and that nothing compares, such as `md5`; absent: none. */
  readonly otherDigests?: readonly string[];
}

/** Whether every entry has all that the words say: such trees can be written in formats that leave nothing out. */
export function isWhole(capture: CaptureSet): boolean {
  const { omissions = [], unlistedDirectories = 0, lists } = capture;
  return omissions.length === 0 && unlistedDirectories === 0 && lists === undefined;
}

/**
 * The part of a capture set that digests are bound to: equal digests mean equal trees only under equal words. The resolution
 * of times is no part of it: content digests are without times, and equal full digests mean equal times as recorded.
 */
export function captureWord(capture: CaptureSet): string {
  return [
    `v${capture.version}`,
    capture.digests.join('+'),
    `xattrs=${capture.xattrs}`,
    `mtime=${capture.mtime ? 1 : 0}`,
    `owner=${capture.ownership ? 1 : 0}`,
    `links=${capture.hardLinks ? 1 : 0}`,
  ].join(' ');
}

/** What two capture sets have in common, and what is therefore not compared. */

import {
  captureWord,
  type CaptureSet,
  type DigestAlgorithm,
  type Exclusion,
  type XattrCapture,
} from '../core/capture.js';
import type { TreePath } from '../core/path.js';
import type { NotCompared, Uncompared } from '../core/report.js';
import { compileGlob } from '../util/glob.js';

export type Side = 'before' | 'after';

export interface Comparison {
  /** Digests of both sides were taken over the same things and may be compared. */
  readonly digestsAgree: boolean;
  /** The strongest that both sides have. */
  readonly contentBy: DigestAlgorithm | null;
  readonly xattrs: XattrCapture;
  readonly mtime: boolean;
  /** Times are compared in these steps, rounded down: the coarser of both sides, in nanoseconds. */
  readonly mtimeStepNs: bigint;
  readonly ownership: boolean;
  readonly hardLinks: boolean;
  /** Whether this side was told to leave the path out. */
  isExcluded(path: TreePath, side: Side): boolean;
  /** What was declared beforehand: missing attributes, exclusions, mount points. */
  readonly notCompared: readonly NotCompared[];
}

export function comparisonOf(before: CaptureSet, after: CaptureSet): Comparison {
  const has = (algorithm: DigestAlgorithm): boolean =>
    before.digests.includes(algorithm) && after.digests.includes(algorithm);
  const excludedBefore = matcherOf(before.exclusions);
  const excludedAfter = matcherOf(after.exclusions);
  return {
    digestsAgree: captureWord(before) === captureWord(after),
    contentBy: has('sha256') ? 'sha256' : has('xxh64') ? 'xxh64' : null,
    xattrs: commonXattrs(before.xattrs, after.xattrs),
    mtime: before.mtime && after.mtime,
    mtimeStepNs: BigInt(
      Math.trunc(Math.max(before.mtimeResolution ?? 1, after.mtimeResolution ?? 1, 1)),
    ),
    ownership: before.ownership && after.ownership,
    hardLinks: before.hardLinks && after.hardLinks,
    isExcluded: (path, side) => (side === 'before' ? excludedBefore(path) : excludedAfter(path)),
    notCompared: [
      ...missingAttributes(before, after),
      ...missingExclusions(before, after),
      ...missingMounts(before, after),
    ],
  };
}

/** From the least that is seen to the most; each sees what those before it see. */
const XATTRS_SEEN = ['none', 'not-carried', 'capabilities', 'unprivileged', 'all'] as const;

function commonXattrs(before: XattrCapture, after: XattrCapture): XattrCapture {
  return XATTRS_SEEN[Math.min(XATTRS_SEEN.indexOf(before), XATTRS_SEEN.indexOf(after))]!;
}

function matcherOf(exclusions: readonly Exclusion[]): (path: TreePath) => boolean {
  const matchers = exclusions.map(({ pattern }) => matcherOfPattern(pattern));
  return (path) => matchers.some((matches) => matches(path));
}

/** A pattern that is not well formed was never applied by a scan: it comes with a store that others wrote. */
function matcherOfPattern(pattern: string): (path: string) => boolean {
  try {
    return compileGlob(pattern);
  } catch (error) {
    if (error instanceof RangeError) return () => false;
    throw error;
  }
}

function missingAttributes(before: CaptureSet, after: CaptureSet): NotCompared[] {
  const missing: NotCompared[] = [];
  const add = (
    what: Uncompared,
    reason: string,
    side: NotCompared['side'],
    declared = true,
  ): void => void missing.push({ path: null, pattern: null, side, what, reason, declared });
  const note = (
    what: Uncompared,
    reason: string,
    lacks: (capture: CaptureSet) => boolean,
  ): void => {
    if (lacks(before) || lacks(after)) add(what, reason, sideOf(lacks(before), lacks(after)));
  };
  const common = before.digests.some((digest) => after.digests.includes(digest));
  // Each side said what it would record, but nobody declared that contents would not be compared at all.
  if (!common) add('content', 'no digest is recorded on both sides', 'both', false);
  note('xattr', 'xattrs are not recorded', ({ xattrs }) => xattrs === 'none');
  note('xattr', 'the format carries no xattrs', ({ xattrs }) => xattrs === 'not-carried');
  note(
    'xattr',
    'the format carries no xattrs but file capabilities',
    ({ xattrs }) => xattrs === 'capabilities',
  );
  note(
    'xattr:trusted',
    'recorded without the privilege to see trusted.* xattrs',
    ({ xattrs }) => xattrs === 'unprivileged',
  );
  note('mtime', 'modification times are not recorded', ({ mtime }) => !mtime);
  if (before.mtime && after.mtime) missing.push(...missingFractions(before, after));
  note('owner', 'owners are not recorded', ({ ownership }) => !ownership);
  note('links', 'hard links are not recorded', ({ hardLinks }) => !hardLinks);
  return missing;
}

/** Where times of one side have larger steps; when both have the same, nothing is left out that either recorded. */
function missingFractions(before: CaptureSet, after: CaptureSet): NotCompared[] {
  const [old, now] = [before.mtimeResolution ?? 1, after.mtimeResolution ?? 1];
  if (old === now) return [];
  return [
    {
      path: null,
      pattern: null,
      side: old > now ? 'before' : 'after',
      what: 'mtime:fraction',
      reason: `times are recorded in steps of ${stepText(Math.max(old, now))}, and compared in these`,
      declared: true,
    },
  ];
}

function stepText(ns: number): string {
  const units = [
    [1e9, 's'],
    [1e6, 'ms'],
    [1e3, 'µs'],
    [1, 'ns'],
  ] as const;
  const [size, unit] = units.find(([size]) => ns >= size) ?? units[3];
  return `${ns / size} ${unit}`;
}

function missingExclusions(before: CaptureSet, after: CaptureSet): NotCompared[] {
  const key = ({ pattern, reason }: Exclusion): string => JSON.stringify([pattern, reason]);
  const inBefore = new Set(before.exclusions.map(key));
  const inAfter = new Set(after.exclusions.map(key));
  const all = new Map([...before.exclusions, ...after.exclusions].map((each) => [key(each), each]));
  return [...all].map(([id, { pattern, reason }]) => ({
    path: null,
    pattern,
    side: sideOf(inBefore.has(id), inAfter.has(id)),
    what: 'everything',
    reason: `excluded: ${reason}`,
    declared: true,
  }));
}

function missingMounts(before: CaptureSet, after: CaptureSet): NotCompared[] {
  const inBefore = new Set(before.mountPoints);
  const inAfter = new Set(after.mountPoints);
  return [...new Set([...inBefore, ...inAfter])].map((path) => ({
    path,
    pattern: null,
    side: sideOf(inBefore.has(path), inAfter.has(path)),
    what: 'everything',
    reason: 'another file system was mounted here',
    declared: true,
  }));
}

function sideOf(before: boolean, after: boolean): 'before' | 'after' | 'both' {
  return before ? (after ? 'both' : 'before') : 'after';
}

/** What two capture sets have in common, and what is therefore not compared. */

import {
  captureWord,
  type CaptureSet,
  type DigestAlgorithm,
  type Exclusion,
  type Omission,
  type XattrCapture,
} from '../core/capture.js';
import { OMITTABLE, type Omittable } from '../core/entry.js';
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
  /** Sides that list contents alone: of what is not read as a file they say nothing. */
  readonly listsContents: readonly Side[];
  /** Attributes that some entries of a side lack, and others have. */
  readonly patchy: readonly Omittable[];
  /** Whether this side was told to leave the path out. */
  isExcluded(path: TreePath, side: Side): boolean;
  /** What was declared beforehand: missing attributes, exclusions, mount points. */
  readonly notCompared: readonly NotCompared[];
}

/** `isSemantic`: times are set aside, as the user wished. */
export function comparisonOf(
  before: CaptureSet,
  after: CaptureSet,
  isSemantic = false,
): Comparison {
  const has = (algorithm: DigestAlgorithm): boolean =>
    before.digests.includes(algorithm) && after.digests.includes(algorithm);
  const excludedBefore = matcherOf(before.exclusions);
  const excludedAfter = matcherOf(after.exclusions);
  return {
    digestsAgree: captureWord(before) === captureWord(after),
    contentBy: has('sha256') ? 'sha256' : has('xxh64') ? 'xxh64' : null,
    xattrs: commonXattrs(before.xattrs, after.xattrs),
    mtime: before.mtime && after.mtime && !isSemantic,
    mtimeStepNs: BigInt(
      Math.trunc(Math.max(before.mtimeResolution ?? 1, after.mtimeResolution ?? 1, 1)),
    ),
    ownership: before.ownership && after.ownership,
    hardLinks: before.hardLinks && after.hardLinks,
    listsContents: [
      ...(before.lists === 'contents' ? ['before' as const] : []),
      ...(after.lists === 'contents' ? ['after' as const] : []),
    ],
    patchy: [before, after].flatMap(({ omissions = [] }) =>
      omissions.flatMap(({ attribute, isAll }) => (isAll ? [] : [attribute])),
    ),
    isExcluded: (path, side) => (side === 'before' ? excludedBefore(path) : excludedAfter(path)),
    notCompared: [
      ...missingAttributes(before, after),
      ...(isSemantic ? SET_ASIDE : []),
      ...missingExclusions(before, after),
      ...missingMounts(before, after),
    ],
  };
}

const SET_ASIDE: readonly NotCompared[] = [
  {
    path: null,
    pattern: null,
    side: 'both',
    what: 'mtime',
    reason: 'modification times are set aside by --semantic',
    declared: true,
  },
];

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
  if (!common) add('content', noCommonDigest(before, after), 'both', false);
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
  note(
    'existence',
    'lists contents: nothing is known of directories, symbolic links and special files',
    ({ lists }) => lists === 'contents',
  );
  for (const attribute of OMITTABLE) missing.push(...omitted(attribute, before, after));
  missing.push(...unlisted(before, 'before'), ...unlisted(after, 'after'));
  return missing;
}

function noCommonDigest(before: CaptureSet, after: CaptureSet): string {
  const others = [...new Set([before, after].flatMap(({ otherDigests = [] }) => otherDigests))];
  const reason = 'no digest is recorded on both sides';
  return others.length === 0 ? reason : `${reason}; not used: ${others.join(', ')}`;
}

/** What a manifest has of no entry was to be expected; what it has of some is a gap. */
function omitted(attribute: Omittable, before: CaptureSet, after: CaptureSet): NotCompared[] {
  const of = ({ omissions = [] }: CaptureSet): Omission | undefined =>
    omissions.find((omission) => omission.attribute === attribute);
  return [[of(before), 'before' as const] as const, [of(after), 'after' as const] as const].flatMap(
    ([omission, side]): NotCompared[] => {
      if (omission === undefined) return [];
      const { isAll, entries } = omission;
      const reason = isAll
        ? `${OMITTED_TEXT[attribute]} are not recorded`
        : `${OMITTED_TEXT[attribute]} are not recorded of ${entries} ${entries === 1 ? 'entry' : 'entries'}`;
      return [{ path: null, pattern: null, side, what: attribute, reason, declared: isAll }];
    },
  );
}

const OMITTED_TEXT: Readonly<Record<Omittable, string>> = {
  mode: 'modes',
  owner: 'owners',
  size: 'sizes',
  mtime: 'modification times',
  target: 'link targets or device numbers',
};

function unlisted({ unlistedDirectories = 0 }: CaptureSet, side: Side): NotCompared[] {
  if (unlistedDirectories === 0) return [];
  const reason = `${unlistedDirectories} ${unlistedDirectories === 1 ? 'directory is' : 'directories are'} not listed: only what lies in them`;
  return [{ path: null, pattern: null, side, what: 'everything', reason, declared: true }];
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

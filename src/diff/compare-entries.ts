/** What differs between two entries of one path, attribute by attribute. Link sets are compared elsewhere, as sets. */

import { isKnown } from '../core/coverage.js';
import type { Entry, Omittable, Xattr } from '../core/entry.js';
import type { Attribute, AttributeChange } from '../core/report.js';
import type { Comparison } from './comparison.js';

type Rules = Pick<Comparison, 'contentBy' | 'xattrs' | 'mtime' | 'mtimeStepNs' | 'ownership'>;

/**
 * Empty when nothing differs; allocates nothing then. `partly`: one side was not wholly seen, so that only what
 * `lstat` tells is compared and not content, size, target or xattrs.
 */
export function compareEntries(
  before: Entry,
  after: Entry,
  rules: Rules,
  partly: boolean,
): readonly AttributeChange[] {
  if (before.unknown !== undefined || after.unknown !== undefined)
    return compareKnown(before, after, rules, partly);
  return compareAll(before, after, rules, partly);
}

function compareAll(
  before: Entry,
  after: Entry,
  rules: Rules,
  partly: boolean,
): readonly AttributeChange[] {
  if (seemEqual(before, after, rules, partly)) return NOTHING;
  const changes: AttributeChange[] = [];
  const note = (attribute: Attribute, old: string | null, now: string | null): void => {
    if (old !== now) changes.push({ attribute, name: null, before: old, after: now });
  };
  note('type', before.type, after.type);
  const isMount = before.coverage === 'mount-point' || after.coverage === 'mount-point';
  if (isMount) return changes;
  if (!partly) {
    if (!sameContent(before, after, rules.contentBy) || before.type !== after.type)
      note('content', digestText(before, rules.contentBy), digestText(after, rules.contentBy));
    note('size', sizeText(before), sizeText(after));
  }
  note('mode', modeText(before), modeText(after));
  if (rules.ownership) {
    note('uid', String(before.uid), String(after.uid));
    note('gid', String(before.gid), String(after.gid));
  }
  if (rules.mtime && !sameTime(before, after, rules)) noteMtime(before, after, changes);
  if (!partly) note('target', before.target, after.target);
  note('rdev', rdevText(before), rdevText(after));
  if (!partly && seesXattrs(rules))
    changes.push(...xattrChanges(comparable(before, rules), comparable(after, rules)));
  return changes;
}

/** Leaves out what one of them does not know: both are given the same value there, and nothing is told of it. */
function compareKnown(
  before: Entry,
  after: Entry,
  rules: Rules,
  partly: boolean,
): readonly AttributeChange[] {
  const isUnknown = (attribute: Omittable): boolean =>
    !isKnown(before, attribute) || !isKnown(after, attribute);
  const known = (entry: Entry): Entry => ({
    ...entry,
    ...(isUnknown('mode') ? { mode: 0 } : {}),
    ...(isUnknown('owner') ? { uid: 0, gid: 0 } : {}),
    ...(isUnknown('size') ? { size: 0 } : {}),
    ...(isUnknown('mtime') ? { mtimeNs: 0n } : {}),
    ...(isUnknown('target') ? { target: null, rdev: null } : {}),
  });
  return compareAll(known(before), known(after), rules, partly).filter(
    ({ attribute }) => attribute !== 'size' || !isUnknown('size'),
  );
}

/** The difference in time alone, for directories whose contents are known to be equal. */
export function compareTimes(
  before: Entry,
  after: Entry,
  rules: Pick<Rules, 'mtimeStepNs'>,
): readonly AttributeChange[] {
  if (sameTime(before, after, rules) || before.coverage === 'mount-point') return NOTHING;
  const changes: AttributeChange[] = [];
  noteMtime(before, after, changes);
  return changes;
}

const NOTHING: readonly AttributeChange[] = [];

function noteMtime(before: Entry, after: Entry, changes: AttributeChange[]): void {
  changes.push({
    attribute: 'mtime',
    name: null,
    before: mtimeText(before.mtimeNs),
    after: mtimeText(after.mtimeNs),
  });
}

function seemEqual(before: Entry, after: Entry, rules: Rules, partly: boolean): boolean {
  return (
    before.type === after.type &&
    before.mode === after.mode &&
    (!rules.ownership || (before.uid === after.uid && before.gid === after.gid)) &&
    (!rules.mtime || sameTime(before, after, rules)) &&
    before.rdev?.major === after.rdev?.major &&
    before.rdev?.minor === after.rdev?.minor &&
    (partly ||
      (before.size === after.size &&
        before.target === after.target &&
        sameContent(before, after, rules.contentBy) &&
        (!seesXattrs(rules) || sameXattrs(comparable(before, rules), comparable(after, rules)))))
  );
}

function sameTime(
  { mtimeNs: a }: Entry,
  { mtimeNs: b }: Entry,
  { mtimeStepNs: step }: Pick<Rules, 'mtimeStepNs'>,
): boolean {
  return a === b || (step !== 1n && floorTo(a, step) === floorTo(b, step));
}

function floorTo(ns: bigint, step: bigint): bigint {
  const rest = ns % step;
  return ns - (rest < 0n ? rest + step : rest);
}

function seesXattrs({ xattrs }: Rules): boolean {
  return xattrs !== 'none' && xattrs !== 'not-carried';
}

function sameContent(before: Entry, after: Entry, by: Rules['contentBy']): boolean {
  return by === null || sameBytes(before[by], after[by]);
}

function sameBytes(a: Uint8Array | null, b: Uint8Array | null): boolean {
  if (a === null || b === null || a.length !== b.length) return a === b;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function sameXattrs(a: readonly Xattr[], b: readonly Xattr[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ name, value }, i) => name === b[i]!.name && value === b[i]!.value)
  );
}

function comparable({ xattrs }: Entry, rules: Rules): readonly Xattr[] {
  if (rules.xattrs === 'all' || xattrs.length === 0) return xattrs;
  return rules.xattrs === 'capabilities'
    ? xattrs.filter(({ name }) => name === 'security.capability')
    : xattrs.filter(({ name }) => !name.startsWith('trusted.'));
}

function xattrChanges(before: readonly Xattr[], after: readonly Xattr[]): AttributeChange[] {
  const old = new Map(before.map(({ name, value }) => [name, value]));
  const now = new Map(after.map(({ name, value }) => [name, value]));
  return [...new Set([...old.keys(), ...now.keys()])]
    .toSorted((a, b) => (a < b ? -1 : 1))
    .filter((name) => old.get(name) !== now.get(name))
    .map((name) => ({
      attribute: 'xattr',
      name,
      before: old.get(name) ?? null,
      after: now.get(name) ?? null,
    }));
}

function digestText(entry: Entry, by: Rules['contentBy']): string | null {
  const digest = by === null ? null : entry[by];
  return digest === null ? null : Buffer.from(digest).toString('hex');
}

function sizeText({ type, size }: Entry): string | null {
  return type === 'file' ? String(size) : null;
}

function modeText({ mode }: Entry): string {
  return mode.toString(8).padStart(4, '0');
}

function rdevText({ rdev }: Entry): string | null {
  return rdev === null ? null : `${rdev.major}:${rdev.minor}`;
}

/** RFC 3339 with nanoseconds, UTC. */
export function mtimeText(mtimeNs: bigint): string {
  const billion = 1_000_000_000n;
  const fraction = ((mtimeNs % billion) + billion) % billion;
  const seconds = (mtimeNs - fraction) / billion;
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  return `${whole}.${fraction.toString().padStart(9, '0')}Z`;
}

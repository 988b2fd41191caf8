/** What two builds recorded of themselves, made ready to hold values against. */

import type { BuildDescription } from '../../core/build.js';
import type { CauseId } from '../../core/explanation.js';
import { flatten } from '../flatten.js';
import { NO_WRITTEN_TIMES, type WrittenTimes } from './written-times.js';

export interface BuildPair {
  readonly before: BuildCircumstances;
  readonly after: BuildCircumstances;
  /** Those whose values differ, most telling first. */
  readonly circumstances: readonly Circumstance[];
  /** Packages by name whose versions differ, with all versions of either side. */
  readonly drifted: ReadonlyMap<string, Drift>;
  /** What the trees show beside what the builds recorded. */
  readonly written: WrittenTimes;
}

export interface BuildCircumstances {
  readonly description: BuildDescription;
  /** Seconds since 1970 in which this build can have taken the time, and the other cannot. */
  readonly window: Window;
  readonly epoch: number | null;
}

export interface Window {
  readonly from: number;
  readonly to: number;
}

/** Something recorded that has another value on either side. */
export interface Circumstance {
  /** As a witness names it: `facts.hostName`, `meta.version`. */
  readonly name: string;
  /** What a value is caused by that is equal to it. */
  readonly cause: CauseId;
  readonly before: string;
  readonly after: string;
}

export interface Drift {
  readonly manager: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** A build may have begun long before its tree was recorded. */
const LEAD_SECONDS = 24 * 3600;
/** Clocks of machines that share a file system are not quite equal. */
const GRACE_SECONDS = 60;

export function pairBuilds(before: BuildDescription, after: BuildDescription): BuildPair {
  return {
    before: circumstancesOf(before, after),
    after: circumstancesOf(after, before),
    circumstances: differingCircumstances(before, after),
    drifted: driftedPackages(before, after),
    written: NO_WRITTEN_TIMES,
  };
}

function circumstancesOf(own: BuildDescription, other: BuildDescription): BuildCircumstances {
  const seconds = (text: string): number => Date.parse(text) / 1000;
  const started = seconds(own.facts.startedAt);
  const otherEnd = seconds(other.facts.endedAt);
  const lead = started - LEAD_SECONDS;
  return {
    description: own,
    window: {
      // What follows the end of an earlier build cannot come from that build.
      from: otherEnd < started ? Math.max(lead, otherEnd) : lead,
      to: seconds(own.facts.endedAt) + GRACE_SECONDS,
    },
    epoch: own.facts.sourceDateEpoch,
  };
}

/** Facts that may be found in a file as they are; numbers are held against fields of their kind alone. */
const FACT_CAUSES = {
  hostName: 'id.host',
  cwd: 'path.build',
  source: 'path.build',
  tmpDir: 'path.build',
  kernel: 'plat.kernel',
  user: 'id.owner',
  cpuModel: 'plat.cpu',
  architecture: 'plat.cpu',
  bootId: 'rand.uuid',
  locale: 'loc.lang',
  timeZone: 'time.tz',
  fileSystem: 'plat.fs',
} as const satisfies Readonly<Record<string, CauseId>>;

const ENVIRONMENT_CAUSES: readonly (readonly [RegExp, CauseId])[] = [
  [/^(LANG|LANGUAGE|LC_.*)$/, 'loc.lang'],
  [/^TZ$/, 'time.tz'],
  [/^(C|CXX|CPP|LD|F|RUST)FLAGS$|^MAKEFLAGS$|^DEB_.*FLAGS/, 'build.flags'],
  [/(DIR|ROOT|PATH)$|^PWD$|^HOME$/, 'env.var'],
];

/** RFC 3339: the builder says when it built. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[-+]\d\d:\d\d)$/;

function differingCircumstances(a: BuildDescription, b: BuildDescription): Circumstance[] {
  const found: Circumstance[] = [];
  const note = (name: string, cause: CauseId, before: unknown, after: unknown): void => {
    if (typeof before !== 'string' || typeof after !== 'string') return;
    if (before === after || before === '' || after === '') return;
    found.push({ name, cause, before: latin1(before), after: latin1(after) });
  };
  for (const [name, cause] of Object.entries(FACT_CAUSES))
    note(
      `facts.${name}`,
      cause,
      a.facts[name as keyof typeof FACT_CAUSES],
      b.facts[name as keyof typeof FACT_CAUSES],
    );
  for (const [name, value] of Object.entries(a.facts.environment))
    note(
      `facts.environment.${name}`,
      ENVIRONMENT_CAUSES.find(([pattern]) => pattern.test(name))?.[1] ?? 'env.var',
      value,
      b.facts.environment[name],
    );
  for (const [name, value] of Object.entries(a.facts.tools))
    note(`facts.tools.${name}`, 'dep.version', value, b.facts.tools[name]);
  const meta = flatten(b.meta);
  for (const [name, value] of flatten(a.meta))
    note(`meta.${name}`, TIME.test(value) ? 'time.field' : 'env.var', value, meta.get(name));
  note('name', 'env.var', a.name, b.name);
  return found;
}

function latin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

function driftedPackages(a: BuildDescription, b: BuildDescription): ReadonlyMap<string, Drift> {
  const [old, now] = [versionsOf(a), versionsOf(b)];
  const drifted = new Map<string, Drift>();
  for (const [name, { manager, versions }] of old) {
    const after = now.get(name)?.versions ?? [];
    if (versions.join(' ') !== after.join(' '))
      drifted.set(name, { manager, before: versions, after });
  }
  for (const [name, { manager, versions }] of now)
    if (!old.has(name)) drifted.set(name, { manager, before: [], after: versions });
  return drifted;
}

function versionsOf({
  packages,
}: BuildDescription): ReadonlyMap<string, { manager: string; versions: readonly string[] }> {
  const found = new Map<string, { manager: string; versions: string[] }>();
  for (const { manager, name, version } of packages) {
    const known = found.get(name);
    if (known === undefined) found.set(name, { manager, versions: [version] });
    else if (!known.versions.includes(version)) known.versions.push(version);
  }
  for (const { versions } of found.values()) versions.sort();
  return found;
}

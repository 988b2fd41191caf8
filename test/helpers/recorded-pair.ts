/** Two directories recorded and compared as the commands do it, at times that the test sets. */

import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { diff } from '../../src/app/diff.js';
import type { Circumstances } from '../../src/app/build-facts.js';
import { openSource } from '../../src/app/open-location.js';
import type { Inspection } from '../../src/app/record.js';
import { snapshot } from '../../src/app/snapshot.js';
import type { Change, Report } from '../../src/core/report.js';
import { tempFolder } from './temp-tree.js';

/** When the two builds are recorded; what they made is an hour older. */
export const RECORDED = {
  before: '2026-01-10T12:00:00.000Z',
  after: '2026-02-10T12:00:00.000Z',
} as const;
/** Seconds since 1970, within the time of either build. */
export const MADE = {
  before: Date.parse(RECORDED.before) / 1000 - 3600,
  after: Date.parse(RECORDED.after) / 1000 - 3600,
} as const;

export interface PairOptions {
  readonly meta?: Readonly<Record<'before' | 'after', Readonly<Record<string, unknown>>>>;
}

/** Records both roots and compares the two builds. */
export async function recordedPair(
  t: TestContext,
  roots: Readonly<Record<'before' | 'after', string>>,
  { meta }: PairOptions = {},
): Promise<Report> {
  const storeLocation = join(tempFolder(t), 'builds.db');
  for (const side of ['before', 'after'] as const)
    await snapshot({
      source: openSource(roots[side]),
      root: roots[side],
      storeLocation,
      name: side,
      stream: 'test',
      replace: false,
      digests: ['xxh64', 'sha256'],
      exclusions: [],
      statCacheFile: null,
      meta: meta?.[side] ?? {},
      inspection: INSPECTION,
      circumstances: CIRCUMSTANCES,
      sourceDateEpoch: null,
      now: () => new Date(RECORDED[side]),
      signal: new AbortController().signal,
      onProgress: () => {},
    });
  return diff({
    words: ['before', 'after'],
    stream: null,
    storeLocation,
    exclusions: [],
    circumstances: () => CIRCUMSTANCES,
    sourceDateEpoch: null,
    inspection: INSPECTION,
    owners: [],
    now: () => new Date(RECORDED.after),
    signal: new AbortController().signal,
    onProgress: () => {},
  });
}

const INSPECTION: Inspection = {
  mode: 'auto',
  keepContentBytes: null,
  freshKey: () => new Uint8Array(32).fill(7),
  clock: () => performance.now(),
  onProgress: () => {},
};

const CIRCUMSTANCES: Circumstances = {
  hostName: 'builder',
  kernel: '6.1.0-13-amd64',
  architecture: 'x86_64',
  user: 'root',
  uid: 0,
  gid: 0,
  cwd: '/srv/compose',
  tmpDir: '/tmp',
  timeZone: 'UTC',
  locale: 'C.UTF-8',
  umask: 0o022,
  cpuCount: 2,
  cpuModel: 'cpu',
  bootId: null,
  tools: {},
  environment: {},
};

export interface ToldChange {
  readonly status: string | null;
  /** `cause confidence`, roots alone, each once, sorted; of a consequence `follows cause confidence`. */
  readonly causes: readonly string[];
  readonly owner: string | null;
  /** Rules of the remedies of its finding that name one. */
  readonly rules: readonly string[];
  readonly remedies: number;
}

/** What is told of a path. */
export function toldOf({ changes, findings }: Report, path: string): ToldChange {
  const change = changes.find((each) => each.path === path);
  if (change === undefined) throw new Error(`${path} did not change`);
  const { remedies } = findings.find(({ id }) => id === change.finding)!;
  return {
    status: change.explanation?.status ?? null,
    causes: causesOf(change),
    owner: ownerOf(change),
    rules: [...new Set(remedies.flatMap(({ rule }) => (rule === null ? [] : [rule])))].toSorted(),
    remedies: remedies.length,
  };
}

function causesOf({ explanation }: Change): readonly string[] {
  const counts = explanation?.counts ?? [];
  const roots = counts.filter(({ consequence }) => !consequence);
  const told = roots.length > 0 ? roots : counts;
  const prefix = roots.length > 0 ? '' : 'follows ';
  return [...new Set(told.map((each) => `${prefix}${each.cause} ${each.confidence}`))].toSorted();
}

function ownerOf({ owner }: Change): string | null {
  if (owner === null) return null;
  return owner.kind === 'recipe' ? owner.place : owner.name;
}

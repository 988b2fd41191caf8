/** The two builds of the sample report. All values are fixed. */

import { createHash } from 'node:crypto';

import type { BuildFacts } from '../../src/core/build.js';
import type { CaptureSet } from '../../src/core/capture.js';
import type { AppliedEdit } from '../../src/core/edit.js';
import { treePathFromText } from '../../src/core/path.js';
import type { ReportSide } from '../../src/core/report.js';

export const T0 = 1_767_322_445_000_000_000n; // 2026-01-02T02:54:05Z
export const DAY = 86_400_000_000_000n;

/** SHA-256 of the word: 32 bytes. */
export function digest(word: string): Uint8Array {
  return createHash('sha256').update(word).digest();
}

export function beforeSide(): ReportSide {
  return side('debian-12-nightly.41', T0, EDITS);
}

export function afterSide(): ReportSide {
  return side('debian-12-nightly.42', T0 + DAY, []);
}

function side(name: string, startedNs: bigint, edits: readonly AppliedEdit[]): ReportSide {
  const startedAt = new Date(Number(startedNs / 1_000_000n)).toISOString();
  const isFirst = edits.length > 0;
  return {
    name,
    stream: 'debian-12-x86_64',
    location: './repro-audit.db',
    facts: facts(startedAt, isFirst),
    meta: {
      'rpm-ostree-inputhash': '9c1d',
      'ostree-content-checksum': isFirst ? 'a1b2c3' : 'd4e5f6',
    },
    capture: CAPTURE,
    contentDigest: digest(`content ${name}`),
    fullDigest: digest(`full ${name}`),
    entryCount: isFirst ? 16_890 : 16_901,
    sizeBytes: isFirst ? 310_482_112 : 311_604_224,
    edits,
  };
}

function facts(startedAt: string, isFirst: boolean): BuildFacts {
  return {
    startedAt,
    endedAt: startedAt,
    sourceDateEpoch: 1_767_225_600,
    hostName: isFirst ? 'builder-3' : 'builder-7',
    kernel: isFirst ? '6.1.0-28-amd64' : '6.1.0-30-amd64',
    architecture: 'x64',
    user: 'root',
    uid: 0,
    gid: 0,
    cwd: '/build',
    tmpDir: '/tmp',
    timeZone: 'UTC',
    locale: 'C.UTF-8',
    umask: 0o22,
    cpuCount: isFirst ? 8 : 16,
    cpuModel: 'Some CPU @ 2.40GHz',
    bootId: null,
    fileSystem: 'ext4',
    tools: { 'repro-audit': '0.1.0', node: '20.20.2', sqlite: '3.53.2' },
    environment: isFirst ? { LANG: 'C.UTF-8', TZ: 'UTC' } : { TZ: 'UTC' },
    osRelease: { ID: 'debian', VERSION_ID: '12' },
    source: '/build/rootfs',
  };
}

const CAPTURE: CaptureSet = {
  version: 1,
  digests: ['xxh64', 'sha256'],
  xattrs: 'all',
  mtime: true,
  ownership: true,
  hardLinks: true,
  exclusions: [{ pattern: 'var/cache/**', reason: 'rebuilt on first boot' }],
  mountPoints: [treePathFromText('proc')],
};

const EDITS: readonly AppliedEdit[] = [
  {
    rule: 'machine-id',
    ruleVersion: 1,
    path: treePathFromText('etc/machine-id'),
    kind: 'truncate',
    reason: 'identifies one installation',
    secret: true,
    oldSize: 33,
    newSize: 0,
    oldDigest: null,
    newDigest: null,
    oldMtimeNs: null,
    newMtimeNs: null,
  },
  {
    rule: 'mtimes',
    ruleVersion: 1,
    path: treePathFromText('etc/ld.so.conf'),
    kind: 'set-mtime',
    reason: 'written during the build',
    secret: false,
    oldSize: null,
    newSize: null,
    oldDigest: null,
    newDigest: null,
    oldMtimeNs: T0,
    newMtimeNs: T0 - DAY,
  },
];

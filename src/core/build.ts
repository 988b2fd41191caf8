/** A build, the circumstances it was recorded in, and the artifacts it holds. */

import type { CaptureSet } from './capture.js';
import type { Diagnostic } from './diagnostic.js';
import type { AppliedEdit } from './edit.js';
import type { Entry } from './entry.js';

/** Circumstances that are known to leak into builds; each null where it could not be told. */
export interface BuildFacts {
  /** ISO 8601 with milliseconds, UTC: when the recording started and ended. */
  readonly startedAt: string;
  readonly endedAt: string;
  /** Seconds since 1970; null when SOURCE_DATE_EPOCH was not set. */
  readonly sourceDateEpoch: number | null;
  readonly hostName: string;
  readonly kernel: string;
  readonly architecture: string;
  readonly user: string;
  readonly uid: number;
  readonly gid: number;
  readonly cwd: string;
  readonly tmpDir: string;
  readonly timeZone: string;
  readonly locale: string;
  readonly umask: number;
  readonly cpuCount: number;
  readonly cpuModel: string;
  readonly bootId: string | null;
  /** File system type under the root, such as `ext4`, from mountinfo. */
  readonly fileSystem: string | null;
  /** Versions of the tool and of what it is built on: `repro-audit`, `node`, `sqlite`. */
  readonly tools: Readonly<Record<string, string>>;
  /** Environment variables by allow-list. */
  readonly environment: Readonly<Record<string, string>>;
  /** Fields of os-release(5) of the audited tree. */
  readonly osRelease: Readonly<Record<string, string>>;
  /** Absolute path of what was recorded. */
  readonly source: string;
}

export interface Package {
  readonly manager: string;
  readonly name: string;
  /** Complete version: `[epoch:]version-release` for rpm, the version field for dpkg. */
  readonly version: string;
  readonly architecture: string;
}

/**
 * `rootfs`: the root file system that a build is there for. `initramfs`: an image of the early user space. `archive`: any other
 * archive. `files`: what lies in the directory of a build, as files.
 */
export type ArtifactRole = 'rootfs' | 'initramfs' | 'archive' | 'files';

export interface ArtifactName {
  /** Unique in a build, and the same in builds that are to be compared: `rootfs`, `live-initramfs`. */
  readonly name: string;
  readonly role: ArtifactRole;
}

/** Of a build that has one tree and nothing else. */
export const ONLY_ARTIFACT = { name: 'rootfs', role: 'rootfs' } as const satisfies ArtifactName;

/** The file that a tree came out of: an archive, an image. */
export interface Container {
  /** Base name, latin1 bytes. */
  readonly name: string;
  readonly sizeBytes: number;
  /** SHA-256 of its bytes, 32 bytes; facts are kept under it. */
  readonly digest: Uint8Array;
}

/** Whether it is a commit object of ostree, `CHECKSUM.commit`: it describes a tree and holds none. */
export function isCommit({ name }: Pick<Container, 'name'>): boolean {
  return /^[0-9a-f]{64}\.commit$/.test(name);
}

export interface Artifact extends ArtifactName {
  readonly mediaType: string;
  /** Null for a tree that lay in a directory, or came from a stream. */
  readonly container: Container | null;
  readonly capture: CaptureSet;
  /** The root directory itself, name `''`. */
  readonly root: Entry;
  /** Digest over names, types, modes, owners, targets, xattrs, link sets and content; 32 bytes. See `merkle.ts`. */
  readonly contentDigest: Uint8Array;
  /** The content digest and every mtime; 32 bytes. */
  readonly fullDigest: Uint8Array;
  /** Entries below the root and the root itself. */
  readonly entryCount: number;
  /** Sum of the sizes of regular files, each name counted. */
  readonly sizeBytes: number;
  readonly diagnostics: readonly Diagnostic[];
}

/** What identifies and describes a build before its tree is known. */
export interface BuildDescription {
  /** `[A-Za-z0-9._+-]+`, unique in a store. */
  readonly name: string;
  /** Builds of the same inputs over time, such as `fedora-44-coreos-x86_64`. */
  readonly stream: string;
  readonly facts: BuildFacts;
  /** The user's own, from `--meta` and `--meta-file`. */
  readonly meta: Readonly<Record<string, unknown>>;
  readonly packages: readonly Package[];
  /** What scrub changed before the tree was recorded, in order. */
  readonly edits: readonly AppliedEdit[];
}

export interface Build extends BuildDescription {
  readonly keep: boolean;
  /** The root file system first; a build of one tree has no other. */
  readonly artifacts: readonly Artifact[];
}

/** One line of a list of builds. */
export interface BuildSummary {
  readonly name: string;
  readonly stream: string;
  readonly startedAt: string;
  readonly keep: boolean;
  readonly entryCount: number;
  readonly sizeBytes: number;
  readonly contentDigest: Uint8Array;
  readonly fullDigest: Uint8Array;
  readonly diagnosticCount: number;
  readonly editCount: number;
  /** Full digests of all artifacts in their order, hex, joined by spaces. */
  readonly digests: string;
}

export const BUILD_NAME = /^[A-Za-z0-9._+-]+$/;

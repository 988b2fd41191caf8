/** Facts of archives for a diff, from files that are still there and have the bytes that were recorded. Nothing of it is kept. */

import { createHash } from 'node:crypto';
import { constants, openSync, statSync } from 'node:fs';

import type { BuildFacts, Container } from '../../core/build.js';
import { errnoOf } from '../../core/errors.js';
import type { Facts } from '../../core/facts.js';
import type { ArtifactReader } from '../../core/manifest.js';
import type { SecretKey } from '../../core/secrets.js';
import type { RandomAccess } from '../../core/random-access.js';
import type { ChangedFile } from '../../diff/index.js';
import { openAccess } from '../../fs/tree-files.js';
import { openArtifact } from '../open-artifact.js';
import { timesOf } from './inspect-build.js';
import { inspectContainer } from './inspect-container.js';
import { addTo, withFacts } from './live-facts.js';
import { throwIfInterrupted } from './interrupted.js';

export interface LiveContainerRequest {
  readonly artifact: ArtifactReader;
  /** Of the build that it was recorded in. */
  readonly build: BuildFacts;
  /** Members to look into. */
  readonly changed: readonly ChangedFile[];
  readonly side: 'before' | 'after';
  readonly key: SecretKey;
  readonly clock: () => number;
  readonly signal: AbortSignal;
}

/** The same artifact, with the facts of its archive and of members that changed. */
export async function withContainerFacts(request: LiveContainerRequest): Promise<ArtifactReader> {
  const { artifact, build, changed, side, key, clock, signal } = request;
  const { container, name } = artifact.artifact;
  if (container === null) return artifact;
  const known = (await artifact.facts?.(container.digest)) ?? [];
  if (known.length > 0) return artifact;
  const file = openSame(build.source, name, container);
  if (file === null) return artifact;
  const isUnderOtherNames = changed.length > 0 && (await holdsObjects(artifact));
  const found = new Map<string, Facts[]>();
  try {
    if (isUnderOtherNames) await file.prepare(signal);
    await inspectContainer({
      ...(isUnderOtherNames ? { aliases: file.aliases } : {}),
      isLive: true,
      name: container.name,
      bytes: {
        size: file.size,
        read: (offset, length) => {
          throwIfInterrupted(signal);
          return file.read(offset, length);
        },
      },
      digest: container.digest,
      signal,
      candidates: changed.flatMap(({ path, [side]: { size, mtimeNs, sha256 } }) =>
        sha256 === null ? [] : [{ path, size, mtimeNs, sha256, shippedMd5: null }],
      ),
      key,
      clock,
      isTime: timesOf(build),
      known: () => Promise.resolve(false),
      keep: (batch) => Promise.resolve(addTo(found, batch)),
    });
  } finally {
    file.close();
  }
  return withFacts(artifact, found);
}

const CHUNK_BYTES = 1024 * 1024;

/** Null when the file is not there any more, or is another one. */
function openSame(
  location: string,
  name: string,
  { sizeBytes, digest }: Container,
): OpenBytes | null {
  const file = PREFIXED.test(location) ? openBytes(location, name) : openFile(location);
  if (file === null) return null;
  const hash = createHash('sha256');
  for (let at = 0; at < file.size; at += CHUNK_BYTES) hash.update(file.read(at, CHUNK_BYTES));
  if (file.size === sizeBytes && hash.digest().equals(digest)) return file;
  file.close();
  return null;
}

/** Whether files of an image are hard links to objects of a repository in it, which may have been left out. */
async function holdsObjects(reader: ArtifactReader): Promise<boolean> {
  if (reader.artifact.capture.exclusions.some(({ pattern }) => pattern === REPOSITORY.join('/')))
    return true;
  let directory = reader.root.child;
  for (const part of REPOSITORY) {
    if (directory === null) return false;
    const found = await reader.entries(directory);
    directory = found.find(({ entry }) => entry.name === part)?.child ?? null;
  }
  return directory !== null;
}

const REPOSITORY = ['sysroot', 'ostree', 'repo'] as const;

interface OpenBytes extends RandomAccess {
  /** Reads all of it, after which the names of its members are known. */
  prepare(signal: AbortSignal): Promise<void>;
  readonly aliases: () => ReadonlyMap<string, string>;
  close(): void;
}

const NO_NAMES = { prepare: () => Promise.resolve(), aliases: () => new Map<string, string>() };

/** Sources whose bytes lie in many files, in a part of one, or beside others. */
const PREFIXED = /^(?:oci|oci-archive|docker-archive|cosa|ostree):/;

function openBytes(location: string, name: string): OpenBytes | null {
  const source = openArtifact(location, name);
  if (source === null) return null;
  const { container } = source;
  if (container !== null)
    return {
      ...container.bytes,
      prepare: async (signal) => {
        const options = { digests: ['xxh64'], exclusions: [], signal } as const;
        await source.prepare?.({ ...options, progress: () => {} });
      },
      aliases: () => container.aliases?.() ?? new Map(),
      close: () => source.close(),
    };
  source.close();
  return null;
}

function openFile(path: string): OpenBytes | null {
  try {
    if (!statSync(path).isFile()) return null;
    const access = openAccess(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
    return access === null ? null : { ...access, ...NO_NAMES };
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return null;
  }
}

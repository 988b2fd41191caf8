/** Facts of archives for a diff, from files that are still there and have the bytes that were recorded. Nothing of it is kept. */

import { createHash } from 'node:crypto';
import { constants, openSync, statSync } from 'node:fs';

import type { Container } from '../../core/build.js';
import { AuditError, errnoOf } from '../../core/errors.js';
import type { Facts } from '../../core/facts.js';
import type { BuildReader } from '../../core/manifest.js';
import type { SecretKey } from '../../core/secrets.js';
import type { RandomAccess } from '../../core/random-access.js';
import type { ChangedFile } from '../../diff/index.js';
import { openAccess } from '../../fs/tree-files.js';
import { openSource } from '../open-location.js';
import { timesOf } from './inspect-build.js';
import { inspectContainer } from './inspect-container.js';
import { addTo, withFacts } from './live-facts.js';
import { throwIfInterrupted } from './interrupted.js';

export interface LiveContainerRequest {
  readonly reader: BuildReader;
  /** Members to look into. */
  readonly changed: readonly ChangedFile[];
  readonly side: 'before' | 'after';
  readonly key: SecretKey;
  readonly clock: () => number;
  readonly signal: AbortSignal;
}

/** The same build, with the facts of its archive and of members that changed. */
export async function withContainerFacts(request: LiveContainerRequest): Promise<BuildReader> {
  const { reader, changed, side, key, clock, signal } = request;
  const [artifact, ...others] = reader.artifacts;
  const container = artifact?.artifact.container;
  if (artifact === undefined || container == null) return reader;
  const known = (await artifact.facts?.(container.digest)) ?? [];
  if (known.length > 0) return reader;
  const file = openSame(reader.build.facts.source, container);
  if (file === null) return reader;
  const found = new Map<string, Facts[]>();
  try {
    await inspectContainer({
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
      isTime: timesOf(reader.build.facts),
      known: () => Promise.resolve(false),
      keep: (batch) => Promise.resolve(addTo(found, batch)),
    });
  } finally {
    file.close();
  }
  return { ...reader, artifacts: [withFacts(artifact, found), ...others] };
}

const CHUNK_BYTES = 1024 * 1024;

/** Null when the file is not there any more, or is another one. */
function openSame(location: string, { sizeBytes, digest }: Container): OpenBytes | null {
  const file = IMAGE.test(location) ? openImage(location) : openFile(location);
  if (file === null) return null;
  const hash = createHash('sha256');
  for (let at = 0; at < file.size; at += CHUNK_BYTES) hash.update(file.read(at, CHUNK_BYTES));
  if (file.size === sizeBytes && hash.digest().equals(digest)) return file;
  file.close();
  return null;
}

type OpenBytes = RandomAccess & { close(): void };

/** What the sources of images call what they read: its bytes lie in many files, or in a part of one. */
const IMAGE = /^(?:oci|oci-archive|docker-archive):/;

function openImage(location: string): OpenBytes | null {
  try {
    const source = openSource(location);
    const { container } = source;
    if (container !== null) return { ...container.bytes, close: () => source.close() };
    source.close();
  } catch (error) {
    if (!(error instanceof AuditError)) throw error;
  }
  return null;
}

function openFile(path: string): OpenBytes | null {
  try {
    if (!statSync(path).isFile()) return null;
    return openAccess(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return null;
  }
}

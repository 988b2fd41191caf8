/** Keeps the bytes of generated files in the store, so that a diff can show them when the tree is gone. */

import { createHash } from 'node:crypto';

import { AuditError, errnoOf } from '../../core/errors.js';
import type { ArtifactReader, KeyedContent } from '../../core/manifest.js';
import type { TreePath } from '../../core/path.js';
import { isSecretPath } from '../../core/secrets.js';
import type { Classify } from '../../core/report.js';
import type { TreeFiles } from '../../core/tree-files.js';
import { TreeLookup } from '../../diff/tree-lookup.js';
import type { Store } from '../../store/define.js';
import type { Candidate } from '../inspection/candidates.js';
import { openAsRecorded } from '../inspection/inspect-files.js';
import { SECRET_PATH, whyRefused } from './refusal.js';

export interface KeepContentRequest {
  readonly store: Store;
  /** The build whose files they are; its facts are in the store. */
  readonly artifact: ArtifactReader;
  /** The build before; null keeps what is new and what is not. */
  readonly previous: ArtifactReader | null;
  readonly files: TreeFiles;
  /** Files that were looked into. */
  readonly candidates: readonly Candidate[];
  /** SHA-256 in hex of files that are secret under some name. */
  readonly secretDigests: ReadonlySet<string>;
  readonly classify: Classify;
  /** Of one build, before compression. */
  readonly limitBytes: number;
  readonly signal: AbortSignal;
}

export interface KeptContent {
  /** Files whose bytes are in the store now, those that were there already included. */
  readonly kept: number;
  readonly bytes: number;
  /** Never kept: secrets, and what may hold one. */
  readonly refused: readonly RefusedContent[];
  /** What the limit left no room for. */
  readonly beyond: readonly { readonly path: TreePath; readonly size: number }[];
  /** Vanished or changed since they were recorded. */
  readonly missed: number;
  /** Why the store took no more of them; null when it took all. */
  readonly failure: string | null;
}

export interface RefusedContent {
  readonly path: TreePath;
  /** For people, one sentence without an end. */
  readonly reason: string;
}

/** A file is held in memory as a whole. */
export const MAX_CONTENT_BYTES = 256 * 1024 * 1024;
/** Bytes of one transaction. */
const BATCH_BYTES = 8 * 1024 * 1024;
/** A file that the catalogue names comes before others of an eighth of its size. */
const CATALOGUED_WEIGHT = 8;

export async function keepContent(request: KeepContentRequest): Promise<KeptContent> {
  const { artifact, store, limitBytes } = request;
  const factsOf = async (digest: string) =>
    (await artifact.facts?.(Buffer.from(digest, 'hex'))) ?? [];
  const refused: RefusedContent[] = [];
  const beyond: { path: TreePath; size: number }[] = [];
  let [kept, bytes, missed] = [0, 0, 0];
  let batch: KeyedContent[] = [];
  let batchBytes = 0;
  const result = (failure: string | null): KeptContent => {
    return { kept, bytes, refused, beyond, missed, failure };
  };
  const flush = async (): Promise<void> => {
    await store.putContent(batch);
    kept += batch.length;
    bytes += batchBytes;
    [batch, batchBytes] = [[], 0];
  };
  try {
    for (const candidate of await chosen(request)) {
      request.signal.throwIfAborted();
      const { path, size } = candidate;
      const digest = Buffer.from(candidate.sha256).toString('hex');
      if (request.secretDigests.has(digest)) {
        const reason = isSecretPath(path) ? SECRET_PATH : 'another file with its bytes is secret';
        refused.push({ path, reason });
        continue;
      }
      if (size > MAX_CONTENT_BYTES || bytes + batchBytes + size > limitBytes) {
        beyond.push({ path, size });
        continue;
      }
      const content = readAsRecorded(request.files, candidate);
      if (content === null) {
        missed++;
        continue;
      }
      const reason = await whyRefused(path, content, digest, factsOf);
      if (reason !== null) {
        refused.push({ path, reason });
        continue;
      }
      batch.push({ digest, bytes: content });
      batchBytes += size;
      if (batchBytes >= BATCH_BYTES) await flush();
    }
    await flush();
    return result(null);
  } catch (error) {
    // The build itself is recorded: that its bytes found no room is no reason to fail.
    if (error instanceof AuditError && STORE_TROUBLE.has(error.code)) return result(error.message);
    throw error;
  }
}

const STORE_TROUBLE: ReadonlySet<string> = new Set(['STORE_WRITE', 'STORE_BUSY']);

/** What differs from the build before, small and catalogued files first. */
async function chosen({
  candidates,
  previous,
  classify,
}: KeepContentRequest): Promise<readonly Candidate[]> {
  const lookup = previous === null ? null : new TreeLookup(previous);
  const weighted: { readonly candidate: Candidate; readonly weight: number }[] = [];
  for (const candidate of candidates) {
    const { path, size, sha256 } = candidate;
    const before = (await lookup?.find(path))?.entry.sha256 ?? null;
    if (before !== null && Buffer.compare(before, sha256) === 0) continue;
    const weight = classify(path) === null ? size : size / CATALOGUED_WEIGHT;
    weighted.push({ candidate, weight });
  }
  return weighted.toSorted((a, b) => a.weight - b.weight).map(({ candidate }) => candidate);
}

/** Null when the bytes are not those that were recorded. */
function readAsRecorded(files: TreeFiles, candidate: Candidate): Uint8Array | null {
  const file = openAsRecorded(files, candidate);
  if (file === null) return null;
  try {
    const bytes = file.read(0, file.size);
    const digest = createHash('sha256').update(bytes).digest();
    return digest.equals(candidate.sha256) ? bytes : null;
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return null;
  } finally {
    file.close();
  }
}

/** Looks into files of a tree that is at hand, and hands over the facts in batches. */

import { createHash } from 'node:crypto';

import { errnoOf } from '../../core/errors.js';
import type { Facts, KeyedFacts } from '../../core/facts.js';
import type { OpenTreeFile, TreeFiles } from '../../core/tree-files.js';
import { DEFAULT_LIMITS, inspectFile, inspectors } from '../../inspectors/index.js';
import type { SecretKey } from '../../core/secrets.js';
import type { Candidate } from './candidates.js';
import { knownProblems, type FactsOf, type PartlyInspected } from './partly-inspected.js';
import { throwIfInterrupted } from './interrupted.js';

export interface InspectFilesRequest {
  readonly files: TreeFiles;
  readonly candidates: readonly Candidate[];
  readonly key: SecretKey;
  /** Also hash the bytes: for trees that were recorded some time ago. */
  readonly verify: boolean;
  isTime(seconds: number): boolean;
  known(digest: string, format: string, version: number): Promise<boolean>;
  /** Takes facts and may take its time. */
  keep(facts: readonly KeyedFacts[]): Promise<void>;
  /** Facts that are kept, so that what is wrong with files that were looked into before is told again; absent: it is not. */
  readonly kept?: FactsOf;
  /** Told of files that could be looked into in part only. */
  readonly onPartly?: (file: PartlyInspected) => void;
  /** Milliseconds of a clock that never goes back. */
  readonly clock: () => number;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

export interface InspectedFiles {
  /** Files that have facts now, or had them already. */
  readonly inspected: number;
  /** Files that vanished, changed since they were recorded, or cannot be read any more. */
  readonly missed: number;
  /** Those with facts, one for each digest. */
  readonly files: readonly Candidate[];
}

/** Facts that wait for `keep`, in values of any kind. */
const BATCH = 2000;

export async function inspectFiles(request: InspectFilesRequest): Promise<InspectedFiles> {
  const { candidates, signal, clock, key } = request;
  const files: Candidate[] = [];
  let missed = 0;
  let batch: KeyedFacts[] = [];
  const inBatch = new Map<string, Facts[]>();
  const factsOf: FactsOf = async (of) => [
    ...(inBatch.get(of) ?? []),
    ...((await request.kept?.(of)) ?? []),
  ];
  const seen = new Set<string>();
  const flush = async (): Promise<void> => {
    const facts = batch;
    batch = [];
    await request.keep(facts);
    inBatch.clear();
  };
  for (const [index, candidate] of candidates.entries()) {
    throwIfInterrupted(signal);
    request.onProgress(index, candidates.length);
    const digest = Buffer.from(candidate.sha256).toString('hex');
    if (seen.has(digest)) continue;
    seen.add(digest);
    const file = openAsRecorded(request.files, candidate);
    if (file === null) {
      missed++;
      continue;
    }
    try {
      if (request.verify && digestOf(file, 'sha256') !== digest) {
        missed++;
        continue;
      }
      if (candidate.shippedMd5 !== null && digestOf(file, 'md5') === candidate.shippedMd5) continue;
      const { problems, known } = await inspectFile(
        { name: candidate.path, bytes: file, digest },
        {
          inspectors,
          limits: DEFAULT_LIMITS,
          key,
          isTime: (seconds) => request.isTime(seconds),
          known: async (of, format, version) =>
            (inBatch.get(of) ?? []).some(
              (facts) => facts.format === format && facts.version === version,
            ) || (await request.known(of, format, version)),
          found: (found) => {
            inBatch.set(found.digest, [...(inBatch.get(found.digest) ?? []), found.facts]);
            batch.push(found);
          },
          // Asked for between chunks and members: where a file that takes long can be left.
          now: () => {
            throwIfInterrupted(signal);
            return clock();
          },
        },
      );
      files.push(candidate);
      const all = [...problems, ...(await knownProblems(known, factsOf))];
      if (all[0] !== undefined)
        request.onPartly?.({
          path: candidate.path,
          problems: all.length,
          first: all[0].detail,
        });
    } catch (error) {
      if (errnoOf(error) === undefined) throw error;
      missed++;
    } finally {
      file.close();
    }
    if (batch.length >= BATCH) await flush();
  }
  await flush();
  request.onProgress(candidates.length, candidates.length);
  return { inspected: files.length, missed, files };
}

/** Null when the file is not there, or not the one that was recorded. */
export function openAsRecorded(
  files: TreeFiles,
  { path, size, mtimeNs }: Candidate,
): OpenTreeFile | null {
  let file: OpenTreeFile | null;
  try {
    file = files.open(path);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return null;
  }
  if (file === null || (file.size === size && file.mtimeNs === mtimeNs)) return file;
  file.close();
  return null;
}

function digestOf(file: OpenTreeFile, algorithm: 'md5' | 'sha256'): string {
  const hash = createHash(algorithm);
  const step = 1024 * 1024;
  for (let offset = 0; offset < file.size; offset += step) hash.update(file.read(offset, step));
  return hash.digest('hex');
}

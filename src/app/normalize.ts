/** Normalises single files through the one write path: what a release is made of, outside any tree. */

import { statSync } from 'node:fs';

import { AuditError } from '../core/errors.js';
import { openBeneath, type Beneath } from '../fs/beneath.js';
import { applyPlan } from '../scrub/apply.js';
import type { Content, NormalizeOutcome } from '../scrub/normalize-job.js';
import { normalizePool, type Task } from '../scrub/normalize-pool.js';
import type { FieldChange, NormalizeInput, Normalizer } from '../scrub/normalizers/define.js';
import { normalizers as allNormalizers } from '../scrub/normalizers/index.js';
import type { PlannedEdit, WorkProgress } from '../scrub/plan.js';
import { pycSource, pycSourcePath } from '../scrub/pyc-source.js';
import { selectNormalizers } from '../scrub/select-normalizers.js';
import { seenAt, type Seen } from '../scrub/walk.js';
import { normalizeTargets, type NormalizeTarget } from './normalize-targets.js';

export interface NormalizeRequest {
  /** Relative names start at `cwd`. */
  readonly files: readonly string[];
  readonly cwd: string;
  /** Ids of normalisers; null for all. */
  readonly only: readonly string[] | null;
  readonly skip: readonly string[];
  /** Treat what symbolic links lead to; otherwise they are passed over. */
  readonly follow: boolean;
  readonly sourceDateEpoch: number | null;
  /** Only say what would be done. */
  readonly check: boolean;
  /** 16 hexadecimal digits that nobody can guess, for temporary names. */
  readonly nonce: string;
  readonly signal: AbortSignal;
  /** Threads that look into files; 0: none, null or absent: as the machine and the work suggest. */
  readonly threads?: number | null;
  readonly onProgress?: (progress: WorkProgress) => void;
}

/** One file, or one inode that was named several times. */
export type NormalizedFile = {
  /** As it was named. */
  readonly file: string;
} & (
  | /** Nothing varies in it. */ { readonly kind: 'normal'; readonly normalizer: string }
  | /** With `check`: it would be changed. */ ({
      readonly kind: 'changed';
      readonly normalizer: string;
      readonly normalizerVersion: number;
      readonly fields: readonly FieldChange[];
      readonly before: Content;
      readonly after: Content;
      /** Names of the inode that were not given: they keep the old bytes. */
      readonly otherNames: number;
    } & { readonly warnings: readonly string[] })
  | /** Should have been looked into or changed, and was not. */ {
      readonly kind: 'left';
      readonly normalizer: string | null;
      readonly reason: string;
    }
  | /** No chosen normaliser knows its format. */ { readonly kind: 'unknown' }
  | /** A symbolic link; what it leads to is treated under its own name. */ {
      readonly kind: 'link';
    }
);

export type { Content } from '../scrub/normalize-job.js';

/**
 * Throws `USAGE` for unknown normalisers and directories, `SOURCE_UNUSABLE` for files that are not there, both before
 * anything is changed; `INTERRUPTED` when the signal stopped it between two files.
 */
export async function normalizeFiles(
  request: NormalizeRequest,
): Promise<readonly NormalizedFile[]> {
  const chosen = selectNormalizers(allNormalizers, request.only, request.skip);
  const { targets, links } = normalizeTargets(request.cwd, request.files, request.follow);
  const among = chosen.map(({ id }) => id);
  const results: NormalizedFile[] = [];
  const roots = openRoots();
  const pool = normalizePool(request.threads ?? null);
  try {
    const tasks = targets.map((target) => taskOf(roots.open(target.root), target, among, request));
    let bytes = 0;
    for await (const { item, outcome } of pool.run(tasks)) {
      if (request.signal.aborted) throw interrupted(results.length, targets.length);
      results.push(item.isLeft ? item.result : await finish(item, outcome!, request));
      bytes += item.isLeft ? 0 : item.was.size;
      request.onProgress?.({
        what: 'normalize',
        files: results.length,
        totalFiles: targets.length,
        bytes,
      });
    }
  } finally {
    roots.close();
    await pool.close();
  }
  const passedOver = links.map(({ file, isCovered }): NormalizedFile =>
    isCovered ? { file, kind: 'link' } : { file, kind: 'left', normalizer: null, reason: NO_LINKS },
  );
  return [...results, ...passedOver];
}

const NO_LINKS = 'it is a symbolic link to a file that was not named; --follow treats it';

/** One root open at a time: files are mostly named folder by folder. */
function openRoots(): { open(root: string): Beneath; close(): void } {
  const last: { root: string; beneath: Beneath }[] = [];
  const close = (): void => last.pop()?.beneath.close();
  return {
    open: (root) => {
      if (last[0]?.root !== root) {
        close();
        last.push({ root, beneath: openBeneath(root) });
      }
      return last[0]!.beneath;
    },
    close,
  };
}

type Item =
  | { readonly isLeft: true; readonly result: NormalizedFile }
  | { readonly isLeft: false; readonly target: NormalizeTarget; readonly was: Seen };

function taskOf(
  beneath: Beneath,
  target: NormalizeTarget,
  among: readonly string[],
  request: NormalizeRequest,
): Task<Item> {
  const path = target.names[0]!;
  const was = seenAt(beneath, path);
  if (was?.type !== 'file') {
    const reason =
      was === null ? 'it is a mount point, or gone' : `it is a ${was.type}, not a regular file`;
    return { item: { isLeft: true, result: left(target, null, reason) }, job: null };
  }
  const { sourceDateEpoch } = request;
  const job = {
    root: target.root,
    path,
    sizeBytes: was.size,
    among,
    only: null,
    sourceDateEpoch,
    ...(/\.py[co]$/i.test(path) ? sourceOf(target) : {}),
  };
  return { item: { isLeft: false, target, was }, job };
}

async function finish(
  { target, was }: Extract<Item, { isLeft: false }>,
  outcome: NormalizeOutcome,
  request: NormalizeRequest,
): Promise<NormalizedFile> {
  const { file } = target;
  if (outcome.kind === 'other') return { file, kind: 'unknown' };
  if (outcome.kind === 'gone') return left(target, null, 'it is gone');
  if (outcome.kind === 'unreadable') return left(target, null, outcome.message);
  const { normalizer, result, content } = outcome;
  if (result.kind === 'left') return left(target, normalizer, result.reason);
  if (result.kind === 'normal') return { file, kind: 'normal', normalizer };
  const { version } = allNormalizers.find(({ id }) => id === normalizer)!;
  const trouble = request.check
    ? { isDone: true, details: [] }
    : await write(target, was, { id: normalizer, version }, result.bytes, request);
  if (!trouble.isDone) return left(target, normalizer, trouble.details.join('; '));
  return {
    file,
    kind: 'changed',
    normalizer,
    normalizerVersion: version,
    fields: result.fields,
    ...content!,
    otherNames: Math.max(0, was.nlink - target.names.length),
    warnings: trouble.details,
  };
}

function left(
  { file }: NormalizeTarget,
  normalizer: string | null,
  reason: string,
): NormalizedFile {
  return { file, kind: 'left', normalizer, reason };
}

async function write(
  target: NormalizeTarget,
  was: Seen,
  { id, version }: Pick<Normalizer, 'id' | 'version'>,
  content: Uint8Array,
  request: NormalizeRequest,
): Promise<{ readonly isDone: boolean; readonly details: readonly string[] }> {
  const path = target.names[0]!;
  const planned: PlannedEdit = {
    edit: { kind: 'rewrite', rule: `normalize-${id}`, path, reason: 'fields that vary', content },
    ruleVersion: version,
    was,
    names: target.names,
  };
  const { applied, diagnostics } = await applyPlan(
    { root: target.root, edits: [planned], diagnostics: [], skipped: [] },
    { nonce: request.nonce },
  );
  const known = 'left as it is: ';
  const details = diagnostics.map(({ detail }) =>
    detail.startsWith(known) ? detail.slice(known.length) : detail,
  );
  return { isDone: applied.length > 0, details };
}

/** The source of a compiled module where it is at hand; Python follows links to it. */
function sourceOf({ root, names }: NormalizeTarget): Pick<NormalizeInput, 'source'> {
  const above = Buffer.from(root).toString('latin1');
  const path = pycSourcePath(names.map((name) => `${above}/${name}`));
  if (path === null) return {};
  const stat = statSync(Buffer.from(path, 'latin1'), { bigint: true, throwIfNoEntry: false });
  if (stat?.isFile() !== true) return {};
  return { source: pycSource({ mtimeNs: stat.mtimeNs, size: Number(stat.size) }) };
}

function interrupted(done: number, all: number): AuditError {
  return new AuditError(
    'INTERRUPTED',
    `interrupted after ${done} of ${all} files; every file is either old or new`,
    { hint: 'run it again to finish' },
  );
}

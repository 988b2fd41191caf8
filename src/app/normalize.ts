/** Normalises single files through the one write path: what a release is made of, outside any tree. */

import { createHash } from 'node:crypto';
import { readSync, statSync } from 'node:fs';

import { AuditError, errnoOf } from '../core/errors.js';
import { baseName, type TreePath } from '../core/path.js';
import { openBeneath, type Beneath } from '../fs/beneath.js';
import { errnoName, O } from '../fs/native.js';
import { treeFiles } from '../fs/tree-files.js';
import { applyPlan } from '../scrub/apply.js';
import { chooseNormalizer, HEAD_BYTES, normalizeWith } from '../scrub/normalize-file.js';
import type { FieldChange, NormalizeInput, Normalizer } from '../scrub/normalizers/define.js';
import { normalizers as allNormalizers } from '../scrub/normalizers/index.js';
import type { PlannedEdit } from '../scrub/plan.js';
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

export interface Content {
  readonly sizeBytes: number;
  /** 32 bytes. */
  readonly sha256: Uint8Array;
}

/**
 * Throws `USAGE` for unknown normalisers and directories, `SOURCE_UNUSABLE` for files that are not there, both before
 * anything is changed; `INTERRUPTED` when the signal stopped it between two files.
 */
export async function normalizeFiles(
  request: NormalizeRequest,
): Promise<readonly NormalizedFile[]> {
  const chosen = selectNormalizers(allNormalizers, request.only, request.skip);
  const { targets, links } = normalizeTargets(request.cwd, request.files, request.follow);
  const results: NormalizedFile[] = [];
  const roots = openRoots();
  try {
    for (const target of targets) {
      await new Promise(setImmediate);
      if (request.signal.aborted) throw interrupted(results.length, targets.length);
      results.push(await normalizeTarget(roots.open(target.root), target, chosen, request));
    }
  } finally {
    roots.close();
  }
  const passedOver = links.map(({ file, isCovered }): NormalizedFile =>
    isCovered ? { file, kind: 'link' } : { file, kind: 'left', normalizer: null, reason: NO_LINKS },
  );
  return [...results, ...passedOver];
}

/** More does not fit into one read, nor into memory twice. */
const MAX_FILE_BYTES = 0x7fff_ffff;
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

async function normalizeTarget(
  beneath: Beneath,
  target: NormalizeTarget,
  chosen: readonly Normalizer[],
  request: NormalizeRequest,
): Promise<NormalizedFile> {
  const { file } = target;
  const path = target.names[0]!;
  const left = (normalizer: string | null, reason: string): NormalizedFile => ({
    file,
    kind: 'left',
    normalizer,
    reason,
  });
  const was = seenAt(beneath, path);
  if (was === null) return left(null, 'it is a mount point, or gone');
  if (was.type !== 'file') return left(null, `it is a ${was.type}, not a regular file`);
  try {
    const name = baseName(path);
    const normalizer = chooseNormalizer(chosen, readHead(beneath, path), name);
    if (normalizer === null) return { file, kind: 'unknown' };
    const { id, version } = normalizer;
    if (was.size > MAX_FILE_BYTES)
      return left(id, `expected at most ${MAX_FILE_BYTES} bytes, found ${was.size}`);
    const bytes = treeFiles(beneath).read(path);
    if (bytes === null) return left(id, 'it is gone');
    const result = normalizeWith(normalizer, {
      bytes,
      name,
      sourceDateEpoch: request.sourceDateEpoch,
      ...(id === 'pyc' ? sourceOf(target) : {}),
    });
    if (result.kind === 'left') return left(id, result.reason);
    if (result.kind === 'normal') return { file, kind: 'normal', normalizer: id };
    const trouble = request.check
      ? { isDone: true, details: [] }
      : await write(target, was, normalizer, result.bytes, request);
    if (!trouble.isDone) return left(id, trouble.details.join('; '));
    return {
      file,
      kind: 'changed',
      normalizer: id,
      normalizerVersion: version,
      fields: result.fields,
      before: contentOf(bytes),
      after: contentOf(result.bytes),
      otherNames: Math.max(0, was.nlink - target.names.length),
      warnings: trouble.details,
    };
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return left(null, (error as Error).message);
  }
}

async function write(
  target: NormalizeTarget,
  was: Seen,
  { id, version }: Normalizer,
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

function readHead(beneath: Beneath, path: TreePath): Uint8Array {
  const fd = beneath.open(path, O.RDONLY | O.NOFOLLOW | O.NONBLOCK);
  if (fd < 0)
    throw Object.assign(new Error(`opening it gave ${errnoName(fd)}`), { code: errnoName(fd) });
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    return head.subarray(0, readSync(fd, head, 0, HEAD_BYTES, 0));
  } finally {
    beneath.calls.close(fd);
  }
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

function contentOf(bytes: Uint8Array): Content {
  const sha256 = new Uint8Array(createHash('sha256').update(bytes).digest());
  return { sizeBytes: bytes.length, sha256 };
}

function interrupted(done: number, all: number): AuditError {
  return new AuditError(
    'INTERRUPTED',
    `interrupted after ${done} of ${all} files; every file is either old or new`,
    { hint: 'run it again to finish' },
  );
}

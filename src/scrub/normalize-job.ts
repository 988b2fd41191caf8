/** Normalising one file as plain data, so that any thread can do it: which file, by whom, and what came of it. It only reads. */

import { createHash } from 'node:crypto';
import { readSync } from 'node:fs';

import { errnoOf } from '../core/errors.js';
import { baseName, type TreePath } from '../core/path.js';
import { openBeneath, type Beneath } from '../fs/beneath.js';
import { O, systemError } from '../fs/native.js';
import { treeFiles } from '../fs/tree-files.js';
import { chooseNormalizer, HEAD_BYTES, normalizeWith } from './normalize-file.js';
import type { NormalizeInput, NormalizeResult } from './normalizers/define.js';
import { normalizers } from './normalizers/index.js';

export interface NormalizeJob extends Omit<NormalizeInput, 'bytes' | 'name'> {
  /** Directory on this machine; `path` lies below it. */
  readonly root: string;
  readonly path: TreePath;
  /** When it was looked at; tells how much work it is. */
  readonly sizeBytes: number;
  /** Ids of normalisers; null for all. The first in registry order that recognises the file has it. */
  readonly among: readonly string[] | null;
  /** The only one that is to do something, should it have the file; null for any. */
  readonly only: string | null;
}

export type NormalizeOutcome =
  /** No normaliser has it, or another one than is asked for. */
  | { readonly kind: 'other' }
  /** No regular file is at the path any more. */
  | { readonly kind: 'gone'; readonly normalizer: string | null }
  /** A system call failed. */
  | { readonly kind: 'unreadable'; readonly code: string; readonly message: string }
  | {
      readonly kind: 'done';
      readonly normalizer: string;
      readonly result: NormalizeResult;
      /** Size, and SHA-256 of 32 bytes, of what was read and of what it is to become; null unless it changes. */
      readonly content: { readonly before: Content; readonly after: Content } | null;
    };

export interface Content {
  readonly sizeBytes: number;
  /** 32 bytes. */
  readonly sha256: Uint8Array;
}

/** Does jobs one after another; the root of the last one stays open. */
export interface NormalizeRunner {
  /** Throws only what is a defect, or `SOURCE_UNUSABLE` for the root. */
  run(job: NormalizeJob): NormalizeOutcome;
  close(): void;
}

export function normalizeRunner(): NormalizeRunner {
  let last: { readonly root: string; readonly beneath: Beneath } | null = null;
  const close = (): void => {
    last?.beneath.close();
    last = null;
  };
  return {
    run: (job) => {
      if (last?.root !== job.root) {
        close();
        last = { root: job.root, beneath: openBeneath(job.root) };
      }
      try {
        return normalizeOne(last.beneath, job);
      } catch (error) {
        const code = errnoOf(error);
        if (code === undefined) throw error;
        return { kind: 'unreadable', code, message: (error as Error).message };
      }
    },
    close,
  };
}

/** Smaller files are read at once: looking at the first bytes would only open them twice. */
const LOOK_FIRST_BYTES = 65_536;

function normalizeOne(beneath: Beneath, job: NormalizeJob): NormalizeOutcome {
  const { root: _root, path, sizeBytes, among, only, ...told } = job;
  const name = baseName(path);
  const candidates =
    among === null ? normalizers : normalizers.filter(({ id }) => among.includes(id));
  const choose = (head: Uint8Array): string | null =>
    chooseNormalizer(candidates, head, name)?.id ?? null;
  const isWanted = (id: string | null): id is string =>
    id !== null && (only === null || only === id);
  if (sizeBytes > LOOK_FIRST_BYTES && !isWanted(choose(readHead(beneath, path))))
    return { kind: 'other' };
  const bytes = treeFiles(beneath).read(path);
  if (bytes === null) return { kind: 'gone', normalizer: null };
  const id = choose(bytes);
  if (!isWanted(id)) return { kind: 'other' };
  const normalizer = normalizers.find((one) => one.id === id)!;
  const result = normalizeWith(normalizer, { ...told, bytes, name });
  const content =
    result.kind === 'changed' ? { before: contentOf(bytes), after: contentOf(result.bytes) } : null;
  return { kind: 'done', normalizer: id, result, content };
}

function readHead(beneath: Beneath, path: TreePath): Uint8Array {
  const fd = beneath.open(path, O.RDONLY | O.NOFOLLOW | O.NONBLOCK);
  if (fd < 0) throw systemError(fd, 'open', path);
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    return head.subarray(0, readSync(fd, head, 0, HEAD_BYTES, 0));
  } finally {
    beneath.calls.close(fd);
  }
}

function contentOf(bytes: Uint8Array): Content {
  const sha256 = new Uint8Array(createHash('sha256').update(bytes).digest());
  return { sizeBytes: bytes.length, sha256 };
}

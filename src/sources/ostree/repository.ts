/** An ostree repository on this machine: its mode, its parents, and where its objects lie (`ostree-repo.c`, `repo.md`). */

import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
} from 'node:fs';
import { join, resolve } from 'node:path';

import { AuditError, errnoOf, FormatError } from '../../core/errors.js';

export const REPOSITORY_MODES = [
  'archive',
  'bare',
  'bare-user',
  'bare-user-only',
  'bare-split-xattrs',
] as const;
export type RepositoryMode = (typeof REPOSITORY_MODES)[number];

/** A repository without its parents. Plain data, so that it can be sent to a thread. */
export interface ObjectFolder {
  /** Absolute path of the repository. */
  readonly repository: string;
  readonly mode: RepositoryMode;
}

/** The repository itself, then its parents: an object is in the first that has it. */
export type Repository = readonly [ObjectFolder, ...(readonly ObjectFolder[])];

export type MetadataType = 'commit' | 'dirtree' | 'dirmeta';

/** Whether a directory looks like one: a configuration of ostree, objects and refs. */
export function isRepository(path: string): boolean {
  try {
    return existsSync(join(path, 'objects')) && modeOf(readConfig(path)) !== null;
  } catch {
    return false;
  }
}

/** Throws `SOURCE_UNUSABLE`. */
export function openRepository(path: string): Repository {
  const folders: ObjectFolder[] = [];
  let next: string | null = resolve(path);
  while (next !== null) {
    const repository: string = next;
    const config = configOf(repository);
    const mode = modeOf(config);
    if (mode === null)
      throw unusable(
        repository,
        `expected a mode of ostree, found ${config.get('mode') ?? 'none'}`,
      );
    folders.push({ repository, mode });
    const parent: string | undefined = config.get('parent');
    next = parent === undefined || parent === '' ? null : resolve(repository, parent);
    if (folders.length > MAX_PARENTS || folders.some((known) => known.repository === next))
      throw unusable(repository, 'expected an end of its parents, found a circle or too many');
  }
  return folders as unknown as Repository;
}

export function objectFile({ repository }: ObjectFolder, checksum: string, type: string): string {
  return `${repository}/objects/${checksum.slice(0, 2)}/${checksum.slice(2)}.${type}`;
}

/**
 * The bytes of an object that is no file; null when no repository has it. Throws `FormatError` when they do not have the
 * checksum they are named by, and system errors.
 */
export function readMetadata(
  repository: Repository,
  checksum: string,
  type: MetadataType,
): Uint8Array | null {
  for (const folder of repository) {
    const bytes = readWhole(objectFile(folder, checksum, type), MAX_METADATA_BYTES);
    if (bytes === null) continue;
    const found = createHash('sha256').update(bytes).digest('hex');
    if (found !== checksum)
      throw new FormatError(
        `ostree ${type} ${checksum}`,
        0,
        `its bytes have the checksum ${found}`,
      );
    return bytes;
  }
  return null;
}

/** Null when there is none. */
export function readWhole(file: string, most: number): Uint8Array | null {
  let fd: number;
  try {
    fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return null;
    throw error;
  }
  try {
    const { size } = fstatSync(fd);
    if (size > most) throw new FormatError('ostree object', 0, `${size} bytes of at most ${most}`);
    const bytes = Buffer.allocUnsafe(size);
    let filled = 0;
    while (filled < size) {
      const count = readSync(fd, bytes, filled, size - filled, filled);
      if (count === 0) break;
      filled += count;
    }
    return bytes.subarray(0, filled);
  } finally {
    closeSync(fd);
  }
}

export function unusable(path: string, detail: string, hint?: string): AuditError {
  const details = hint === undefined ? {} : { hint };
  return new AuditError('SOURCE_UNUSABLE', `ostree repository ${path}: ${detail}`, details);
}

/** `OSTREE_MAX_METADATA_SIZE`. */
const MAX_METADATA_BYTES = 128 * 1024 * 1024;
const MAX_PARENTS = 16;

function configOf(repository: string): ReadonlyMap<string, string> {
  try {
    return readConfig(repository);
  } catch (error) {
    throw unusable(
      repository,
      `cannot read its config: ${errnoOf(error) ?? 'an error'}`,
      'give the repository as ostree:REPO@REF',
    );
  }
}

/** Keys of the group `[core]` (a GKeyFile). */
function readConfig(repository: string): ReadonlyMap<string, string> {
  const keys = new Map<string, string>();
  let group = '';
  for (const line of readFileSync(join(repository, 'config'), 'utf8').split('\n')) {
    const header = /^\s*\[(.*)\]\s*$/.exec(line);
    const pair = /^\s*([A-Za-z0-9_-]+)\s*=\s*(.*?)\s*$/.exec(line);
    if (header !== null) group = header[1]!;
    else if (pair !== null && group === 'core') keys.set(pair[1]!, pair[2]!);
  }
  return keys;
}

function modeOf(config: ReadonlyMap<string, string>): RepositoryMode | null {
  const mode = config.get('mode') ?? (config.has('repo_version') ? 'bare' : '');
  if (mode === 'archive-z2') return 'archive';
  return REPOSITORY_MODES.find((known) => known === mode) ?? null;
}

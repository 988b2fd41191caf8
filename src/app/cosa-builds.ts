/** Builds in a working directory of coreos-assembler: `builds/ID/ARCH`, listed in `builds/builds.json`, the latest first. */

import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { AuditError, errnoOf } from '../core/errors.js';

export interface CosaBuildsRequest {
  /** Working directory, absolute. */
  readonly directory: string;
  readonly cwd: string;
  /** `x86_64`, `aarch64`; null: that of this machine where the builds have it, or the only one there is. */
  readonly arch: string | null;
  /** As uname(2) and rpm call it. */
  readonly ownArch: string;
}

/** Two ids or directories; none: the last two builds of the list. Throws `USAGE`. */
export function findCosaBuilds(
  words: readonly string[],
  request: CosaBuildsRequest,
): readonly [string, string] {
  const [before, after] = words.length === 2 ? words : lastTwo(request);
  return [locate(before!, request), locate(after!, request)];
}

/** A source, for `diff`. */
function locate(word: string, { directory, cwd, arch, ownArch }: CosaBuildsRequest): string {
  if (word.startsWith('cosa:')) return word;
  if (word.includes('/')) return `cosa:${resolve(cwd, word)}`;
  const folder = join(directory, 'builds', word);
  const there = word === '.' || word === '..' ? [] : architecturesIn(folder);
  const wanted = arch ?? (there.includes(ownArch) || there.length !== 1 ? ownArch : there[0]!);
  if (there.includes(wanted)) return `cosa:${join(folder, wanted)}`;
  const found = there.length === 0 ? 'no such build' : `one for ${there.join(', ')}`;
  throw new AuditError(
    'USAGE',
    `cosa: expected a build ${word} for ${wanted} in ${directory}, found ${found}`,
    { hint: 'name the working directory with --dir, or the directory of a build (with a slash)' },
  );
}

function architecturesIn(folder: string): readonly string[] {
  const isBuild = (name: string): boolean =>
    statSync(join(folder, name, 'meta.json'), { throwIfNoEntry: false })?.isFile() === true;
  try {
    return readdirSync(folder).filter(isBuild).toSorted();
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return [];
  }
}

function lastTwo({ directory, arch }: CosaBuildsRequest): readonly [string, string] {
  const file = join(directory, 'builds/builds.json');
  const builds = readList(file).filter(({ arches }) => arch === null || arches.includes(arch));
  const [latest, previous] = builds;
  if (latest !== undefined && previous !== undefined) return [previous.id, latest.id];
  throw new AuditError('USAGE', `cosa: expected two builds in ${file}, found ${builds.length}`, {
    hint: 'name two builds, or the working directory with --dir',
  });
}

interface ListedBuild {
  readonly id: string;
  readonly arches: readonly string[];
}

function readList(file: string): readonly ListedBuild[] {
  let list: unknown;
  try {
    list = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const found = errnoOf(error) ?? 'no JSON';
    throw new AuditError('USAGE', `cosa: cannot read ${file}: ${found}`, {
      hint: 'name the working directory of coreos-assembler with --dir, or two directories of builds',
      cause: error,
    });
  }
  const builds = isObject(list) ? list['builds'] : null;
  return Array.isArray(builds) ? builds.flatMap(listedBuild) : [];
}

function listedBuild(build: unknown): ListedBuild[] {
  if (!isObject(build) || typeof build['id'] !== 'string' || build['id'].includes('/')) return [];
  const { id, arches } = build;
  const names = Array.isArray(arches) ? arches.filter((arch) => typeof arch === 'string') : [];
  return [{ id, arches: names }];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

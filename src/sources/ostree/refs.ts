/** What names a commit: a ref, its parents (`REF^`), a checksum or the beginning of one. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { errnoOf, FormatError } from '../../core/errors.js';
import { displayText } from '../../core/path.js';
import { readCommit } from '../../formats/ostree-commit.js';
import { readMetadata, readWhole, unusable, type Repository } from './repository.js';

/** A location without its prefix, `REPO@REF` or `REPO`. */
export function splitLocation(
  location: string,
  isRepository: (path: string) => boolean,
): { readonly path: string; readonly ref: string | null } {
  const at = location.lastIndexOf('@');
  if (at < 0 || isRepository(location)) return { path: location, ref: null };
  return { path: location.slice(0, at), ref: location.slice(at + 1) };
}

/** Null asks for the only ref there is. Throws `SOURCE_UNUSABLE`, and tells the refs there are. */
export function resolveCommit(repository: Repository, ref: string | null): string {
  const [{ repository: path }] = repository;
  if (ref === null) {
    const refs = listRefs(path);
    const commits = new Set(refs.map(({ commit }) => commit));
    if (commits.size === 1) return refs[0]!.commit;
    throw unusable(path, `expected a ref, as there are ${refs.length}`, hintOf(path));
  }
  const [, base, carets] = /^(.*?)(\^*)$/s.exec(ref)!;
  let commit = resolveBase(repository, base!);
  if (commit === null)
    throw unusable(path, `expected a ref or a commit, found ${JSON.stringify(ref)}`, hintOf(path));
  for (let left = carets!.length; left > 0; left--) commit = parentOf(repository, commit);
  return commit;
}

export interface Ref {
  /** `branch`, `remote:branch`, or `mirrors/COLLECTION/branch`. */
  readonly name: string;
  readonly commit: string;
}

/** Of heads, remotes and mirrors, in this order. */
export function listRefs(repository: string): readonly Ref[] {
  return ['heads', 'remotes', 'mirrors'].flatMap((folder) =>
    refsBelow(join(repository, 'refs', folder), '').map(({ name, commit }) => ({
      name:
        folder === 'heads'
          ? name
          : folder === 'remotes'
            ? name.replace('/', ':')
            : `mirrors/${name}`,
      commit,
    })),
  );
}

function resolveBase(repository: Repository, name: string): string | null {
  if (CHECKSUM.test(name)) return name;
  if (REF_NAME.test(name) && !name.split('/').includes('..'))
    for (const { repository: path } of repository) {
      const places = name.includes(':')
        ? [`remotes/${name.replace(':', '/')}`]
        : [`heads/${name}`, `remotes/${name}`, name];
      for (const place of places) {
        const commit = readRef(join(path, 'refs', place));
        if (commit !== null) return commit;
      }
      const mirrored = refsBelow(join(path, 'refs', 'mirrors'), '').filter((ref) =>
        ref.name.endsWith(`/${name}`),
      );
      if (mirrored.length === 1) return mirrored[0]!.commit;
    }
  if (!/^[0-9a-f]{4,63}$/.test(name)) return null;
  const found = repository.flatMap(({ repository: path }) => commitsLike(path, name));
  return new Set(found).size === 1 ? found[0]! : null;
}

function parentOf(repository: Repository, commit: string): string {
  const [{ repository: path }] = repository;
  const bytes = readMetadata(repository, commit, 'commit');
  const parent = bytes === null ? null : readCommit(bytes).parent;
  if (parent === null) throw unusable(path, `commit ${commit} has no parent here`);
  return parent;
}

const CHECKSUM = /^[0-9a-f]{64}$/;
const REF_NAME = /^[\w.][-.\w+]*(?::[\w.][-.\w+]*)?(?:\/[-.\w+]+)*$/;
const MAX_DEPTH = 32;

function refsBelow(folder: string, prefix: string, depth = 0): readonly Ref[] {
  if (depth > MAX_DEPTH) return [];
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return [];
    throw error;
  }
  return entries
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry): readonly Ref[] => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return refsBelow(path, `${prefix}${entry.name}/`, depth + 1);
      const commit = readRef(path);
      return commit === null ? [] : [{ name: prefix + entry.name, commit }];
    });
}

/** A file of 64 hex digits and a newline; since 2018 refs may be links to others (aliases). */
function readRef(file: string): string | null {
  try {
    const bytes = readWhole(file, 4096);
    const text = bytes === null ? '' : Buffer.from(bytes).toString('latin1').trim();
    return CHECKSUM.test(text) ? text : null;
  } catch (error) {
    if (error instanceof FormatError) return null;
    if (errnoOf(error) === undefined) throw error;
    return null;
  }
}

function commitsLike(repository: string, prefix: string): readonly string[] {
  try {
    const folder = prefix.slice(0, 2);
    return readdirSync(join(repository, 'objects', folder))
      .filter((name) => name.endsWith('.commit') && name.startsWith(prefix.slice(2)))
      .map((name) => folder + name.slice(0, -'.commit'.length))
      .filter((checksum) => CHECKSUM.test(checksum));
  } catch {
    return [];
  }
}

function hintOf(repository: string): string {
  const names = listRefs(repository).map(({ name }) => displayText(name));
  if (names.length === 0) return 'it has no refs; name a commit by its checksum';
  const shown = names.slice(0, 8).join(', ');
  return `its refs: ${shown}${names.length > 8 ? ', ...' : ''}; write ostree:REPO@REF`;
}

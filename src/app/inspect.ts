/** Facts of single files and of sources as a whole, or those that are kept for a path of a recorded build. */

import { existsSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';

import { AuditError, errnoOf } from '../core/errors.js';
import { problemsOf } from '../core/fact-problems.js';
import type { FactPart, FactProblem, FactRow, Facts } from '../core/facts.js';
import type { ArtifactReader, TreeEntry } from '../core/manifest.js';
import {
  baseName,
  displayPath,
  parentPath,
  treePathFromText,
  type TreePath,
} from '../core/path.js';
import { isSecretPath, type SecretKey } from '../core/secrets.js';
import { inspectFile, inspectors } from '../inspectors/index.js';
import type { FileFacts } from '../reporters/facts/define.js';
import type { OpenOptions } from '../sources/define.js';
import { openStore } from '../store/index.js';
import { openFileBytes, openSourceBytes, type InspectedBytes } from './inspected-bytes.js';
import { throwIfInterrupted } from './inspection/interrupted.js';
import { isSource } from './open-location.js';
import { parseReference } from './refs.js';

export interface InspectRequest {
  /** A file, a source, `BUILD:PATH` or `STORE.db:BUILD:PATH`. */
  readonly word: string;
  readonly cwd: string;
  readonly storeLocation: string;
  /** Which image is meant. */
  readonly platforms?: OpenOptions;
  /** Path of the file in a tree, by which some formats are told; null: where it lies. */
  readonly as: string | null;
  readonly key: SecretKey;
  /** Milliseconds of a clock that never goes back. */
  readonly clock: () => number;
  readonly signal: AbortSignal;
}

/** Throws `SOURCE_UNUSABLE` for what is nothing that can be read, and what opening a store throws. */
export async function inspect(request: InspectRequest): Promise<FileFacts> {
  const { word, cwd, platforms } = request;
  const path = resolve(cwd, word);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats !== undefined && !stats.isDirectory())
    return inspectBytes(request, nameInTree(path), () => openFileBytes(path, word));
  if (isSource(word))
    return inspectBytes(request, null, () => openSourceBytes(word, platforms ?? {}));
  if (stats !== undefined) throw isDirectory(word);
  const recorded = /^(.+?):([^:]*)$/s.exec(word);
  if (recorded === null) return inspectBytes(request, null, () => openFileBytes(path, word));
  return recordedFacts(request, recorded[1]!, treePathFromText(recorded[2]!));
}

function isDirectory(word: string): AuditError {
  return new AuditError('SOURCE_UNUSABLE', `${word}: expected a file, found a directory`, {
    hint: 'name a file in it; a tree is looked into by snapshot or diff with --inspect all',
  });
}

const DAY = 86_400;

/** `path`: where the bytes lie in a tree; null: their own name. */
async function inspectBytes(
  { word, as, key, clock, signal }: InspectRequest,
  path: TreePath | null,
  open: () => InspectedBytes,
): Promise<FileFacts> {
  const collected = new Collected();
  let opened: InspectedBytes | null = null;
  try {
    opened = open();
    const { bytes, limits, skips, leftSeconds: time } = opened;
    const { digest, format, problems } = await inspectFile(
      {
        name: as === null ? (path ?? latin1(opened.name)) : treePathFromText(as),
        bytes,
        digest: null,
      },
      {
        inspectors,
        limits,
        skips,
        key,
        // Nothing is known of the build but when it left the file.
        isTime: (seconds) => time !== null && seconds >= time - 7 * DAY && seconds <= time + DAY,
        known: (...facts) => collected.has(...facts),
        found: (found) => collected.add(found.digest, found.facts),
        now: () => {
          throwIfInterrupted(signal);
          return clock();
        },
      },
    );
    return collected.fileFacts(latin1(word), bytes.size, digest, format, problems);
  } catch (error) {
    throw errnoOf(error) === undefined ? error : unreadable(word, error);
  } finally {
    opened?.close();
  }
}

function unreadable(word: string, error: unknown): AuditError {
  return new AuditError(
    'SOURCE_UNUSABLE',
    `${word}: cannot be read, ${errnoOf(error) ?? 'unknown error'}`,
    { cause: error },
  );
}

/** Formats and secrets are told by paths such as `etc/shadow`: below the nearest directory that looks like a root. */
function nameInTree(path: string): TreePath {
  const file = join(realpathSync(dirname(path)), basename(path));
  let root = dirname(file);
  while (root !== '/' && !ROOTLIKE.every((name) => existsSync(join(root, name))))
    root = dirname(root);
  return treePathFromText(relative(root, file));
}

const ROOTLIKE = ['etc', 'usr'] as const;

async function recordedFacts(
  { word, storeLocation }: InspectRequest,
  build: string,
  path: TreePath,
): Promise<FileFacts> {
  const reference = parseReference(build);
  if (reference.kind !== 'build')
    throw new AuditError('SOURCE_UNUSABLE', `${word}: there is no such file`);
  const store = await openStore(reference.store ?? storeLocation, { mode: 'read' });
  try {
    const { name } = await store.resolve(reference.ref);
    const [artifact] = (await store.read(name)).artifacts;
    const found = artifact === undefined ? null : await find(artifact, path);
    const entry = found?.entry;
    if (artifact === undefined || entry?.type !== 'file')
      throw new AuditError('SOURCE_UNUSABLE', `${name} has no file ${displayPath(path)}`);
    if (entry.sha256 === null)
      throw new AuditError('SOURCE_UNUSABLE', `${name} was recorded without SHA-256`, {
        hint: 'facts are kept by SHA-256',
      });
    const digest = Buffer.from(entry.sha256).toString('hex');
    const collected = new Collected();
    const facts = await collect(artifact, digest, collected);
    if (facts === null)
      throw new AuditError('SOURCE_UNUSABLE', `no facts of ${displayPath(path)} are kept`, {
        hint: 'record with --inspect all, or a glob that matches it; while the tree is there, name the file itself',
      });
    const problems = collected.problems();
    return collected.fileFacts(latin1(word), entry.size, digest, facts.format, problems);
  } finally {
    await store.close();
  }
}

async function find(artifact: ArtifactReader, path: TreePath): Promise<TreeEntry | null> {
  if (path === '') return artifact.root;
  const directory = (await find(artifact, parentPath(path)))?.child ?? null;
  if (directory === null) return null;
  const name = baseName(path);
  return (await artifact.entries(directory)).find(({ entry }) => entry.name === name) ?? null;
}

/** Facts of these bytes and of all parts of them that are kept; null: none. */
async function collect(
  artifact: ArtifactReader,
  root: string,
  collected: Collected,
): Promise<Facts | null> {
  const waiting: { readonly digest: string; readonly format: string | null }[] = [
    { digest: root, format: null },
  ];
  const looked = new Set<string>();
  let first: Facts | null = null;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { digest, format } = next;
    if (looked.has(`${digest} ${format}`)) continue;
    looked.add(`${digest} ${format}`);
    const kept = (await artifact.facts?.(Buffer.from(digest, 'hex'))) ?? [];
    const facts = format === null ? kept[0] : kept.find((each) => each.format === format);
    if (facts === undefined) continue;
    first ??= facts;
    collected.add(digest, facts);
    for (const { rows } of facts.tables)
      for (const { part } of rows)
        if (part !== null && part.format !== null)
          waiting.push({ digest: part.digest, format: part.format });
  }
  return first;
}

/** Facts by what they are facts of. */
class Collected {
  readonly #facts = new Map<string, Facts>();

  add(digest: string, facts: Facts): void {
    this.#facts.set(`${digest} ${facts.format}`, facts);
  }

  has(digest: string, format: string, version: number): boolean {
    return this.#facts.get(`${digest} ${format}`)?.version === version;
  }

  problems(): readonly FactProblem[] {
    return [...this.#facts.values()].flatMap((facts) =>
      problemsOf(facts).map(({ offset, detail }) => ({
        offset,
        detail: `${facts.format}: ${detail}`,
      })),
    );
  }

  fileFacts(
    path: string,
    size: number,
    digest: string,
    format: string,
    problems: readonly FactProblem[],
  ): FileFacts {
    const partFacts = (part: Pick<FactPart, 'digest' | 'format'>): Facts | null =>
      this.#facts.get(`${part.digest} ${part.format}`) ?? null;
    return {
      path,
      size,
      digest: SECRET_FORMATS.has(format) ? null : digest,
      facts: partFacts({ digest, format }),
      partFacts,
      isSecret: (row) => isSecret(row) || (row.part !== null && partFacts(row.part)?.key != null),
      problems,
    };
  }
}

const SECRET_FORMATS: ReadonlySet<string> = new Set(
  inspectors.filter(({ handlesSecrets }) => handlesSecrets === true).map(({ id }) => id),
);

/** What was nested too deeply to be looked into may be one whatever its name. */
function isSecret({ key, part }: FactRow): boolean {
  if (part === null) return false;
  return part.format === null
    ? isSecretPath(key) || part.skipped !== null
    : SECRET_FORMATS.has(part.format) || isSecretPath(key);
}

function latin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

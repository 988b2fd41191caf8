/**
 * Takes builds over from another store, whatever engine it has: reads its directories from the leaves up, checks their
 * digests, and records them as if they had been scanned here.
 */

import type { BuildSummary } from '../../core/build.js';
import { captureWord } from '../../core/capture.js';
import { AuditError } from '../../core/errors.js';
import type { ArtifactReader, TreeEntry, TreeRef } from '../../core/manifest.js';
import {
  digestOfContent,
  digestOfTimes,
  type PlacedDirectory,
  type WholeDirectory,
} from '../../core/merkle.js';
import { packDirectory } from '../../core/packed-directory.js';
import { displayPath, joinPath, ROOT_PATH, type TreePath } from '../../core/path.js';
import type { Store } from '../define.js';
import type { Connection } from './connection.js';
import { damaged } from './errors.js';
import { partsOf } from './facts-codec.js';
import { checkpoint } from './interruption.js';
import { Recording } from './recording.js';
import type { Placed } from './tree-writer.js';

export interface ImportPlan {
  /** Oldest first. */
  readonly wanted: readonly BuildSummary[];
  readonly skipped: readonly string[];
}

/** What is to be taken over, given what is here; throws `BUILD_EXISTS`. */
export function planImport(
  location: string,
  theirs: readonly BuildSummary[],
  ours: readonly BuildSummary[],
): ImportPlan {
  const known = new Map(ours.map((build) => [build.name, build]));
  const same = (build: BuildSummary): boolean => {
    const other = known.get(build.name);
    if (other === undefined) return false;
    if (sameDigests(build, other)) return true;
    throw new AuditError('BUILD_EXISTS', `${location} has another build ${build.name} already`, {
      hint: 'Remove it first, or record it there under another name.',
    });
  };
  const skipped = theirs.filter(same);
  return {
    wanted: theirs.filter((build) => !skipped.includes(build)),
    skipped: skipped.map(({ name }) => name),
  };
}

/** Records the builds within the transaction that `connection` is in. */
export async function importBuilds(
  connection: Connection,
  location: string,
  from: Store,
  wanted: readonly BuildSummary[],
  signal: AbortSignal | null,
): Promise<void> {
  const taken = new Map<string, PlacedDirectory<Placed>>();
  let directories = 0;
  const pass = async (): Promise<void> => {
    if (directories++ % DIRECTORIES_AT_ONCE === 0) await checkpoint(signal);
  };
  for (const { name, stream, startedAt } of wanted) {
    const reader = await from.read(name);
    const recording = new Recording(connection, location, { name, stream, replace: false });
    const artifacts = [];
    for (const artifact of reader.artifacts)
      artifacts.push({
        artifact: artifact.artifact,
        top: await new ArtifactImport(artifact, recording, from.location, taken, pass).run(),
      });
    recording.finish(reader.build, artifacts, {
      keep: reader.build.keep,
      sequence: sequenceFor(connection, startedAt),
      listings: (await reader.artifacts[0]?.packageListings?.()) ?? null,
    });
  }
}

const DIRECTORIES_AT_ONCE = 16;

class ArtifactImport {
  readonly #reader: ArtifactReader;
  readonly #recording: Recording;
  readonly #location: string;
  readonly #word: string;
  readonly #factsTaken = new Set<string>();
  /** Directories of this run by their identity in the other store and what their digests are bound to. */
  readonly #taken: Map<string, PlacedDirectory<Placed>>;
  readonly #pass: () => Promise<void>;

  constructor(
    reader: ArtifactReader,
    recording: Recording,
    location: string,
    taken: Map<string, PlacedDirectory<Placed>>,
    pass: () => Promise<void>,
  ) {
    this.#pass = pass;
    this.#reader = reader;
    this.#recording = recording;
    this.#location = location;
    this.#word = captureWord(reader.artifact.capture);
    this.#taken = taken;
  }

  async run(): Promise<Placed> {
    const { root, artifact } = this.#reader;
    const children = root.child === null ? [] : [await this.#directory(ROOT_PATH, root.child)];
    const top = this.#place(ROOT_PATH, [root], children);
    this.#check(ROOT_PATH, top.contentDigest, artifact.contentDigest);
    this.#check(ROOT_PATH, top.fullDigest, artifact.fullDigest);
    return top.handle;
  }

  async #directory(path: TreePath, directory: TreeRef): Promise<PlacedDirectory<Placed>> {
    const key = `${this.#word}|${directory.identity}`;
    const known = this.#taken.get(key);
    if (known !== undefined) return known;
    await this.#pass();
    const entries = await this.#reader.entries(directory);
    for (const { entry } of entries) {
      if (entry.sha256 === null) continue;
      await this.#takeFacts(entry.sha256);
      await this.#takeContent(entry.sha256);
    }
    const children: PlacedDirectory<Placed>[] = [];
    for (const { entry, child } of entries)
      if (child !== null) children.push(await this.#directory(joinPath(path, entry.name), child));
    const placed = this.#place(path, entries, children);
    this.#check(path, placed.contentDigest, directory.contentDigest);
    this.#taken.set(key, placed);
    return placed;
  }

  /** What is kept of these bytes, and of all that is inside of them. */
  async #takeFacts(digest: Uint8Array): Promise<void> {
    const open = [Buffer.from(digest).toString('hex')];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (this.#factsTaken.has(next)) continue;
      this.#factsTaken.add(next);
      for (const facts of (await this.#reader.facts?.(Buffer.from(next, 'hex'))) ?? []) {
        this.#recording.putFacts({ digest: next, facts });
        open.push(...partsOf(facts));
      }
    }
  }

  async #takeContent(sha256: Uint8Array): Promise<void> {
    const digest = Buffer.from(sha256).toString('hex');
    if (this.#recording.hasContent(digest)) return;
    const bytes = (await this.#reader.content?.(sha256)) ?? null;
    if (bytes !== null) this.#recording.putContent({ digest, bytes });
  }

  #place(
    path: TreePath,
    entries: readonly TreeEntry[],
    children: readonly PlacedDirectory<Placed>[],
  ): PlacedDirectory<Placed> {
    const packed = packDirectory(
      path,
      entries.map(({ entry }) => entry),
      ({ link }) => link,
    );
    const links = new Map<number, TreePath>();
    for (const [ordinal, { entry }] of entries.entries())
      if (entry.link !== null) links.set(ordinal, entry.link);
    const contentDigest = digestOfContent(this.#word, packed, children, links);
    const whole: WholeDirectory = {
      packed: {
        ...packed,
        subdirectories: packed.subdirectories.filter(
          ({ ordinal }) => entries[ordinal]!.child !== null,
        ),
      },
      links,
      contentDigest,
      fullDigest: digestOfTimes(contentDigest, packed, children),
      entryCount: children.reduce((sum, child) => sum + child.entryCount, packed.count),
      sizeBytes: children.reduce((sum, child) => sum + child.sizeBytes, packed.sizeBytes),
    };
    return { ...whole, handle: this.#recording.put(whole, children) };
  }

  #check(path: TreePath, computed: Uint8Array, recorded: Uint8Array): void {
    if (Buffer.compare(computed, recorded) === 0) return;
    throw damaged(
      this.#location,
      `the digest of directory ${displayPath(path)} does not fit what it holds`,
    );
  }
}

function sameDigests(a: BuildSummary, b: BuildSummary): boolean {
  return Buffer.compare(a.contentDigest, b.contentDigest) === 0 && a.digests === b.digests;
}

/** Behind the builds that were started before it. */
function sequenceFor(connection: Connection, startedAt: string): number {
  return connection
    .prepare('SELECT coalesce(max(sequence), 0) + 1 FROM build WHERE started_at <= ?')
    .pluck()
    .get(startedAt) as number;
}

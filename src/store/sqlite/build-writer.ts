/**
 * Records one build in one transaction. While another process writes, directories wait in memory: the scan goes on,
 * and `commit` waits for its turn.
 */

import type { Artifact, BuildDescription } from '../../core/build.js';
import type { PackageListing } from '../../core/manifest.js';
import type { PlacedDirectory, WholeDirectory } from '../../core/merkle.js';
import type { BuildWriter, DirectoryHandle } from '../define.js';
import { guarded } from './errors.js';
import { Recording, type RecordingOptions } from './recording.js';
import type { Placed } from './tree-writer.js';
import type { WriteSession } from './write-session.js';

/** How many directories to hold between two attempts to get the write lock. */
const PUTS_PER_ATTEMPT = 256;

/** What callers hold; filled in when the directory is written. */
interface Handle {
  placed: Placed | null;
}

interface Waiting {
  readonly directory: WholeDirectory;
  readonly children: readonly PlacedDirectory<DirectoryHandle>[];
  readonly handle: Handle;
}

export class SqliteBuildWriter implements BuildWriter {
  readonly #session: WriteSession;
  readonly #location: string;
  readonly #options: RecordingOptions;
  readonly #waiting: Waiting[] = [];
  readonly #artifacts: { readonly artifact: Artifact; readonly handle: Handle }[] = [];
  #listings: readonly PackageListing[] | null = null;
  #recording: Recording | null = null;
  #ended = false;

  constructor(session: WriteSession, location: string, options: RecordingOptions) {
    this.#session = session;
    this.#location = location;
    this.#options = options;
  }

  putDirectory(
    directory: WholeDirectory,
    children: readonly PlacedDirectory<DirectoryHandle>[],
  ): DirectoryHandle {
    this.#checkOpen();
    const handle: Handle = { placed: null };
    const waiting: Waiting = { directory, children, handle };
    if (this.#recording === null && this.#waiting.length % PUTS_PER_ATTEMPT === 0) this.#tryStart();
    if (this.#recording === null) this.#waiting.push(waiting);
    else this.#put(this.#recording, waiting);
    return handle;
  }

  putArtifact(artifact: Artifact, tree: DirectoryHandle): void {
    this.#checkOpen();
    this.#artifacts.push({ artifact, handle: tree as Handle });
  }

  putListings(listings: readonly PackageListing[]): void {
    this.#checkOpen();
    this.#listings = listings;
  }

  async commit(description: BuildDescription): Promise<void> {
    this.#checkOpen();
    try {
      await this.#session.start();
      const recording = this.#start();
      const artifacts = this.#artifacts.map(({ artifact, handle }) => ({
        artifact,
        top: handle.placed!,
      }));
      guarded(this.#location, 'write', () =>
        recording.finish(description, artifacts, {
          keep: false,
          sequence: null,
          listings: this.#listings,
        }),
      );
      await this.#session.commit();
    } finally {
      await this.abort();
    }
  }

  abort(): Promise<void> {
    this.#ended = true;
    this.#waiting.length = 0;
    this.#session.end();
    return Promise.resolve();
  }

  #tryStart(): void {
    if (this.#session.tryStart() !== null) this.#start();
  }

  /** Writes what waits; the session has the lock. */
  #start(): Recording {
    if (this.#recording !== null) return this.#recording;
    const connection = this.#session.tryStart()!;
    const recording = guarded(
      this.#location,
      'write',
      () => new Recording(connection, this.#location, this.#options),
    );
    for (const waiting of this.#waiting.splice(0)) this.#put(recording, waiting);
    return (this.#recording = recording);
  }

  #put(recording: Recording, { directory, children, handle }: Waiting): void {
    const placed = children.map((child) => ({
      ...child,
      handle: (child.handle as Handle).placed!,
    }));
    handle.placed = guarded(this.#location, 'write', () => recording.put(directory, placed));
  }

  #checkOpen(): void {
    if (this.#ended) throw new Error('the writer of this build has ended');
  }
}

/** What one build adds to the store, within a transaction that someone else starts and ends. */

import type { BuildDescription } from '../../core/build.js';
import type { KeyedFacts } from '../../core/facts.js';
import type { KeyedContent, PackageListing } from '../../core/manifest.js';
import type { PlacedDirectory, WholeDirectory } from '../../core/merkle.js';
import { checkNameIsFree } from './build-list.js';
import { insertBuild, type NewArtifact } from './build-rows.js';
import type { Connection } from './connection.js';
import { ContentWriter } from './content.js';
import { Counters } from './counters.js';
import { FactWriter } from './facts.js';
import { writeListings } from './listings.js';
import { PreviousBuild } from './previous-build.js';
import { dropBuilds, sweep } from './sweep.js';
import { TreeWriter, type Placed } from './tree-writer.js';

export interface RecordingOptions {
  readonly name: string;
  readonly stream: string;
  /** Take the place of a build of the same name. */
  readonly replace: boolean;
}

export class Recording {
  readonly #connection: Connection;
  readonly #options: RecordingOptions;
  readonly #counters: Counters;
  readonly #former: FormerBuild | null;
  readonly #writer: TreeWriter;
  readonly #facts: FactWriter;
  readonly #content: ContentWriter;
  readonly #location: string;

  /** Throws `BUILD_EXISTS`. */
  constructor(connection: Connection, location: string, options: RecordingOptions) {
    if (!options.replace) checkNameIsFree(connection, location, options.name);
    this.#connection = connection;
    this.#location = location;
    this.#options = options;
    this.#facts = new FactWriter(connection);
    this.#content = new ContentWriter(connection);
    this.#counters = new Counters(connection);
    this.#former = findFormer(connection, options.stream);
    this.#writer = new TreeWriter(
      connection,
      this.#counters,
      this.#former === null ? null : new PreviousBuild(connection, this.#former),
    );
  }

  put(directory: WholeDirectory, children: readonly PlacedDirectory<Placed>[]): Placed {
    return this.#writer.put(directory, children);
  }

  putFacts(facts: KeyedFacts): void {
    this.#facts.put(facts);
  }

  hasContent(digest: string): boolean {
    return this.#content.has(digest);
  }

  putContent(content: KeyedContent): void {
    this.#content.put(content);
  }

  /** `sequence` null: after all others; `listings` null: they were not read. */
  finish(
    description: BuildDescription,
    artifacts: readonly NewArtifact[],
    { keep, sequence, listings }: RecordingEnd,
  ): void {
    this.#writer.flush();
    const replaced = this.#options.replace ? dropBuilds(this.#connection, [this.#options.name]) : 0;
    insertBuild(this.#connection, this.#counters, description, artifacts, {
      keep,
      sequence: sequence ?? lastSequence(this.#connection) + 1,
      formerPackages: this.#former?.packages ?? null,
      listings:
        listings === null ? null : writeListings(this.#connection, this.#counters, listings),
    });
    this.#counters.save();
    if (replaced > 0) sweep(this.#connection, this.#location);
  }
}

export interface RecordingEnd {
  readonly keep: boolean;
  readonly sequence: number | null;
  readonly listings: readonly PackageListing[] | null;
}

interface FormerBuild {
  readonly tree: number;
  readonly stamp: number | null;
  readonly packages: number;
}

/** The last build of the stream; of the whole store when the stream is new, since rows are shared between streams too. */
function findFormer(connection: Connection, stream: string): FormerBuild | null {
  const row = connection
    .prepare(
      `SELECT a.tree, a.stamp, b.package_list AS packages
       FROM build b JOIN artifact a ON a.build = b.id
       ORDER BY b.stream = ? DESC, b.sequence DESC, a.id LIMIT 1`,
    )
    .get(stream) as FormerBuild | undefined;
  return row ?? null;
}

function lastSequence(connection: Connection): number {
  return connection.prepare('SELECT coalesce(max(sequence), 0) FROM build').pluck().get() as number;
}

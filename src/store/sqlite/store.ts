/** The store in one SQLite file, or in memory. */

import { statSync } from 'node:fs';

import { BUILD_NAME, type BuildSummary } from '../../core/build.js';
import { AuditError } from '../../core/errors.js';
import { namedKey, type SecretKey } from '../../core/secrets.js';
import type { KeyedFacts } from '../../core/facts.js';
import type { KeyedContent } from '../../core/manifest.js';
import type {
  BeginOptions,
  BuildReader,
  BuildRef,
  BuildWriter,
  ImportResult,
  OpenStoreOptions,
  Store,
} from '../define.js';
import { buildId, checkNameIsFree, listBuilds, resolveBuild } from './build-list.js';
import { readBuild, type ReadingStore } from './build-reader.js';
import { SqliteBuildWriter } from './build-writer.js';
import { openMemory, openReader, READ_WAIT_MS, type Connection } from './connection.js';
import { ContentReader, ContentWriter } from './content.js';
import { explained, guarded } from './errors.js';
import { checkWritable, fileIdentity, inspectFile } from './file.js';
import { importBuilds, planImport } from './import.js';
import { FactReader, FactWriter } from './facts.js';
import { findSecretKey, makeSecretKey } from './secret-key.js';
import { dropBuilds, sweep } from './sweep.js';
import { TreeReader } from './tree-reader.js';
import { vacuum } from './vacuum.js';
import { WriteSession } from './write-session.js';

const DEFAULT_WAIT_MS = 600_000;
/** Longer than most commits. */
const AT_ONCE_MS = 200;

/** See `openStore`. */
export function openSqliteStore(
  location: string,
  { mode, waitMs, signal }: OpenStoreOptions,
): Store {
  const wait = waitMs ?? DEFAULT_WAIT_MS;
  if (location === ':memory:') return new SqliteStore(location, wait, openMemory(), null);
  const state = inspectFile(location);
  if (mode === 'write') checkWritable(location);
  else if (state !== 'something') throw missing(location);
  const store = new SqliteStore(location, wait, null, signal ?? null);
  store.check(mode);
  return store;
}

function missing(location: string): AuditError {
  return new AuditError('STORE_MISSING', `${location} holds no build yet`, {
    hint: 'Record one with `repro-audit snapshot`, or name another store with --db.',
  });
}

let memoryStores = 0;

class SqliteStore implements Store {
  readonly location: string;
  readonly #waitMs: number;
  /** The one connection of a store in memory; null for a file. */
  readonly #shared: Connection | null;
  readonly #signal: AbortSignal | null;
  #reading: ReadingStore | null = null;

  constructor(
    location: string,
    waitMs: number,
    shared: Connection | null,
    signal: AbortSignal | null,
  ) {
    this.#signal = signal;
    this.location = location;
    this.#waitMs = waitMs;
    this.#shared = shared;
    if (shared !== null) this.#reading = this.#readingOf(shared, `memory:${memoryStores++}`);
  }

  /** Throws when what is at the location cannot be read as a store. Who will write need not read now. */
  check(mode: OpenStoreOptions['mode']): void {
    if (mode === 'read') this.#read();
    else this.#unlessBusy(() => undefined);
  }

  begin(name: string, { replace, stream }: BeginOptions): Promise<BuildWriter> {
    return this.#attempt(() => {
      if (!BUILD_NAME.test(name))
        throw new AuditError(
          'BUILD_NAME_INVALID',
          `build name ${JSON.stringify(name)}: expected letters, digits and any of ._+-`,
        );
      if (this.#shared === null) checkWritable(this.location);
      this.#unlessBusy(({ connection }) => {
        if (!replace) checkNameIsFree(connection, this.location, name);
      });
      return new SqliteBuildWriter(this.#session(), this.location, { name, stream, replace });
    });
  }

  builds(stream?: string): Promise<readonly BuildSummary[]> {
    return this.#attempt(() => {
      const reading = this.#read();
      return reading === null ? [] : listBuilds(reading.connection, stream);
    });
  }

  resolve(ref: BuildRef): Promise<BuildSummary> {
    return this.#attempt(() => resolveBuild(this.#read()?.connection ?? null, this.location, ref));
  }

  read(name: string): Promise<BuildReader> {
    return this.#attempt(() => {
      const reading = this.#read();
      // Throws when there is no such build, which is so when there is no file.
      if (reading === null) buildId(null, this.location, name);
      return reading!.connection.transaction(() => readBuild(reading!, name))();
    });
  }

  async remove(names: readonly string[]): Promise<number> {
    await this.#checkKnown(names);
    const before = this.#sizeBytes();
    await this.#write((connection) => {
      for (const name of names) buildId(connection, this.location, name);
      dropBuilds(connection, names);
      sweep(connection, this.location);
    });
    if (this.#shared === null) vacuum(this.location);
    return Math.max(0, before - this.#sizeBytes());
  }

  async setKeep(name: string, keep: boolean): Promise<void> {
    await this.#checkKnown([name]);
    await this.#write((connection) => {
      const id = buildId(connection, this.location, name);
      connection.prepare('UPDATE build SET keep = ? WHERE id = ?').run(keep ? 1 : 0, id);
    });
  }

  async importFrom(other: Store): Promise<ImportResult> {
    const theirs = await other.builds();
    const { wanted } = planImport(this.location, theirs, await this.builds());
    if (wanted.length === 0) return { imported: [], skipped: theirs.map(({ name }) => name) };
    return this.#write(async (connection) => {
      // Once more, now that nobody else can write.
      const plan = planImport(this.location, theirs, listBuilds(connection));
      await importBuilds(connection, this.location, other, plan.wanted, this.#signal);
      return { imported: plan.wanted.map(({ name }) => name), skipped: plan.skipped };
    });
  }

  async secretKey(fresh: Uint8Array): Promise<SecretKey> {
    const known = await this.#attempt(() => {
      const reading = this.#read();
      return reading === null ? null : findSecretKey(reading.connection, this.location);
    });
    return (
      known ??
      this.#write((connection) => makeSecretKey(connection, this.location, namedKey(fresh)))
    );
  }

  hasFacts(digest: string, format: string, version: number): Promise<boolean> {
    return this.#attempt(() => this.#read()?.facts.has(digest, format, version) ?? false);
  }

  async putFacts(facts: readonly KeyedFacts[]): Promise<void> {
    if (facts.length === 0) return;
    await this.#write((connection) => {
      const writer = new FactWriter(connection);
      for (const each of facts) writer.put(each);
    });
  }

  async putContent(content: readonly KeyedContent[]): Promise<void> {
    if (content.length === 0) return;
    await this.#write((connection) => {
      const writer = new ContentWriter(connection);
      for (const each of content) writer.put(each);
    });
  }

  close(): Promise<void> {
    this.#reading?.connection.close();
    this.#reading = null;
    return Promise.resolve();
  }

  /** Null while the file does not exist or holds nothing. */
  #read(waitMs = READ_WAIT_MS): ReadingStore | null {
    if (this.#reading !== null) return this.#reading;
    if (inspectFile(this.location) !== 'something') return null;
    const scope = `file:${fileIdentity(this.location)}`;
    return (this.#reading = this.#readingOf(openReader(this.location, waitMs), scope));
  }

  #readingOf(connection: Connection, scope: string): ReadingStore {
    const { location } = this;
    return {
      connection,
      location,
      scope,
      trees: new TreeReader(connection, location),
      facts: new FactReader(connection, location),
      content: new ContentReader(connection, location),
    };
  }

  /** Does not touch the file when a build is unknown. */
  async #checkKnown(names: readonly string[]): Promise<void> {
    for (const name of names) await this.resolve({ kind: 'name', name });
  }

  async #write<T>(action: (connection: Connection) => T | Promise<T>): Promise<T> {
    const session = this.#session();
    try {
      const result = await action(await session.start());
      await session.commit();
      return result;
    } catch (error) {
      throw explained(this.location, 'write', error);
    } finally {
      session.end();
    }
  }

  #session(): WriteSession {
    return new WriteSession(this.location, this.#waitMs, this.#shared, this.#signal);
  }

  /** For what is checked again within the transaction: done now if it can be done at once. */
  #unlessBusy(check: (reading: ReadingStore) => void): void {
    try {
      guarded(this.location, 'read', () => {
        const reading = this.#read(AT_ONCE_MS);
        if (reading === null) return;
        reading.connection.pragma(`busy_timeout = ${AT_ONCE_MS}`);
        check(reading);
      });
    } catch (error) {
      if (!(error instanceof AuditError) || error.code !== 'STORE_BUSY') throw error;
    } finally {
      this.#reading?.connection.pragma(`busy_timeout = ${READ_WAIT_MS}`);
    }
  }

  #attempt<T>(action: () => T): Promise<T> {
    return new Promise((resolve) => resolve(guarded(this.location, 'read', action)));
  }

  #sizeBytes(): number {
    return this.#shared === null ? statSync(this.location).size : 0;
  }
}

/** Facts by the digest of the bytes they are of: found once, shared by all builds that have these bytes. */

import { crc32 } from 'node:zlib';

import type Database from 'better-sqlite3';

import type { Facts, KeyedFacts } from '../../core/facts.js';
import { hasTable, type Connection } from './connection.js';
import { damaged } from './errors.js';
import { decodeFacts, encodeFacts, partsOf } from './facts-codec.js';

type Statement = Database.Statement<unknown[]>;

/** Reads facts; a store of the first version, which nobody has written to since, has none. */
export class FactReader {
  readonly #connection: Connection;
  readonly #location: string;
  #statements: { readonly select: Statement; readonly has: Statement } | null = null;

  constructor(connection: Connection, location: string) {
    this.#connection = connection;
    this.#location = location;
  }

  has(digest: string, format: string, version: number): boolean {
    const statements = this.#prepared();
    return statements?.has.get(Buffer.from(digest, 'hex'), format, version) !== undefined;
  }

  /** `digest`: 32 bytes. Throws `STORE_DAMAGED`. */
  read(digest: Uint8Array): readonly Facts[] {
    const rows = (this.#prepared()?.select.all(digest) ?? []) as FactRow[];
    return rows.map(({ format, version, body }) => {
      try {
        const end = body.length - SUM_BYTES;
        const packed = body.subarray(0, end);
        if (body.readUInt32BE(end) !== sumOf(digest, format, version, packed))
          throw new Error('another sum');
        return decodeFacts(format, version, packed);
      } catch {
        const hex = Buffer.from(digest).toString('hex');
        throw damaged(this.#location, `the ${format} facts of ${hex} are not readable`);
      }
    });
  }

  #prepared(): { readonly select: Statement; readonly has: Statement } | null {
    if (this.#statements !== null || !hasTable(this.#connection, 'fact')) return this.#statements;
    const prepare = (sql: string): Statement => this.#connection.prepare(sql);
    return (this.#statements = {
      select: prepare('SELECT format, version, body FROM fact WHERE digest = ? ORDER BY format'),
      has: prepare('SELECT 1 FROM fact WHERE digest = ? AND format = ? AND version = ?'),
    });
  }
}

/** Writes facts; call within a transaction. */
export class FactWriter {
  readonly #insert: Statement;

  constructor(connection: Connection) {
    this.#insert = connection.prepare('INSERT OR REPLACE INTO fact VALUES (?, ?, ?, ?)');
  }

  put({ digest, facts }: KeyedFacts): void {
    const key = Buffer.from(digest, 'hex');
    const { format, version } = facts;
    const packed = encodeFacts(facts);
    const sum = Buffer.alloc(SUM_BYTES);
    sum.writeUInt32BE(sumOf(key, format, version, packed));
    this.#insert.run(key, format, version, Buffer.concat([packed, sum]));
  }
}

/** At the end of a body: nothing else would tell a bit that is wrong from a difference between builds. */
const SUM_BYTES = 4;

function sumOf(digest: Uint8Array, format: string, version: number, packed: Uint8Array): number {
  return crc32(packed, crc32(`${format} ${version}`, crc32(digest)));
}

interface FactRow {
  readonly format: string;
  readonly version: number;
  readonly body: Buffer;
}

/** Deletes the facts of bytes that no entry has, neither itself nor inside of it. Entries must be swept already. */
export function sweepFacts(connection: Connection, location: string): void {
  const reader = new FactReader(connection, location);
  const live = new Set<string>();
  const open = connection
    .prepare(
      'SELECT DISTINCT digest FROM fact WHERE digest IN (SELECT sha256 FROM entry) OR digest IN (SELECT container_digest FROM artifact)',
    )
    .pluck()
    .all() as Buffer[];
  for (let digest = open.pop(); digest !== undefined; digest = open.pop()) {
    const hex = digest.toString('hex');
    if (live.has(hex)) continue;
    live.add(hex);
    for (const facts of reader.read(digest))
      for (const part of partsOf(facts)) if (!live.has(part)) open.push(Buffer.from(part, 'hex'));
  }
  const all = connection.prepare('SELECT DISTINCT digest FROM fact').pluck().all() as Buffer[];
  const remove = connection.prepare('DELETE FROM fact WHERE digest = ?');
  for (const digest of all) if (!live.has(digest.toString('hex'))) remove.run(digest);
}

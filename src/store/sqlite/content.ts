/** Bytes of files by their digest: kept once, shared by all builds that have a file with these bytes. */

import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';

import type Database from 'better-sqlite3';

import type { KeyedContent } from '../../core/manifest.js';
import { hasTable, type Connection } from './connection.js';
import { damaged } from './errors.js';

type Statement = Database.Statement<unknown[]>;

/** First byte of a body. */
const PLAIN = 0;
const DEFLATED = 1;
/** More of one file is not kept: whoever says so has made a bomb. */
const MAX_BYTES = 512 * 1024 * 1024;

/** Reads content; a store of the first version, which nobody has written to since, has none. */
export class ContentReader {
  readonly #connection: Connection;
  readonly #location: string;
  #statements: { readonly select: Statement; readonly has: Statement } | null = null;

  constructor(connection: Connection, location: string) {
    this.#connection = connection;
    this.#location = location;
  }

  /** `digest`: 32 bytes. */
  has(digest: Uint8Array): boolean {
    return this.#prepared()?.has.get(digest) !== undefined;
  }

  /** `digest`: 32 bytes; null when these bytes are not kept. Throws `STORE_DAMAGED` when they no longer have the digest. */
  read(digest: Uint8Array): Uint8Array | null {
    const row = this.#prepared()?.select.get(digest) as ContentRow | undefined;
    if (row === undefined) return null;
    const bytes = decodeContent(row);
    if (bytes !== null && sha256(bytes).equals(digest)) return bytes;
    const hex = Buffer.from(digest).toString('hex');
    throw damaged(this.#location, `the content of ${hex} is not what was kept`);
  }

  #prepared(): { readonly select: Statement; readonly has: Statement } | null {
    if (this.#statements !== null || !hasTable(this.#connection, 'content'))
      return this.#statements;
    const prepare = (sql: string): Statement => this.#connection.prepare(sql);
    return (this.#statements = {
      select: prepare('SELECT size, CAST(body AS BLOB) AS body FROM content WHERE digest = ?'),
      has: prepare('SELECT 1 FROM content WHERE digest = ?'),
    });
  }
}

interface ContentRow {
  readonly size: number;
  readonly body: Buffer;
}

/** Writes content; call within a transaction. */
export class ContentWriter {
  readonly #has: Statement;
  readonly #insert: Statement;

  constructor(connection: Connection) {
    this.#has = connection.prepare('SELECT 1 FROM content WHERE digest = ?');
    this.#insert = connection.prepare('INSERT INTO content VALUES (?, ?, ?)');
  }

  /** `digest`: 64 hex digits. */
  has(digest: string): boolean {
    return this.#has.get(Buffer.from(digest, 'hex')) !== undefined;
  }

  put({ digest, bytes }: KeyedContent): void {
    if (this.has(digest)) return;
    const key = Buffer.from(digest, 'hex');
    if (bytes.length > MAX_BYTES) throw new RangeError(`content of ${bytes.length} bytes`);
    if (!sha256(bytes).equals(key)) throw new Error(`content under another digest: ${digest}`);
    this.#insert.run(key, bytes.length, encodeContent(bytes));
  }
}

/** Deletes the bytes that no entry has. Entries must be swept already. */
export function sweepContent(connection: Connection): void {
  connection.exec(
    'DELETE FROM content WHERE digest NOT IN (SELECT sha256 FROM entry WHERE sha256 IS NOT NULL)',
  );
}

/** As it is where deflating gains nothing. */
function encodeContent(bytes: Uint8Array): Buffer {
  const deflated = deflateRawSync(bytes);
  const isShorter = deflated.length < bytes.length;
  return Buffer.concat([
    Buffer.of(isShorter ? DEFLATED : PLAIN),
    isShorter ? deflated : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
  ]);
}

/** Null for what `encodeContent` does not write. */
function decodeContent({ size, body }: ContentRow): Buffer | null {
  const rest = body.subarray(1);
  if (body[0] === PLAIN) return rest;
  if (body[0] !== DEFLATED) return null;
  try {
    // Zero would mean no limit at all.
    return inflateRawSync(rest, { maxOutputLength: Math.min(Math.max(1, size), MAX_BYTES) });
  } catch {
    return null;
  }
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

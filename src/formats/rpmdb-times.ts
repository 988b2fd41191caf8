/** Install times and transaction ids in rpm's database: two tags of each header, and the index of the second. */

import type { Database } from 'better-sqlite3';

import { FormatError } from '../core/errors.js';
import { RPM_TAG, RPM_TYPE, readRpmHeader, type RpmHeader } from './rpm-header.js';
import { rpmdbBlob } from './rpmdb-image.js';

const FORMAT = 'rpmdb';
const MAX_TIME = 0xffffffff;

/** Throws `FormatError` unless the times of `count` packages, counted up from the epoch, fit into 32 bits. */
export function checkInstallTimes(sourceDateEpoch: number, count: number): void {
  if (sourceDateEpoch < 0 || sourceDateEpoch + count > MAX_TIME)
    throw new FormatError(FORMAT, 0, `time ${sourceDateEpoch} does not fit into 32 bits`);
}

/** A copy of a header blob with other times in it; one without the tags stays as it is. Throws `FormatError`. */
export function withInstallTimes(blob: Uint8Array, time: number, transaction: number): Buffer {
  const copy = Buffer.from(blob);
  const header = readRpmHeader(copy);
  setTime(header, RPM_TAG.INSTALLTIME, time);
  setTime(header, RPM_TAG.INSTALLTID, transaction);
  return copy;
}

/**
 * Keys of `Installtid` are raw 32-bit numbers of the machine that ran rpm, which need not be this one: told by the
 * transaction id in the header that a key belongs to. `LE` for an empty database.
 */
export function installtidByteOrder(database: Database): 'LE' | 'BE' {
  const rows = database
    .prepare('SELECT i.key, p.blob FROM Installtid i JOIN Packages p USING (hnum)')
    .raw()
    .iterate();
  let order: boolean | null = null;
  for (const [rawKey, rawBlob] of rows as Iterable<unknown[]>) {
    const key = rpmdbBlob(rawKey);
    const header = readRpmHeader(rpmdbBlob(rawBlob));
    const entry = header.entries.find(({ tag }) => tag === RPM_TAG.INSTALLTID);
    const id = entry === undefined ? null : header.blob.readUInt32BE(entry.offset);
    const little = key.length === 4 && key.readUInt32LE() === id;
    const big = key.length === 4 && key.readUInt32BE() === id;
    if (!little && !big)
      throw new FormatError(FORMAT, 0, 'a key of Installtid is not the id in its header');
    if (little !== big) order ??= little;
    if (order !== null && !(order ? little : big))
      throw new FormatError(FORMAT, 0, 'the keys of Installtid have two byte orders');
  }
  return (order ?? true) ? 'LE' : 'BE';
}

/** Gives every package of the index the same transaction id. */
export function setInstalltidKeys(
  database: Database,
  transaction: number,
  order: 'LE' | 'BE',
): void {
  const key = Buffer.alloc(4);
  if (order === 'LE') key.writeUInt32LE(transaction);
  else key.writeUInt32BE(transaction);
  database.prepare('UPDATE Installtid SET key = ?').run(key);
}

/** Writes into the header's blob. Nothing to do where the tag is absent. */
function setTime(header: RpmHeader, tag: number, seconds: number): void {
  for (const entry of header.entries) {
    if (entry.tag !== tag) continue;
    if (!entry.dribble || entry.type !== RPM_TYPE.INT32 || entry.count !== 1)
      throw new FormatError(
        FORMAT,
        entry.offset,
        `tag ${tag} is not one number outside the region`,
      );
    header.blob.writeUInt32BE(seconds, entry.offset);
  }
}

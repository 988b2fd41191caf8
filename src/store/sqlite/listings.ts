/** Which paths a package lists: one row for each package whose list differs, so that builds share nearly all of them. */

import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';

import type { Package } from '../../core/build.js';
import type { Owner } from '../../core/explanation.js';
import type { PackageListing } from '../../core/manifest.js';
import { listedPaths } from '../../core/ownership.js';
import type { TreePath } from '../../core/path.js';
import type { Connection } from './connection.js';
import type { Counters } from './counters.js';
import { deflation } from './deflation.js';
import { damaged } from './errors.js';
import { decodeRuns, encodeRuns } from './runs.js';

const MAX_BYTES = 512 * 1024 * 1024;

/** Returns the ids of the rows as runs, the value of `build.listings`. Call within a transaction. */
export function writeListings(
  connection: Connection,
  counters: Counters,
  listings: readonly PackageListing[],
): string {
  const find = connection.prepare('SELECT id FROM listing WHERE digest = ?').pluck();
  const insert = connection.prepare('INSERT INTO listing VALUES (?, ?, ?, ?, ?)');
  const ids = listings.map(({ package: { manager, name }, paths }) => {
    // No path holds a NUL (POSIX.1-2017 3.170).
    const text = Buffer.from(paths.join('\0'), 'latin1');
    const digest = digestOf(manager, name, text);
    const known = find.get(digest) as number | undefined;
    if (known !== undefined) return known;
    const id = counters.next('listing');
    insert.run(id, digest, manager, name, deflateRawSync(text, deflation(text.length)));
    return id;
  });
  return encodeRuns(ids.toSorted((a, b) => a - b));
}

/** `runs` null: recorded without listings. Throws `STORE_DAMAGED` for rows that have not their digest. */
export function readListings(
  connection: Connection,
  location: string,
  runs: string | null,
): PackageListing[] {
  if (runs === null) return [];
  const select = connection.prepare(
    'SELECT digest, manager, package AS name, paths FROM listing WHERE id BETWEEN ? AND ?',
  );
  return decodeRuns(runs).flatMap(([, first, count]) =>
    (select.all(first, first + count - 1) as ListingRow[]).map(
      ({ digest, manager, name, paths }) => {
        const text = inflated(paths);
        if (text === null || !digestOf(manager, name, text).equals(digest))
          throw damaged(location, `the list of files of ${name} is not what was recorded`);
        return {
          package: { manager, name },
          paths: text.toString('latin1').split('\0') as TreePath[],
        };
      },
    ),
  );
}

function inflated(bytes: Buffer): Buffer | null {
  try {
    return inflateRawSync(bytes, { maxOutputLength: MAX_BYTES });
  } catch {
    return null;
  }
}

function digestOf(manager: string, name: string, text: Uint8Array): Buffer {
  return createHash('sha256').update(`${manager}\0${name}\0`).update(text).digest();
}

interface ListingRow {
  readonly digest: Buffer;
  readonly manager: string;
  readonly name: string;
  readonly paths: Buffer;
}

/** Deletes what no build refers to. */
export function sweepListings(connection: Connection): void {
  connection.exec(`
    DELETE FROM listing WHERE id NOT IN (
      SELECT l.id FROM build b CROSS JOIN json_each(b.listings) r
      CROSS JOIN listing l ON l.id BETWEEN json_extract(r.value, '$[1]')
        AND json_extract(r.value, '$[1]') + json_extract(r.value, '$[2]') - 1
      WHERE b.listings IS NOT NULL
    )`);
}

/** Of several packages that list a path (a directory, a diversion) the first by manager and name is told. */
export function findOwners(
  listings: readonly PackageListing[],
  packages: readonly Package[],
  paths: readonly TreePath[],
): ReadonlyMap<TreePath, Owner> {
  const wanted = new Map<string, TreePath>();
  // What was moved answers to its listed name only where that name is not a path of its own.
  for (const path of paths)
    for (const listed of listedPaths(path)) if (!wanted.has(listed)) wanted.set(listed, path);
  for (const path of paths) wanted.set(path, path);
  const versions = new Map(packages.map((each) => [`${each.manager}:${each.name}`, each.version]));
  const owners = new Map<TreePath, Owner>();
  for (const {
    package: { manager, name },
    paths: listed,
  } of listings)
    for (const each of listed) {
      const path = wanted.get(each);
      if (path === undefined || owners.has(path)) continue;
      const version = versions.get(`${manager}:${name}`) ?? '';
      owners.set(path, { kind: 'package', manager, name, version });
    }
  return owners;
}

/** Everything a scrub must not change by accident, read without the code under test. */

import { createHash } from 'node:crypto';
import { type BigIntStats, lstatSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';

/** One line per path (bytes as latin1, the root is ''): type and mode, owner, mtime in ns, link target or SHA-256. */
export function listTree(root: string): Map<string, string> {
  const listing = new Map<string, string>();
  visit(Buffer.from(root), '', listing);
  return listing;
}

/** Paths whose line differs, sorted, with `+`, `-` or `~` in front. */
export function changedPaths(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): string[] {
  const removed = [...before.keys()].filter((path) => !after.has(path)).map((path) => `-${path}`);
  const added = [...after.keys()].filter((path) => !before.has(path)).map((path) => `+${path}`);
  const changed = [...before]
    .filter(([path, line]) => after.has(path) && after.get(path) !== line)
    .map(([path]) => `~${path}`);
  return [...removed, ...added, ...changed].sort();
}

function visit(full: Buffer, path: string, listing: Map<string, string>): void {
  const status = lstatSync(full, { bigint: true });
  listing.set(path, describe(full, status));
  if (!status.isDirectory()) return;
  for (const name of readdirSync(full, 'latin1'))
    visit(
      Buffer.concat([full, Buffer.from(`/${name}`, 'latin1')]),
      path === '' ? name : `${path}/${name}`,
      listing,
    );
}

function describe(full: Buffer, status: BigIntStats): string {
  const metadata = `${status.mode.toString(8)} ${status.uid}:${status.gid} ${status.mtimeNs}`;
  if (status.isSymbolicLink()) return `${metadata} ${readlinkSync(full)}`;
  if (!status.isFile()) return metadata;
  return `${metadata} ${createHash('sha256').update(readFileSync(full)).digest('hex')}`;
}

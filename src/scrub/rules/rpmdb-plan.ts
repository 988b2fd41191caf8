/**
 * Replacing an rpm database that SQLite keeps, sidecars included, so that rpm reads a right one after a kill between
 * any two edits. What the order rests on (each point is tried out in `test/scrub/rpmdb-kill.test.ts`):
 *
 * - SQLite replays every log that lies beside a database, even one marked for rollback journals; nothing in the
 *   database says which log is its own. New content beside an old log with frames in it is corruption.
 * - So a log with frames is taken in first: the main file is replaced by itself with the log replayed and the rollback
 *   mark set. Replaying the log again onto that changes no page, so (new, log) reads like (old, log).
 * - Then the log goes. What is left reads the same, for an unprivileged reader in a read-only tree too.
 * - Only then comes new content, in one rename, and no log is there that could be replayed onto it.
 * - A `-shm` is an index of the log: without a log SQLite does not look at it. It goes last.
 *
 * An empty log holds nothing that could be replayed and needs no step of its own.
 */

import type { Edit } from '../../core/edit.js';
import { errnoOf, FormatError } from '../../core/errors.js';
import { baseName, type TreePath } from '../../core/path.js';
import { checkRpmdb } from '../../formats/rpmdb.js';
import { checkpointedSqlite, isHotJournal } from '../../formats/sqlite-file.js';
import type { PlanContext, ScrubEntry } from '../define.js';

/** Where distributions keep it; some are links to others, and the last is rpm-ostree's hard-linked copy. */
export const RPM_FOLDERS: readonly string[] = [
  'usr/lib/sysimage/rpm',
  'usr/share/rpm',
  'var/lib/rpm',
  'usr/lib/sysimage/rpm-ostree-base-db',
];

export interface RpmdbChange {
  readonly rule: string;
  readonly reason: string;
  /** From the database with its log replayed to the wanted bytes; may throw `FormatError`. */
  settle(image: Uint8Array): Uint8Array;
}

/**
 * Plans the replacement of one database, once per inode. Nothing is planned for one that is as wanted already, or when
 * an earlier rule replaced it; one that makes no sense is reported and left alone.
 */
export function planRpmdb(entry: ScrubEntry, context: PlanContext, change: RpmdbChange): Edit[] {
  if (entry.type !== 'file') return [];
  const linked = context.linkedNames(entry.path);
  const names = linked.length === 0 ? [entry.path] : linked;
  if (names[0] !== entry.path) return [];
  try {
    const sidecars = findSidecars(names, context);
    const paths = [...names, ...sidecars.map(({ path }) => path)];
    if (paths.some((path) => isReplaced(path, context))) return [];
    return editsFor(entry.path, sidecars, context, change);
  } catch (error) {
    const isFormat = error instanceof FormatError;
    if (!isFormat && errnoOf(error) === undefined) throw error;
    const code = isFormat ? 'format' : 'unreadable';
    context.report({ code, path: entry.path, detail: (error as Error).message });
    return [];
  }
}

interface Sidecar {
  readonly path: TreePath;
  readonly kind: 'wal' | 'shm' | 'journal';
  readonly database: TreePath;
  readonly content: Uint8Array;
}

function editsFor(
  entryPath: TreePath,
  sidecars: readonly Sidecar[],
  context: PlanContext,
  change: RpmdbChange,
): Edit[] {
  const present = context.files.read(entryPath);
  if (present === null) return [];
  checkSidecars(sidecars, context);
  const logs = sidecars.filter(({ kind, content }) => kind === 'wal' && content.length > 0);
  const others = sidecars.filter((one) => one.kind !== 'journal' && !logs.includes(one));
  const image = checkpointedSqlite(present, logs[0]?.content ?? null);
  const wanted = change.settle(image);
  if (sidecars.length > 0 || !isEqual(wanted, present)) checkRpmdb(image);

  // The name that has the log: were the other names lost on the way, it is the one that must not be without.
  const path = logs[0]?.database ?? entryPath;
  const common = { rule: change.rule, sequence: `rpmdb ${path}` };
  const edits: Edit[] = [];
  let content = present;
  const rewrite = (bytes: Uint8Array): void => {
    if (!isEqual(bytes, content))
      edits.push({ ...common, kind: 'rewrite', path, reason: change.reason, content: bytes });
    content = bytes;
  };
  const remove = (sidecar: Sidecar): void => {
    const reason = 'left over from a connection to the package database';
    edits.push({ ...common, kind: 'remove', path: sidecar.path, reason });
  };
  if (logs.length > 0) rewrite(image);
  logs.forEach(remove);
  rewrite(wanted);
  others.forEach(remove);
  return edits;
}

function findSidecars(names: readonly TreePath[], context: PlanContext): Sidecar[] {
  const kinds: readonly Sidecar['kind'][] = ['wal', 'shm', 'journal'];
  return kinds.flatMap((kind) =>
    names.flatMap((database): Sidecar[] => {
      const path = `${database}-${kind}` as TreePath;
      const content = context.files.read(path);
      return content === null ? [] : [{ path, kind, database, content }];
    }),
  );
}

/** Throws `FormatError` where the sidecars make it unclear what the database holds, or may not be removed. */
function checkSidecars(sidecars: readonly Sidecar[], context: PlanContext): void {
  let log: Uint8Array | null = null;
  for (const { path, kind, content } of sidecars) {
    if (kind === 'journal' && isHotJournal(content))
      throw new FormatError('rpmdb', 0, 'a transaction was cut off: its journal waits for rpm');
    // The engine drops such a removal; without it the new content would stand beside the old log.
    if (context.ownership.shipped(path) !== null && context.ownership.isOwned(path))
      throw new FormatError('rpmdb', 0, `a package ships ${baseName(path)}`);
    if (kind !== 'wal' || content.length === 0) continue;
    if (log !== null && !isEqual(content, log))
      throw new FormatError('rpmdb', 0, 'names of one database have different logs');
    log = content;
  }
}

function isReplaced(path: TreePath, context: PlanContext): boolean {
  return context.planned(path).some(({ kind }) => kind === 'rewrite' || kind === 'remove');
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}

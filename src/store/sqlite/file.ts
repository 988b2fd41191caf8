/** What lies at a store's location, told without SQLite. */

import {
  accessSync,
  closeSync,
  constants,
  openSync,
  readSync,
  statSync,
  type Stats,
} from 'node:fs';
import { dirname } from 'node:path';

import { AuditError, errnoOf } from '../../core/errors.js';
import { foreign, notWritable } from './errors.js';

/** `empty`: no bytes, which is what is left of a store whose first writer was killed before its commit. */
export type FileState = 'missing' | 'empty' | 'something';

/** Throws `STORE_FOREIGN` for what is no regular file. */
export function inspectFile(location: string): FileState {
  const stats = statOf(location);
  if (stats === null) return 'missing';
  if (!stats.isFile()) throw foreign(location, 'it is not a regular file');
  return stats.size === 0 ? 'empty' : 'something';
}

/** Throws `STORE_WRITE` where file or folder forbid it, so that it is told before any work is done. */
export function checkWritable(location: string): void {
  try {
    // The journal lies beside the file, so the folder must be writable in any case.
    accessSync(dirname(location), constants.W_OK | constants.X_OK);
    if (statOf(location) !== null) accessSync(location, constants.R_OK | constants.W_OK);
  } catch (error) {
    throw notWritable(location, errnoOf(error) ?? 'access denied', error);
  }
}

/** Names one file whatever it is called; null when there is none. */
export function fileIdentity(location: string): string | null {
  const stats = statOf(location);
  return stats === null ? null : `${stats.dev}:${stats.ino}`;
}

/** From the header (https://sqlite.org/fileformat.html 1.3). Not while `holdsLocks`. */
export function readHeader(location: string): { isSqlite: boolean; applicationId: number } {
  const header = Buffer.alloc(72);
  try {
    const fd = openSync(location, 'r');
    try {
      readSync(fd, header, 0, header.length, 0);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw unreadable(location, error);
  }
  return {
    isSqlite: header.toString('latin1', 0, 16) === 'SQLite format 3\0',
    applicationId: header.readUInt32BE(68),
  };
}

function statOf(location: string): Stats | null {
  try {
    return statSync(location);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOENT' || errno === 'ENOTDIR') return null;
    throw unreadable(location, error);
  }
}

function unreadable(location: string, error: unknown): AuditError {
  return new AuditError(
    'STORE_DAMAGED',
    `${location} cannot be read: ${errnoOf(error) ?? 'error'}`,
    {
      hint: 'Check the permissions of the file and of the folders above it.',
      cause: error,
    },
  );
}

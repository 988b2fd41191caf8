/**
 * What lies at a store's location. The file is not opened here: closing any descriptor of a file drops the locks that
 * this process has on it (POSIX fcntl), SQLite's own included. `identifyHeader` is for files that SQLite refuses.
 */

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
import { APPLICATION_ID } from './schema.js';

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

/**
 * Whether the header (https://sqlite.org/fileformat.html 1.3) is that of a store (`ours` by its application id,
 * whatever else is wrong), of another SQLite file, or of neither. Only for files on which nobody can hold a lock.
 */
export function identifyHeader(location: string): 'ours' | 'sqlite' | 'other' {
  const header = Buffer.alloc(72);
  const fd = openSync(location, 'r');
  try {
    readSync(fd, header, 0, header.length, 0);
  } finally {
    closeSync(fd);
  }
  if (header.readUInt32BE(68) === APPLICATION_ID) return 'ours';
  return header.toString('latin1', 0, 16) === 'SQLite format 3\0' ? 'sqlite' : 'other';
}

function statOf(location: string): Stats | null {
  try {
    return statSync(location);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOENT' || errno === 'ENOTDIR') return null;
    throw new AuditError('STORE_DAMAGED', `${location} cannot be read: ${errno ?? 'error'}`, {
      hint: 'Check the permissions of the folders above it.',
      cause: error,
    });
  }
}

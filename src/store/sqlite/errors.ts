/** What SQLite says, as trouble the caller can do something about (https://sqlite.org/rescode.html). */

import { SqliteError } from 'better-sqlite3';

import { AuditError } from '../../core/errors.js';

/** Runs `action` and turns what SQLite throws into an `AuditError`; everything else passes. */
export function guarded<T>(location: string, doing: 'read' | 'write', action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw explained(location, doing, error);
  }
}

/** The `AuditError` for what SQLite threw; anything else unchanged. */
export function explained(location: string, doing: 'read' | 'write', error: unknown): unknown {
  // What the rows hold makes no sense: numbers and JSON that this program wrote can be read back.
  if (doing === 'read' && (error instanceof SyntaxError || error instanceof RangeError))
    return damaged(location, error.message, error);
  if (!(error instanceof SqliteError)) return error;
  const { code, message } = error;
  if (isBusy(error)) return busy(location, error);
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB' || code === 'SQLITE_FORMAT')
    return damaged(location, message, error);
  if (isUnfinished(error))
    return new AuditError(
      'STORE_DAMAGED',
      `${location}: a writer was killed and what it left must be rolled back first`,
      { hint: 'Open the store once where its file and folder can be written.', cause: error },
    );
  if (doing === 'read' && /^SQLITE_(IOERR|CANTOPEN|PERM|AUTH)/.test(code))
    return new AuditError('STORE_DAMAGED', `${location} cannot be read: ${message}`, {
      hint: 'Check the permissions and the file system.',
      cause: error,
    });
  if (/^SQLITE_(FULL|READONLY|IOERR|CANTOPEN|PERM|AUTH|TOOBIG)/.test(code))
    return notWritable(location, `${message} (${code})`, error);
  return error;
}

export function isBusy(error: unknown): boolean {
  return error instanceof SqliteError && /^SQLITE_(BUSY|LOCKED)/.test(error.code);
}

/** Whether a hot journal is in the way of a reader that must not write. */
export function isUnfinished(error: unknown): boolean {
  return (
    error instanceof SqliteError &&
    (error.code === 'SQLITE_READONLY_ROLLBACK' || error.code === 'SQLITE_READONLY_RECOVERY')
  );
}

export function busy(location: string, cause?: unknown): AuditError {
  return new AuditError('STORE_BUSY', `${location} is being written by another process`, {
    hint: 'Try again when it has finished.',
    cause,
  });
}

export function damaged(location: string, detail: string, cause?: unknown): AuditError {
  return new AuditError('STORE_DAMAGED', `${location} is damaged: ${detail}`, {
    hint: 'Restore it from a copy; `sqlite3 FILE .recover` may save a part.',
    cause,
  });
}

export function foreign(location: string, found: string): AuditError {
  return new AuditError('STORE_FOREIGN', `${location} is not a repro-audit store: ${found}`, {
    hint: 'Name another file; this one was left as it is.',
  });
}

export function notWritable(location: string, detail: string, cause?: unknown): AuditError {
  return new AuditError('STORE_WRITE', `${location} cannot be written: ${detail}`, {
    hint: 'The store is as it was before. Check free space and the permissions of the file and its folder.',
    cause,
  });
}

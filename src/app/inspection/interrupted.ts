/** Stopping an inspection that takes too long. */

import { AuditError } from '../../core/errors.js';

/** Throws `INTERRUPTED`. A build is recorded before any file of it is looked into. */
export function throwIfInterrupted(signal: AbortSignal): void {
  if (!signal.aborted) return;
  throw new AuditError('INTERRUPTED', 'interrupted while files were looked into', {
    hint: 'What was recorded stays; the next snapshot looks into what differs.',
  });
}

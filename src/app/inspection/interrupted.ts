/** Stopping an inspection that takes too long. */

import { AuditError } from '../../core/errors.js';

/** Throws `INTERRUPTED`. The build itself is recorded before any file is looked into. */
export function throwIfInterrupted(signal: AbortSignal): void {
  if (!signal.aborted) return;
  throw new AuditError('INTERRUPTED', 'interrupted while files were looked into', {
    hint: 'What was recorded stays; the next snapshot looks into what differs.',
  });
}

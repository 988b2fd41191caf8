/** Work on a store that can be stopped before it is committed. */

import { setImmediate as turn } from 'node:timers/promises';

import { AuditError } from '../../core/errors.js';

/** Lets signals in, which none is while SQLite works; then throws `INTERRUPTED` if there was one. */
export async function checkpoint(signal: AbortSignal | null): Promise<void> {
  if (signal === null) return;
  await turn();
  if (signal.aborted)
    throw new AuditError('INTERRUPTED', 'interrupted before anything was written');
}

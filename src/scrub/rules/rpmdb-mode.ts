/** `--rpmdb`: which of the rules for rpm's database a run uses. */

import type { ScrubRule } from '../define.js';
import { rpmdbCanonical } from './rpmdb-canonical.js';
import { rpmdbJournal } from './rpmdb-journal.js';
import { rpmdb } from './rpmdb.js';

/** `patch`: packages keep their order. `canonical`: they are sorted. `off`: the database and its sidecars stay as rpm left them. */
export type RpmdbMode = 'patch' | 'canonical' | 'off';

export const RPMDB_MODES: readonly RpmdbMode[] = ['patch', 'canonical', 'off'];

/**
 * The chosen rules under a mode; null leaves them as they are. A mode never adds what was not chosen: it exchanges one way
 * of settling the database for the other, or takes the database out. Registry order is kept.
 */
export function withRpmdbMode(
  chosen: readonly ScrubRule[],
  mode: RpmdbMode | null,
): readonly ScrubRule[] {
  if (mode === null) return chosen;
  if (mode === 'off')
    return chosen.filter(({ id }) => !SETTLING.includes(id) && id !== rpmdbJournal.id);
  const first = chosen.find(({ id }) => SETTLING.includes(id));
  const wanted = mode === 'canonical' ? rpmdbCanonical : rpmdb;
  return chosen.flatMap((rule) => {
    if (!SETTLING.includes(rule.id)) return [rule];
    return rule === first ? [wanted] : [];
  });
}

const SETTLING: readonly string[] = [rpmdbCanonical.id, rpmdb.id];

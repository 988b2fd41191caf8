/** What a scrub that was killed left behind. */

import { baseName } from '../../core/path.js';
import { isTemporaryName, TEMPORARY_GLOB } from '../apply/temporary.js';
import { defineRule } from '../define.js';

export const scrubLeftOver = defineRule({
  id: 'scrub-left-over',
  version: 1,
  summary: 'Removes files that an interrupted scrub was preparing.',
  rationale:
    'They were never part of the tree; their names are chosen so that nothing else bears one.',
  source: 'repro-audit',
  defaultOn: true,
  timeValued: false,
  wants: [TEMPORARY_GLOB],
  *plan({ path, type }) {
    if ((type !== 'file' && type !== 'symlink') || !isTemporaryName(baseName(path))) return;
    yield { kind: 'remove', rule: 'scrub-left-over', path, reason: 'left by an interrupted scrub' };
  },
});

/** The tabs, from left to right. */

import { builds } from './builds.js';
import { changes } from './changes.js';
import type { Screen } from './define.js';
import { edits } from './edits.js';
import { gaps } from './gaps.js';

export const screens = [changes, builds, edits, gaps] as const satisfies readonly Screen[];

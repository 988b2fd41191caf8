/** Every inspector, most specific first: the first that claims a piece looks into it. */

import { derInspector } from './certificates/der.js';
import { pemInspector } from './certificates/pem.js';
import type { Inspector } from './define.js';
import { sqliteInspector } from './databases/sqlite.js';
import { elfInspector } from './elf/elf.js';
import { blocksInspector } from './generic/blocks.js';
import { textInspector } from './generic/text.js';
import { secretInspector } from './secret.js';

export { inspectFile, type Inspected, type InspectOptions } from './engine/inspect.js';
export { DEFAULT_LIMITS, type InspectLimits } from './engine/limits.js';

export const inspectors: readonly Inspector[] = [
  pemInspector,
  derInspector,
  elfInspector,
  sqliteInspector,
  // An image that is compressed as a whole is more than its compression.
  // These take every file that none of the above knows: the first those of secrets, the last all others.
  secretInspector,
  textInspector,
  blocksInspector,
];

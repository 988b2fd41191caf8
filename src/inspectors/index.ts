/** Every inspector, most specific first: the first that claims a piece looks into it. */

import type { Inspector } from './define.js';
import { secretInspector } from './secret.js';

export { inspectFile, type Inspected, type InspectOptions } from './engine/inspect.js';
export { DEFAULT_LIMITS, type InspectLimits } from './engine/limits.js';

export const inspectors: readonly Inspector[] = [
  // Takes every file of secrets that none of the above knows.
  secretInspector,
];

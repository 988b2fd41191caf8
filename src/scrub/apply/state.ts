/** What the parts of `apply` share during one run. */

import type { TreePath } from '../../core/path.js';
import type { Beneath } from '../../fs/beneath.js';
import type { NativeCalls } from '../../fs/native.js';
import type { Directories } from './directories.js';
import type { Ledger } from './ledger.js';

export interface ApplyState {
  readonly beneath: Beneath;
  readonly native: NativeCalls;
  readonly directories: Directories;
  readonly ledger: Ledger;
  /** A fresh name for a file that is being prepared. */
  readonly nextName: () => string;
  /** Reports that an object was left as it was. */
  readonly leave: (path: TreePath, why: string) => void;
}

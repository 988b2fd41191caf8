/** Something in the audited tree that could not be seen or understood. Data: the run goes on, the verdict is incomplete. */

import type { TreePath } from './path.js';

export type DiagnosticCode =
  /** Content, listing, link target or xattrs could not be read. */
  | 'unreadable'
  /** Listed by its directory, gone when it was looked at; not in the manifest. */
  | 'vanished'
  /** Listed by a manifest that says too little of it to record it. */
  | 'not-recorded'
  /** Changed while it was read, twice. */
  | 'unstable'
  /** A package database could not be read; nothing is assumed unowned. */
  | 'package-database'
  /** A file was left alone because its metadata could not be preserved. */
  | 'not-rewritable'
  /** Bytes of a known format made no sense. */
  | 'format';

export interface Diagnostic {
  readonly code: DiagnosticCode;
  /** Null when it concerns the tree as a whole. */
  readonly path: TreePath | null;
  /** One sentence: what was tried, what came back. */
  readonly detail: string;
}

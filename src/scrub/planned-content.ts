/** What a file will hold once all that is planned for it so far is done. */

import type { Edit } from '../core/edit.js';
import type { TreePath } from '../core/path.js';
import type { PlanContext } from './define.js';
import { contentFrom } from './derived-content.js';

/** Null when no regular file is there, or none will be. Throws what reading it throws. */
export function plannedContent(path: TreePath, context: PlanContext): Uint8Array | null {
  return contentAfter(path, context.planned(path), context);
}

function contentAfter(
  path: TreePath,
  edits: readonly Edit[],
  context: PlanContext,
): Uint8Array | null {
  const last = edits.at(-1);
  const before = (): Uint8Array | null => contentAfter(path, edits.slice(0, -1), context);
  switch (last?.kind) {
    case undefined:
      return context.files.read(path);
    case 'remove':
      return null;
    case 'truncate':
      return new Uint8Array(0);
    case 'set-mtime':
    case 'remove-xattr':
      return before();
    case 'rewrite': {
      if (last.content instanceof Uint8Array) return last.content;
      const old = before();
      return old === null ? null : contentFrom(last.content, old);
    }
  }
}

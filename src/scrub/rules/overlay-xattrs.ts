/** What overlayfs notes on files of its upper layer (kernel, Documentation/filesystems/overlayfs.rst; fs/overlayfs/overlayfs.h). */

import { defineRule } from '../define.js';

const RULE = 'overlay-xattrs';

/** Hold file handles, counts and marks that mean nothing once the tree is no layer any more, whatever their value. */
const NOTES: ReadonlySet<string> = new Set(
  ['impure', 'nlink', 'origin', 'upper', 'uuid'].flatMap((note) => [
    `user.overlay.${note}`,
    `trusted.overlay.${note}`,
  ]),
);

export const overlayXattrs = defineRule({
  id: RULE,
  version: 1,
  summary:
    'Removes the attributes impure, nlink, origin, upper and uuid that overlayfs left in user.overlay and trusted.overlay.',
  varies: 'file handles, counts and marks of the overlay that a container built the tree in',
  rationale:
    'Off: the tree may still be a layer of an overlay, where they keep inode numbers and hard links. Attributes with meaning stay: opaque and whiteouts hide files, redirect and metacopy stand for what lies elsewhere. An inode with names outside the root is left. Needs CAP_SYS_ADMIN for trusted.overlay.',
  source: 'Linux Documentation/filesystems/overlayfs.rst; rechunk 1_prune.sh',
  defaultOn: false,
  timeValued: false,
  wants: 'every',
  *plan({ path }, context) {
    for (const name of context.xattrNames?.(path) ?? [])
      if (NOTES.has(name)) yield { kind: 'remove-xattr', rule: RULE, path, reason: name, name };
  },
});

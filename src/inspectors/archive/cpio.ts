/** cpio archives of dialects that no kernel reads, and those that a container knows to be no initramfs image. */

import { cpioDialect } from '../../formats/cpio.js';
import { defineInspector } from '../define.js';
import { inspectImage } from './initramfs.js';

export const cpioInspector = defineInspector({
  id: 'cpio',
  version: 1,
  summary:
    'cpio archives (cpio(5)): newc, with sums, odc and binary; every header field and every member.',
  streams: true,
  holdsMembers: true,
  claims: ({ head }) => cpioDialect(head) !== null && looksSound(head),
  inspect: async (piece, context) => inspectImage(piece, null, context),
});

/** Two bytes are no proof: the old binary dialects have a name that ends where the header says. */
function looksSound(head: Uint8Array): boolean {
  const dialect = cpioDialect(head);
  if (dialect !== 'bin-le' && dialect !== 'bin-be') return true;
  if (head.length < 27) return false;
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const nameBytes = view.getUint16(20, dialect === 'bin-le');
  const end = 26 + nameBytes;
  return nameBytes > 1 && head.length >= end && head.indexOf(0, 26) === end - 1;
}

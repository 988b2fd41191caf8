/** RPM headers: those of the database and of package files, and the signature headers of the latter. */

import { readRpmHeader } from '../../formats/rpm-header.js';
import { defineInspector, type InspectedFacts, type Piece } from '../define.js';
import { rpmHeaderFacts } from './header-facts.js';

/** rpm refuses longer ones (lib/header.c). */
const MAX_BYTES = 256 * 1024 * 1024;

export const rpmHeaderInspector = defineInspector({
  id: 'rpm-header',
  version: 1,
  summary: 'Headers of RPM packages (format_header.md): one fact for each tag, arrays as digests.',
  streams: false,
  // They have no magic number here: who holds one says so.
  claims: () => false,
  inspect: (piece) => inspect(piece, 'package'),
});

export const rpmSignatureInspector = defineInspector({
  id: 'rpm-signature',
  version: 1,
  summary: 'Signature headers of RPM package files (format_v4.md): one fact for each tag.',
  streams: false,
  claims: () => false,
  inspect: (piece) => inspect(piece, 'signature'),
});

async function inspect(piece: Piece, kind: 'package' | 'signature'): Promise<InspectedFacts> {
  const header = readRpmHeader(await piece.whole(MAX_BYTES));
  return { facts: rpmHeaderFacts(header, kind), tables: [] };
}

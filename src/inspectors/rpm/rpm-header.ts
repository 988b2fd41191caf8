/** RPM headers: those of the database and of package files, and the signature headers of the latter. */

import type { Fact } from '../../core/facts.js';
import { rpmHeaderDigest } from '../../formats/rpm-header-digest.js';
import { RPM_TAG, readRpmHeader, type RpmHeader } from '../../formats/rpm-header.js';
import { sumFact } from '../common/sum-fact.js';
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
  const facts = rpmHeaderFacts(header, kind);
  return {
    facts: kind === 'package' ? facts.map((fact) => ofInstalled(fact, header)) : facts,
    tables: [],
  };
}

/** In a database the digests of the header have to be right, and others are of bytes that are not there. */
function ofInstalled(fact: Fact, header: RpmHeader): Fact {
  const digest = rpmHeaderDigest(header, fact.name);
  if (digest !== null) return sumFact(fact, fact.value === digest);
  const isElsewhere = OF_PACKAGE.has(fact.name) && isInstalled(header);
  return isElsewhere ? { ...fact, kind: 'opaque' } : fact;
}

function isInstalled({ entries }: RpmHeader): boolean {
  return entries.some(({ tag }) => tag === RPM_TAG.INSTALLTIME);
}

/** Of files, of the payload, of the package that it was built from. */
const OF_PACKAGE: ReadonlySet<string> = new Set([
  'FILEDIGESTS',
  'PAYLOADDIGEST',
  'PAYLOADDIGESTALT',
  'SIGMD5',
  'SOURCEPKGID',
]);

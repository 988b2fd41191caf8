/** Digests of RPM package files that are not those of what lies in the file: rpm refuses such files as damaged. */

import { createHash } from 'node:crypto';

import type { FactProblem } from '../../core/facts.js';
import type { RandomAccess } from '../../core/random-access.js';
import { rpmHeaderDigest } from '../../formats/rpm-header-digest.js';
import { rpmTagName } from '../../formats/rpm-tag-names.js';
import type { RpmHeader, RpmIndexEntry } from '../../formats/rpm-header.js';
import type { RpmPackage } from '../../formats/rpm-package.js';

export function packageDigestProblems(
  file: RandomAccess,
  { signature, header, payload }: RpmPackage,
): readonly FactProblem[] {
  const problems: FactProblem[] = [];
  const compare = (offset: number, name: string, told: string, found: string | null): void => {
    if (found !== null && told !== found)
      problems.push({ offset, detail: `${name} is ${told}, of the bytes it is ${found}` });
  };
  for (const entry of signature.header.entries) {
    const name = rpmTagName(entry.tag, 'signature');
    const offset = signature.blobOffset + entry.offset;
    if (name === 'SIGMD5')
      compare(offset, name, hexOf(signature.header, entry), digestFrom('md5', file, header.offset));
    else
      compare(offset, name, textOf(signature.header, entry), rpmHeaderDigest(header.header, name));
  }
  for (const entry of header.header.entries)
    if (rpmTagName(entry.tag, 'package') === 'PAYLOADDIGEST' && isSha256(header.header)) {
      const found = digestFrom('sha256', file, payload.offset);
      compare(
        header.blobOffset + entry.offset,
        'PAYLOADDIGEST',
        textOf(header.header, entry),
        found,
      );
    }
  return problems;
}

/** Up to the end of the file. */
function digestFrom(algorithm: string, file: RandomAccess, offset: number): string {
  const hash = createHash(algorithm);
  for (let at = offset; at < file.size; at += STEP)
    hash.update(file.read(at, Math.min(STEP, file.size - at)));
  return hash.digest('hex');
}

const STEP = 1024 * 1024;

/** Of the payload: by its number in OpenPGP (RFC 4880, 9.4). */
function isSha256({ blob, entries }: RpmHeader): boolean {
  const entry = entries.find(({ tag }) => rpmTagName(tag, 'package') === 'PAYLOADDIGESTALGO');
  return entry !== undefined && entry.count === 1 && blob.readUInt32BE(entry.offset) === 8;
}

function textOf({ blob }: RpmHeader, { offset }: RpmIndexEntry): string {
  const end = blob.indexOf(0, offset);
  return blob.toString('latin1', offset, end < 0 ? blob.length : end);
}

function hexOf({ blob }: RpmHeader, { offset, count }: RpmIndexEntry): string {
  return blob.toString('hex', offset, offset + count);
}

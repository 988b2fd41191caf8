/** The order of packages that only the packages themselves decide. */

import { FormatError } from '../core/errors.js';
import {
  RPM_TAG,
  findRpmEntry,
  readRpmHeader,
  rpmNumber,
  rpmString,
  type RpmHeader,
} from './rpm-header.js';
import { withInstallTimes } from './rpmdb-times.js';

export interface RankedPackage {
  /** The number it has in the database now. */
  readonly number: number;
  /** Its header without the times of its installation. */
  readonly blob: Buffer;
  readonly key: readonly (string | number)[];
}

/**
 * By name, epoch, version, release and architecture as bytes; then by the digest of the header that came with the
 * package, which tells apart what has all five in common, and last by the whole header as it was recorded, which leaves
 * nothing to the order of the installation. Versions are compared as bytes, not as rpm does: any fixed order serves.
 */
export function rankPackage(number: number, bytes: Uint8Array): RankedPackage {
  const blob = withInstallTimes(bytes, 0, 0);
  const header = readRpmHeader(blob);
  const name = rpmString(header, RPM_TAG.NAME);
  if (name === null) throw new FormatError('rpm header', 0, `tag ${RPM_TAG.NAME} is missing`);
  return {
    number,
    blob,
    key: [
      name,
      // A package without an epoch is older for rpm than none of epoch 0, but it is another package.
      rpmNumber(header, RPM_TAG.EPOCH) ?? -1,
      rpmString(header, RPM_TAG.VERSION) ?? '',
      rpmString(header, RPM_TAG.RELEASE) ?? '',
      rpmString(header, RPM_TAG.ARCH) ?? '',
      digestOf(header),
    ],
  };
}

export function comparePackages(a: RankedPackage, b: RankedPackage): number {
  for (const [i, x] of a.key.entries()) {
    const y = b.key[i]!;
    if (x !== y) return x < y ? -1 : 1;
  }
  return Buffer.compare(a.blob, b.blob);
}

/** Packages of old rpm versions have only the second; headers that rpm made itself may have none. */
function digestOf(header: RpmHeader): string {
  for (const tag of [RPM_TAG.SHA256HEADER, RPM_TAG.SHA1HEADER])
    if (findRpmEntry(header, tag) !== null) return rpmString(header, tag)!;
  return '';
}

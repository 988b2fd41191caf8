/** How packages are named in the facts of rpm's databases. */

import { readRpmHeader, RPM_TAG, rpmNumber, rpmString } from '../../formats/rpm-header.js';
import { isStop } from '../engine/limits.js';

/** `name-epoch:version-release.architecture`; null for a header that cannot be read. Keys have no architecture. */
export function packageKey(bytes: Uint8Array): string | null {
  try {
    const header = readRpmHeader(bytes);
    const epoch = rpmNumber(header, RPM_TAG.EPOCH);
    const [name, version, release, arch] = [
      RPM_TAG.NAME,
      RPM_TAG.VERSION,
      RPM_TAG.RELEASE,
      RPM_TAG.ARCH,
    ].map((tag) => rpmString(header, tag));
    if (name === null || name === undefined) return null;
    const evr = `${epoch === null ? '' : `${epoch}:`}${version ?? ''}-${release ?? ''}`;
    return `${name}-${evr}${arch === null || arch === undefined ? '' : `.${arch}`}`;
  } catch (error) {
    if (isStop(error)) return null;
    throw error;
  }
}

/**
 * Tar archives in memory, member by member (POSIX.1-2017 pax; GNU tar manual, "Tar Internals"): v7, ustar, pax and GNU, with the
 * extension headers as they are. Nothing is copied: data is named by its offsets.
 */

import { membersOf } from './steps.js';
import { tarSteps, type TarEnd, type TarMember } from './tar-steps.js';

export {
  isTarHeader as isTar,
  tarValue,
  type TarEnd,
  type TarExtension,
  type TarMember,
} from './tar-steps.js';

/** Yields the members and returns what follows them. Throws `FormatError` where the bytes make no sense. */
export function tarMembers(bytes: Uint8Array): Generator<TarMember, TarEnd> {
  return membersOf(bytes, tarSteps({ limit: bytes.length }));
}

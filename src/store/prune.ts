/** Which builds to remove so that every stream keeps its newest ones. */

import type { BuildSummary } from '../core/build.js';

/**
 * Names to remove, oldest first. Builds marked to be kept stay and do not count towards `keepPerStream`. `builds` are
 * oldest first, as a store lists them.
 */
export function planPrune(builds: readonly BuildSummary[], keepPerStream: number): string[] {
  const left = new Map<string, number>();
  const remove: string[] = [];
  for (const { name, stream, keep } of builds.toReversed()) {
    if (keep) continue;
    const room = left.get(stream) ?? keepPerStream;
    if (room > 0) left.set(stream, room - 1);
    else remove.push(name);
  }
  return remove.toReversed();
}

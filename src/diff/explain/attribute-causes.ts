/** Causes of what differs beside content: times, modes, owners. */

import type { CauseId, Confidence } from '../../core/explanation.js';
import type { Attribute } from '../../core/report.js';
import type { BuildPair, Window } from '../causes/builds.js';
import { modeClaim, ownerClaim } from '../causes/identity.js';
import type { RawChange } from '../descend.js';

export interface AttributeCause {
  readonly cause: CauseId;
  readonly confidence: Confidence;
}

/** Empty where nothing has a witness. */
export function attributeCauses(
  { before, after, attributes }: Pick<RawChange, 'before' | 'after' | 'attributes'>,
  builds: BuildPair,
): readonly AttributeCause[] {
  if (before === null || after === null) return [];
  const has = (wanted: Attribute): boolean =>
    attributes.some(({ attribute }) => attribute === wanted);
  const found: AttributeCause[] = [];
  if (has('mtime'))
    found.push({
      cause: 'meta.mtime',
      confidence: isOfBuilds(before.mtimeNs, after.mtimeNs, builds) ? 'high' : 'medium',
    });
  const mode = has('mode') ? modeClaim(before.mode, after.mode, builds.before, builds.after) : null;
  if (mode !== null) found.push(mode);
  if (has('uid')) found.push(ownerClaim(before.uid, after.uid, builds.before, builds.after));
  else if (has('gid')) found.push(ownerClaim(before.gid, after.gid, builds.before, builds.after));
  return found;
}

function isOfBuilds(old: bigint, now: bigint, { before, after }: BuildPair): boolean {
  const [a, b] = [Number(old) / 1e9, Number(now) / 1e9];
  if (
    before.epoch !== after.epoch &&
    Math.floor(a) === before.epoch &&
    Math.floor(b) === after.epoch
  )
    return true;
  return (
    isIn(a, before.window) &&
    isIn(b, after.window) &&
    !isIn(a, after.window) &&
    !isIn(b, before.window)
  );
}

function isIn(seconds: number, { from, to }: Window): boolean {
  return seconds >= from && seconds <= to;
}

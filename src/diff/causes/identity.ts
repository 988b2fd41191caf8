/** Who built, on which host, with which mask of modes. */

import type { FactValue } from '../../core/facts.js';
import type { BuildCircumstances } from './builds.js';
import { defineCauses, type Claim, type Subject } from './define.js';

export const identity = defineCauses({
  causes: {
    'id.owner': {
      title: 'the user who built',
      text: 'Number or name of the user or group under which the build ran were recorded in an archive or a text.',
      signal: 'A field for owners differs. High: both values are those of the recorded user.',
      remedies: [
        {
          formats: ['tar'],
          text: 'Use `tar --owner=0 --group=0 --numeric-owner`.',
          rule: null,
          source: 'https://reproducible-builds.org/docs/archives/',
        },
        {
          formats: ['cpio', 'initramfs'],
          text: 'Use `cpio --owner=0:0`.',
          rule: null,
          source: 'cpio(1)',
        },
        {
          text: 'Give the owner when the archive is made, or build as root in a name space.',
          rule: null,
          source: 'https://reproducible-builds.org/docs/archives/',
        },
      ],
    },
    'id.host': {
      title: 'the name of the build host',
      text: 'The name of the machine is in the result.',
      signal: 'A field for host names differs. High: both values are the recorded host names.',
      remedies: [
        {
          formats: ['rpm', 'rpmdb'],
          text: 'Set the macro `_buildhost` for rpmbuild.',
          rule: null,
          source: 'https://rpm-software-management.github.io/rpm/manual/macros.html',
        },
        {
          paths: /initr(d|amfs)/,
          text: 'Make the initramfs with `dracut --no-hostonly`.',
          rule: null,
          source: 'dracut(8)',
        },
        {
          text: 'Build in a name space with a fixed host name (`unshare --uts`), or tell the tool not to record it.',
          rule: null,
          source: 'https://reproducible-builds.org/docs/env-variations/',
        },
      ],
    },
    'id.umask': {
      title: 'the mask of new modes (umask)',
      text: 'Files were made with the modes that the umask of the caller left.',
      signal:
        'Modes that are one mode under two umasks. High: under those that the builds recorded.',
      remedies: [
        {
          text: 'Set `umask 022` at the start of the build, and give modes when files are installed.',
          rule: null,
          source: 'https://reproducible-builds.org/docs/archives/',
        },
      ],
    },
  },
  detect,
});

function detect({ change, builds }: Subject): Claim | null {
  const { before, after, kind } = change;
  if (change.sort !== 'value' || before === null || after === null) return null;
  if (kind === 'owner' || kind === 'user')
    return ownerClaim(before, after, builds.before, builds.after);
  if (kind === 'host')
    return { cause: 'id.host', confidence: 'medium', against: 'class: host name' };
  return kind === 'mode' ? modeClaim(before, after, builds.before, builds.after) : null;
}

export function ownerClaim(
  before: FactValue,
  after: FactValue,
  a: BuildCircumstances,
  b: BuildCircumstances,
): Claim {
  const [old, now] = [a.description.facts, b.description.facts];
  for (const name of ['uid', 'gid', 'user'] as const)
    if (
      old[name] !== now[name] &&
      String(before) === String(old[name]) &&
      String(after) === String(now[name])
    )
      return { cause: 'id.owner', confidence: 'high', against: `facts.${name}` };
  return { cause: 'id.owner', confidence: 'medium', against: 'class: owner' };
}

/** Pairs of masks that people have. */
const MASKS = [0o022, 0o002, 0o027, 0o007, 0o077] as const;

export function modeClaim(
  before: FactValue,
  after: FactValue,
  a: BuildCircumstances,
  b: BuildCircumstances,
): Claim | null {
  const [old, now] = [modeOf(before), modeOf(after)];
  if (old === null || now === null || old >> 12 !== now >> 12) return null;
  const [x, y] = [a.description.facts.umask, b.description.facts.umask];
  if (x !== y && isMasked(old, now, x, y))
    return { cause: 'id.umask', confidence: 'high', against: 'facts.umask' };
  const fits = MASKS.some((p) => MASKS.some((q) => p !== q && isMasked(old, now, p, q)));
  return fits
    ? { cause: 'id.umask', confidence: 'medium', against: 'class: modes under two umasks' }
    : null;
}

function modeOf(value: FactValue): number | null {
  if (typeof value === 'number') return value;
  return value !== null && /^[0-7]{1,7}$/.test(value) ? Number.parseInt(value, 8) : null;
}

/** Whether one mode under the two masks gives the two modes. */
function isMasked(old: number, now: number, x: number, y: number): boolean {
  const wanted = old | now;
  return (wanted & ~x) === old && (wanted & ~y) === now;
}

/** Named sets of rules. */

import type { ScrubRule } from './define.js';

/**
 * `default`: what is known to vary and whose loss nobody notices. `strict`: also random keys, certificates and caches
 * that the first boot or a service has to make again. `report-only`: nothing is edited.
 */
export const PROFILES = ['default', 'strict', 'report-only'] as const;
export type Profile = (typeof PROFILES)[number];

export function isInProfile(rule: ScrubRule, profile: Profile): boolean {
  if (profile === 'report-only') return false;
  return rule.defaultOn || (profile === 'strict' && rule.strict === true);
}

/** Which normalisers a run uses. */

import { AuditError } from '../core/errors.js';
import { nearestNames } from '../util/nearest-names.js';
import type { Normalizer } from './normalizers/define.js';

/** In registry order; `only` null for all of them. Throws `USAGE` for a name that none has. */
export function selectNormalizers(
  registry: readonly Normalizer[],
  only: readonly string[] | null,
  skip: readonly string[],
): readonly Normalizer[] {
  const ids = registry.map(({ id }) => id);
  for (const name of [...(only ?? []), ...skip])
    if (!ids.includes(name)) throw unknownNormalizer(name, ids);
  return registry.filter(({ id }) => (only?.includes(id) ?? true) && !skip.includes(id));
}

function unknownNormalizer(name: string, ids: readonly string[]): AuditError {
  const near = nearestNames(name, ids);
  return new AuditError('USAGE', `normaliser '${name}': there is none of that name`, {
    hint: near.length > 0 ? `did you mean ${near.join(' or ')}?` : `there are ${ids.join(', ')}`,
  });
}

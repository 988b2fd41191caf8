/** Image configurations, as far as a tree needs them (OCI image-spec, "Image Configuration"). */

import { parseOciDigest } from './oci-digest.js';
import { arrayAt, objectAt, optional, parseOciObject, textAt, textsAt } from './oci-json.js';
import type { OciPlatform } from './oci-platform.js';

export interface OciConfig {
  readonly platform: OciPlatform;
  /** SHA-256 of each layer without compression, the lowest first. */
  readonly diffIds: readonly string[];
  /** What made each layer; null where history does not say. */
  readonly createdBy: readonly (string | null)[];
}

export function readOciConfig(bytes: Uint8Array): OciConfig {
  const config = parseOciObject(bytes, 'config');
  const rootfs = optional(config['rootfs'], 'config: rootfs', objectAt) ?? {};
  const diffIds = optional(rootfs['diff_ids'], 'config: diff_ids', textsAt) ?? [];
  for (const diffId of diffIds) parseOciDigest(diffId);
  const history = optional(config['history'], 'config: history', arrayAt) ?? [];
  return {
    platform: {
      os: optional(config['os'], 'config: os', textAt) ?? '',
      architecture: optional(config['architecture'], 'config: architecture', textAt) ?? '',
      variant: optional(config['variant'], 'config: variant', textAt),
    },
    diffIds,
    createdBy: history.flatMap((each) => {
      const step = objectAt(each, 'config: history');
      if (step['empty_layer'] === true) return [];
      return [optional(step['created_by'], 'config: created_by', textAt)];
    }),
  };
}

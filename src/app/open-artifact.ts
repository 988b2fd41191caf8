/** Opens again what was recorded, for whoever looks into it later. */

import { AuditError } from '../core/errors.js';
import type { OpenSource } from '../sources/define.js';
import { sources } from '../sources/index.js';
import { openSource } from './open-location.js';

/**
 * The source of an artifact of a recorded build, not prepared; `location` as the build facts have it. Null when nothing that can
 * be read is there any more.
 */
export function openArtifact(location: string, name: string): OpenSource | null {
  try {
    const source = openSource(isPrefixed(location) ? location : `dir:${location}`);
    if (source.others === undefined || source.artifact?.name === name) return source;
    source.close();
    return source.others.find((other) => other.name === name)?.open() ?? null;
  } catch (error) {
    if (error instanceof AuditError) return null;
    throw error;
  }
}

/** The same, where its files can be read by their names without reading all of it first: archives cannot. */
export function openArtifactTree(location: string, name: string): OpenSource | null {
  const source = openArtifact(location, name);
  if (source?.prepare === undefined) return source;
  source.close();
  return null;
}

function isPrefixed(location: string): boolean {
  return sources.some(({ id }) => location.startsWith(`${id}:`));
}

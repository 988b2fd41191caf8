/** An image of a build as a source of its own: opened by its kind, and held against what meta.json says of it. */

import type { ArtifactName } from '../../core/build.js';
import type { Exclusion } from '../../core/capture.js';
import { errnoOf } from '../../core/errors.js';
import type { OpenSource, ScanOptions } from '../define.js';
import { mismatchOf, type ImageFile } from './verify-image.js';

/** `exclusions`: parts of it that are not looked at. */
export function imageSource(
  source: OpenSource,
  artifact: ArtifactName,
  image: ImageFile,
  exclusions: readonly Exclusion[] = [],
): OpenSource {
  const within = <T extends Pick<ScanOptions, 'exclusions'>>(options: T): T => ({
    ...options,
    exclusions: [...options.exclusions, ...exclusions],
  });
  let mismatch: string | null = null;
  return {
    ...source,
    artifact,
    prepare: async (options) => {
      await source.prepare?.(within(options));
      mismatch = await tryMismatch(image, options.signal);
    },
    capture: (options) => source.capture(within(options)),
    scan: (options, sink) => {
      if (mismatch !== null) sink.diagnostic({ code: 'format', path: null, detail: mismatch });
      return source.scan(within(options), sink);
    },
  };
}

async function tryMismatch(image: ImageFile, signal: AbortSignal): Promise<string | null> {
  try {
    return await mismatchOf(image, signal);
  } catch (error) {
    signal.throwIfAborted();
    const errno = errnoOf(error);
    if (errno === undefined) throw error;
    return `${image.key} cannot be read again to check its SHA-256: ${errno}`;
  }
}

/** `manifest.json` of `docker save` (docker image specification 1.2, "Combined Image JSON + Filesystem Changeset Format"). */

import { FormatError } from '../core/errors.js';
import { objectAt, optional, parseOciArray, textAt, textsAt } from './oci-json.js';

export interface DockerImage {
  /** Member with the configuration. */
  readonly config: string;
  readonly tags: readonly string[];
  /** Members with the layers, the lowest first. */
  readonly layers: readonly string[];
}

export function readDockerManifest(bytes: Uint8Array): readonly DockerImage[] {
  const images = parseOciArray(bytes, 'manifest.json').map((each, i) => {
    const what = `manifest.json[${i}]`;
    const image = objectAt(each, what);
    return {
      config: textAt(image['Config'], `${what}.Config`),
      tags: optional(image['RepoTags'], `${what}.RepoTags`, textsAt) ?? [],
      layers: optional(image['Layers'], `${what}.Layers`, textsAt) ?? [],
    };
  });
  if (images.length === 0) throw new FormatError('oci', 0, 'manifest.json: expected an image');
  return images;
}

/** Image manifests (OCI image-spec, "Image Manifest"; docker image manifest, schema 2). */

import { FormatError } from '../core/errors.js';
import { readDescriptor, readDescriptors, type OciDescriptor } from './oci-descriptor.js';
import { optional, parseOciObject, textAt, textMapAt } from './oci-json.js';

export interface OciManifest {
  /** Empty where it does not say. */
  readonly mediaType: string;
  readonly config: OciDescriptor;
  /** The lowest first. */
  readonly layers: readonly OciDescriptor[];
  readonly annotations: ReadonlyMap<string, string>;
}

export function readOciManifest(bytes: Uint8Array): OciManifest {
  const manifest = parseOciObject(bytes, 'manifest');
  if (manifest['config'] === undefined)
    throw new FormatError('oci', 0, 'manifest: expected a config, found none');
  return {
    mediaType: optional(manifest['mediaType'], 'manifest: mediaType', textAt) ?? '',
    config: readDescriptor(manifest['config'], 'manifest: config'),
    layers: readDescriptors(manifest['layers'] ?? [], 'manifest: layers'),
    annotations: optional(manifest['annotations'], 'manifest: annotations', textMapAt) ?? new Map(),
  };
}

/** What begins an image: the layout's mark and indexes (OCI image-spec, "Image Layout", "Image Index"; docker manifest lists). */

import { FormatError } from '../core/errors.js';
import { readDescriptors, type OciDescriptor } from './oci-descriptor.js';
import { parseOciObject, textAt } from './oci-json.js';

export const INDEX_TYPES: ReadonlySet<string> = new Set([
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
]);

export interface OciIndex {
  readonly manifests: readonly OciDescriptor[];
}

/** The file `oci-layout`; versions from 2 on may mean anything. */
export function checkOciLayout(bytes: Uint8Array): void {
  const layout = parseOciObject(bytes, 'oci-layout');
  const version = textAt(layout['imageLayoutVersion'], 'oci-layout: imageLayoutVersion');
  if (!version.startsWith('1.'))
    throw new FormatError('oci', 0, 'oci-layout: expected a version that begins with 1.');
}

export function readOciIndex(bytes: Uint8Array, what: string): OciIndex {
  const index = parseOciObject(bytes, what);
  return { manifests: readDescriptors(index['manifests'] ?? [], `${what}: manifests`) };
}

/** Manifests that are no image: attestations that BuildKit puts beside one. */
export function isAttestation({ annotations, platform }: OciDescriptor): boolean {
  return (
    annotations.get('vnd.docker.reference.type') === 'attestation-manifest' ||
    platform?.os === 'unknown'
  );
}

/** Names under which an index has a manifest. */
export function tagsOf({ annotations }: OciDescriptor): readonly string[] {
  const names = [
    annotations.get('org.opencontainers.image.ref.name'),
    annotations.get('io.containerd.image.name'),
  ];
  return names.filter((name) => name !== undefined && name !== '') as readonly string[];
}

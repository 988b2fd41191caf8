/** Media types of layers, and the names by which builders tell layers apart. */

import type { OciDescriptor } from './oci-descriptor.js';

export interface LayerType {
  /** Layers that may not be handed on lie elsewhere, mostly (OCI image-spec, "Non-Distributable Layers"; docker: foreign). */
  readonly isDistributable: boolean;
  readonly isEncrypted: boolean;
}

export function layerType({ mediaType }: Pick<OciDescriptor, 'mediaType'>): LayerType {
  return {
    isDistributable: !/\.nondistributable\.|\.rootfs\.foreign\./.test(mediaType),
    isEncrypted: mediaType.endsWith('+encrypted'),
  };
}

/** What is in a layer of an image that was cut by contents: ostree-rs-ext and rpm-ostree name packages, chunkah components. */
const COMPONENT_ANNOTATIONS = [
  'ostree.components',
  'org.chunkah.component',
  'dev.hhd.rechunk.info',
];

/** Null for layers that are steps of a build. */
export function layerComponents({
  annotations,
}: Pick<OciDescriptor, 'annotations'>): string | null {
  for (const name of COMPONENT_ANNOTATIONS) {
    const found = annotations.get(name);
    if (found !== undefined && found !== '') return found;
  }
  return null;
}

/** An image of an OCI layout: index, manifest, configuration, layers (OCI image-spec 1.1). */

import { AuditError } from '../../core/errors.js';
import type { RandomAccess } from '../../core/random-access.js';
import { readOciConfig, type OciConfig } from '../../formats/oci-config.js';
import type { OciDescriptor } from '../../formats/oci-descriptor.js';
import { blobName } from '../../formats/oci-digest.js';
import type { ImagePart, ImagePartRole } from '../../formats/oci-document.js';
import { checkOciLayout, readOciIndex } from '../../formats/oci-index.js';
import { MOST_DOCUMENT_BYTES } from '../../formats/oci-json.js';
import { layerComponents, layerType } from '../../formats/oci-layers.js';
import { readOciManifest } from '../../formats/oci-manifest.js';
import { chooseManifest, type Choice } from './choose-manifest.js';
import type { Image, ImageLayer } from './image.js';
import type { ImageFiles } from './image-files.js';
import { readDocument } from './verify-blob.js';

/** Throws `SOURCE_UNUSABLE`, and `FormatError` for documents that make no sense. */
export function layoutImage(files: ImageFiles, choice: Omit<Choice, 'tell'>): Image {
  const told = new Set<string>();
  const tell = (detail: string): void => void told.add(detail);
  const layout = files.open('oci-layout');
  const index = files.open('index.json');
  if (layout === null || index === null)
    throw unusable(choice, layout === null ? 'oci-layout' : 'index.json');
  checkOciLayout(layout.read(0, MOST_DOCUMENT_BYTES));
  const { manifests } = readOciIndex(index.read(0, MOST_DOCUMENT_BYTES + 1), 'index.json');
  const chosen = chooseManifest(files, manifests, { ...choice, tell });
  const found = readDocument(files, chosen.descriptor, 'manifest', tell);
  if (found === null) throw unusable(choice, `the manifest ${chosen.descriptor.digest}`);
  const manifest = readOciManifest(found.bytes);
  const configFound = readDocument(files, manifest.config, 'config', tell);
  if (configFound === null) tell(`config: ${manifest.config.digest} is not there`);
  const config = configFound === null ? null : readOciConfig(configFound.bytes);
  if (config !== null && config.diffIds.length !== manifest.layers.length)
    tell(`config: expected ${manifest.layers.length} diff_ids, found ${config.diffIds.length}`);
  return {
    reference: chosen.reference,
    mediaType: manifest.mediaType || chosen.descriptor.mediaType || DEFAULT_TYPE,
    documents: [
      outermost(index),
      ...chosen.indexes.map((each) => documentPart('index', each.descriptor, each.access)),
      documentPart('manifest', chosen.descriptor, found.access),
      ...(configFound === null
        ? []
        : [documentPart('config', manifest.config, configFound.access)]),
    ],
    layers: manifest.layers.map((layer, i) => layerOf(files, layer, config, i)),
    problems: [...told],
  };
}

const DEFAULT_TYPE = 'application/vnd.oci.image.manifest.v1+json';

function outermost(access: RandomAccess): ImagePart & { readonly access: RandomAccess } {
  const { size } = access;
  return { role: 'index', mediaType: '', digest: null, size, name: '', bytes: size, access };
}

function documentPart(
  role: ImagePartRole,
  { mediaType, digest, size }: OciDescriptor,
  access: RandomAccess,
): ImagePart & { readonly access: RandomAccess } {
  return { role, mediaType, digest, size, name: '', bytes: access.size, access };
}

function layerOf(
  files: ImageFiles,
  descriptor: OciDescriptor,
  config: OciConfig | null,
  i: number,
): ImageLayer {
  const { mediaType, digest, size, urls } = descriptor;
  const { isDistributable, isEncrypted } = layerType(descriptor);
  return {
    mediaType,
    digest,
    size,
    diffId: isEncrypted ? null : (config?.diffIds[i] ?? null),
    components: layerComponents(descriptor),
    access: isEncrypted ? null : files.open(blobName(digest)),
    absence: isEncrypted
      ? 'it is encrypted'
      : isDistributable
        ? 'its blob is not there'
        : `it may not be distributed, and lies elsewhere${urls.length > 0 ? `: ${urls[0]}` : ''}`,
  };
}

function unusable({ location }: Pick<Choice, 'location'>, missing: string): AuditError {
  return new AuditError(
    'SOURCE_UNUSABLE',
    `cannot read ${location}: expected an OCI image layout, found no ${missing}`,
  );
}

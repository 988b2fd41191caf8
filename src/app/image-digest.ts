/** Digests by which registries and clients know an image. */

import { AuditError } from '../core/errors.js';
import type { Facts } from '../core/facts.js';
import { readOciConfig } from '../formats/oci-config.js';
import { isImageDocument, readImageDocument } from '../formats/oci-document.js';
import type { OpenContainer } from '../sources/define.js';

export interface ImageDigests {
  /** Of the manifest: `sha256:HEX`. */
  readonly manifest: string;
  /** Of the configuration, which docker calls the image ID; null where it is not there. */
  readonly config: string | null;
  /** From the lowest up. */
  readonly layers: readonly {
    /** Of the blob. */
    readonly digest: string | null;
    /** Of the layer without compression. */
    readonly diffId: string | null;
  }[];
}

/** As the documents of the image have them; `word` is for messages. Throws `SOURCE_UNUSABLE` for what is no image. */
export function imageDigests(word: string, container: OpenContainer | null): ImageDigests {
  if (container === null || !isImageDocument(container.bytes.read(0, HEAD_BYTES)))
    throw noImage(word);
  const { bytes } = container;
  const { parts } = readImageDocument(bytes);
  const config = parts.find(({ role }) => role === 'config');
  const manifest = parts.find(({ role }) => role === 'manifest')?.digest;
  if (manifest === undefined || manifest === null)
    throw new AuditError(
      'SOURCE_UNUSABLE',
      `${word}: expected a manifest with a digest, found none: docker save writes its own list instead`,
      { hint: 'skopeo copy docker-archive:FILE oci:LAYOUT makes an image with a manifest of it' },
    );
  const diffIds =
    config === undefined ? [] : readOciConfig(bytes.read(config.offset, config.bytes)).diffIds;
  return {
    manifest,
    config: config?.digest ?? null,
    layers: parts
      .filter(({ role }) => role === 'layer')
      .map(({ digest }, i) => ({ digest, diffId: diffIds[i] ?? null })),
  };
}

/** The digest of the manifest of a recorded image, from its facts. Throws `SOURCE_UNUSABLE`. */
export function recordedManifest(name: string, facts: readonly Facts[]): string {
  const image = facts.find(({ format }) => format === 'oci-image');
  for (const { columns, rows } of image?.tables ?? []) {
    const row = rows.find(({ key }) => key === 'manifest');
    const told = row?.values[columns.findIndex((column) => column.name === 'digest')];
    if (typeof told === 'string') return told;
    // Of what has the digest that it is named by, only the bytes are kept.
    if (row?.part != null) return `sha256:${row.part.digest}`;
  }
  throw noImage(name);
}

const HEAD_BYTES = 64;

function noImage(word: string): AuditError {
  return new AuditError('SOURCE_UNUSABLE', `${word} is no image of containers that is known`, {
    hint: 'name a layout or an archive: oci:LAYOUT[:TAG] or oci-archive:FILE[:TAG]; of any tree there is --kind tree',
  });
}

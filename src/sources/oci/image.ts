/** What a layout and an archive of `docker save` have in common: documents, and layers from the lowest up. */

import type { RandomAccess } from '../../core/random-access.js';
import type { ImagePart } from '../../formats/oci-document.js';
import type { FilePlace } from './image-files.js';

export interface ImageLayer {
  readonly mediaType: string;
  /** Null where nothing names the bytes by a digest. */
  readonly digest: string | null;
  /** As its descriptor says; null where nothing does. */
  readonly size: number | null;
  /** Of the layer without compression; null where the configuration has none for it. */
  readonly diffId: string | null;
  readonly components: string | null;
  /** Null: not in the image. */
  readonly access: FilePlace | null;
  /** What is to be said when it is not there. */
  readonly absence: string;
}

export interface Image {
  /** What names it in its layout or archive, whatever the platform; null: nothing has to. */
  readonly reference: string | null;
  readonly mediaType: string;
  /** Indexes, manifest and configuration. */
  readonly documents: readonly (ImagePart & { readonly access: RandomAccess })[];
  readonly layers: readonly ImageLayer[];
  /** What was not as it should be. */
  readonly problems: readonly string[];
}

/** Documents of an image by their descriptors: read whole, and held against the digest. */

import { createHash } from 'node:crypto';

import type { RandomAccess } from '../../core/random-access.js';
import type { OciDescriptor } from '../../formats/oci-descriptor.js';
import { blobName, parseOciDigest } from '../../formats/oci-digest.js';
import { MOST_DOCUMENT_BYTES } from '../../formats/oci-json.js';
import type { ImageFiles } from './image-files.js';

export interface FoundDocument {
  readonly bytes: Uint8Array;
  readonly access: RandomAccess;
}

/** Null when it is not there. `tell` hears what is not as the descriptor says. */
export function readDocument(
  files: ImageFiles,
  { digest, size }: Pick<OciDescriptor, 'digest' | 'size'>,
  what: string,
  tell: (detail: string) => void,
): FoundDocument | null {
  const access = files.open(blobName(digest));
  if (access === null) return null;
  const bytes = access.read(0, MOST_DOCUMENT_BYTES + 1);
  if (access.size !== size)
    tell(`${what}: expected ${size} bytes by its descriptor, found ${access.size}`);
  const { algorithm, hex } = parseOciDigest(digest);
  const found = createHash(algorithm).update(bytes).digest('hex');
  if (found !== hex) tell(`${what}: expected ${digest}, found ${algorithm}:${found}`);
  return { bytes, access };
}

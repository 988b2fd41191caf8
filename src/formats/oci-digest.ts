/** Digests by which images name their blobs (OCI image-spec, "Descriptor", digests). */

import { FormatError } from '../core/errors.js';

export type OciAlgorithm = 'sha256' | 'sha384' | 'sha512';

export interface OciDigest {
  readonly algorithm: OciAlgorithm;
  /** Lower case. */
  readonly hex: string;
}

const HEX_DIGITS: Readonly<Record<OciAlgorithm, number>> = { sha256: 64, sha384: 96, sha512: 128 };

/** Throws `FormatError` for any other text: a digest becomes a file name. */
export function parseOciDigest(text: string): OciDigest {
  const [, algorithm, hex] = /^(sha256|sha384|sha512):([a-f0-9]+)$/.exec(text) ?? [];
  if (algorithm === undefined || hex?.length !== HEX_DIGITS[algorithm as OciAlgorithm])
    throw new FormatError('oci', 0, 'expected a digest such as sha256:HEX');
  return { algorithm: algorithm as OciAlgorithm, hex };
}

export function isOciDigest(text: string): boolean {
  try {
    parseOciDigest(text);
    return true;
  } catch {
    return false;
  }
}

/** Where a layout has the blob (OCI image-spec, "Image Layout", blobs). */
export function blobName(digest: string): string {
  const { algorithm, hex } = parseOciDigest(digest);
  return `blobs/${algorithm}/${hex}`;
}

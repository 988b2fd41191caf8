/** Descriptors: how one document of an image names another (OCI image-spec, "Content Descriptors"). */

import { parseOciDigest } from './oci-digest.js';
import { arrayAt, objectAt, optional, sizeAt, textAt, textMapAt, textsAt } from './oci-json.js';
import { readPlatform, type OciPlatform } from './oci-platform.js';

export interface OciDescriptor {
  readonly mediaType: string;
  /** `sha256:HEX`, checked for its form. */
  readonly digest: string;
  /** Bytes, as it says. */
  readonly size: number;
  readonly annotations: ReadonlyMap<string, string>;
  readonly platform: OciPlatform | null;
  /** Where else the bytes may be. */
  readonly urls: readonly string[];
}

export function readDescriptor(value: unknown, what: string): OciDescriptor {
  const descriptor = objectAt(value, what);
  const digest = textAt(descriptor['digest'], `${what}.digest`);
  parseOciDigest(digest);
  return {
    mediaType: optional(descriptor['mediaType'], `${what}.mediaType`, textAt) ?? '',
    digest,
    size: sizeAt(descriptor['size'], `${what}.size`),
    annotations: optional(descriptor['annotations'], `${what}.annotations`, textMapAt) ?? new Map(),
    platform: optional(descriptor['platform'], `${what}.platform`, readPlatform),
    urls: optional(descriptor['urls'], `${what}.urls`, textsAt) ?? [],
  };
}

export function readDescriptors(value: unknown, what: string): readonly OciDescriptor[] {
  return arrayAt(value, what).map((each, i) => readDescriptor(each, `${what}[${i}]`));
}

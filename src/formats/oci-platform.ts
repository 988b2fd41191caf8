/** Platforms of images: `os/architecture[/variant]` in the words of Go (OCI image-spec, "Image Index", platform). */

import { objectAt, optional, textAt } from './oci-json.js';

export interface OciPlatform {
  readonly os: string;
  readonly architecture: string;
  /** Such as `v8` of `arm64`; null where there is none. */
  readonly variant: string | null;
}

export function readPlatform(value: unknown, what: string): OciPlatform {
  const platform = objectAt(value, what);
  return {
    os: textAt(platform['os'], `${what}.os`),
    architecture: textAt(platform['architecture'], `${what}.architecture`),
    variant: optional(platform['variant'], `${what}.variant`, textAt),
  };
}

/** As people write it; null when it is none. */
export function parsePlatform(text: string): OciPlatform | null {
  const [os = '', architecture = '', variant = null, ...rest] = text.split('/');
  return os === '' || architecture === '' || rest.length > 0
    ? null
    : { os, architecture: GO_NAMES[architecture] ?? architecture, variant };
}

export function platformText({ os, architecture, variant }: OciPlatform): string {
  return [os, architecture, ...(variant === null ? [] : [variant])].join('/');
}

/** A wanted platform without variant takes any. */
export function platformFits(has: OciPlatform, wanted: OciPlatform): boolean {
  return (
    has.os === wanted.os &&
    has.architecture === wanted.architecture &&
    (wanted.variant === null || variantOf(has) === wanted.variant)
  );
}

function variantOf({ architecture, variant }: OciPlatform): string | null {
  return variant === null && architecture === 'arm64' ? 'v8' : variant;
}

/** Names of `uname -m` by those of Go. */
const GO_NAMES: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  aarch64: 'arm64',
  i386: '386',
  i686: '386',
  armv7l: 'arm',
  ppc64le: 'ppc64le',
  loongarch64: 'loong64',
};

/** `meta.json` of a coreos-assembler build (schema `src/v1.json` of coreos-assembler), as far as it names files and what they are. */

import { FormatError } from '../core/errors.js';

export interface CosaMeta {
  readonly buildId: string;
  /** Checksum of the commit; null where there is none, or it is none. */
  readonly commit: string | null;
  /** In the order of the file. */
  readonly images: readonly CosaImage[];
  /** All of it. */
  readonly document: Readonly<Record<string, unknown>>;
}

/** A file that the build made. */
export interface CosaImage {
  /** `ostree`, `live-initramfs`, `qemu`. */
  readonly key: string;
  /** As it stands there: below the directory of the build, if it is honest. */
  readonly path: string;
  /** 64 hex digits; null where there is none. */
  readonly sha256: string | null;
  readonly size: number | null;
}

/** Throws `FormatError`. */
export function readCosaMeta(bytes: Uint8Array): CosaMeta {
  const document = parseObject(bytes);
  const { buildid, images } = document;
  if (typeof buildid !== 'string' || buildid === '')
    throw new FormatError(FORMAT, 0, 'expected a buildid');
  const listed = images ?? {};
  if (!isObject(listed)) throw new FormatError(FORMAT, 0, 'expected images by their names');
  const commit = document['ostree-commit'];
  return {
    buildId: buildid,
    commit: isDigest(commit) ? commit : null,
    images: Object.entries(listed).flatMap(([key, image]) => imageOf(key, image)),
    document,
  };
}

/** Packages as the rpm database of the commit has them (`rpmostree.rpmdb.pkglist` of `commitmeta.json`): name, epoch, version, release, architecture. */
export interface CosaPackage {
  readonly name: string;
  /** `[epoch:]version-release` */
  readonly version: string;
  readonly architecture: string;
}

/** Empty where the text is something else. */
export function readCosaPackages(bytes: Uint8Array): readonly CosaPackage[] {
  let list: unknown;
  try {
    list = parseObject(bytes)['rpmostree.rpmdb.pkglist'];
  } catch (error) {
    if (error instanceof FormatError) return [];
    throw error;
  }
  return Array.isArray(list) ? list.flatMap(packageOf) : [];
}

const FORMAT = 'coreos-assembler meta.json';

function parseObject(bytes: Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    throw new FormatError(FORMAT, 0, 'expected JSON');
  }
  if (!isObject(value)) throw new FormatError(FORMAT, 0, 'expected an object');
  return value;
}

function imageOf(key: string, image: unknown): CosaImage[] {
  if (!isObject(image) || typeof image['path'] !== 'string') return [];
  const { path, sha256, size } = image;
  return [
    {
      key,
      path: path as string,
      sha256: isDigest(sha256) ? sha256 : null,
      size: typeof size === 'number' && Number.isSafeInteger(size) && size >= 0 ? size : null,
    },
  ];
}

function packageOf(row: unknown): CosaPackage[] {
  if (!Array.isArray(row) || row.length !== 5) return [];
  const [name, epoch, version, release, architecture] = row.map(String);
  const prefix = epoch === '0' ? '' : `${epoch}:`;
  return [{ name: name!, version: `${prefix}${version}-${release}`, architecture: architecture! }];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isDigest(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}

/** The file list in an RPM header: parallel arrays, one value per file (rpm's docs/manual/tags.md). */

import { FormatError } from '../core/errors.js';
import { RPM_TAG, rpmNumber, rpmNumbers, rpmStrings, type RpmHeader } from './rpm-header.js';

/** Bits of FILEFLAGS and FILEVERIFYFLAGS, values of FILESTATES that matter here. */
const FLAG_GHOST = 64;
const VERIFY_DIGEST = 1;
const STATE_NORMAL = 0;

/** OpenPGP hash numbers (RFC 4880 9.4), as FILEDIGESTALGO has them; packages without the tag used MD5. */
const DIGEST_ALGORITHM: Readonly<Record<number, RpmFile['digestAlgorithm']>> = {
  1: 'md5',
  2: 'sha1',
  8: 'sha256',
  10: 'sha512',
};

export interface RpmFile {
  /** As the package lists it, latin1 bytes, without the slashes at both ends; `''` is the root. */
  readonly directory: string;
  readonly name: string;
  /** Listed so that it is removed with the package, but not shipped. */
  readonly ghost: boolean;
  /** `rpm -V` compares its content. */
  readonly verifiesDigest: boolean;
  /** False when rpm left it out or another package's file took its place: then `rpm -V` does not look at it. */
  readonly installed: boolean;
  /** Lower-case hex, `''` for what has no content. */
  readonly digest: string;
  /** Null for one this program does not compute. */
  readonly digestAlgorithm: 'md5' | 'sha1' | 'sha256' | 'sha512' | null;
  readonly mtimeSeconds: number | null;
  /** Complete `st_mode`. */
  readonly mode: number;
  readonly linkTarget: string;
}

/** Yields the files in the order of the header; throws `FormatError` where the arrays do not fit together. */
export function* rpmFiles(header: RpmHeader): Generator<RpmFile> {
  const paths = listedPaths(header);
  if (paths === null) return;
  const { names, directories, directoryOf } = paths;
  const flags = sameLength(header, names, RPM_TAG.FILEFLAGS);
  const verify = sameLength(header, names, RPM_TAG.FILEVERIFYFLAGS);
  const states = sameLength(header, names, RPM_TAG.FILESTATES);
  const mtimes = sameLength(header, names, RPM_TAG.FILEMTIMES);
  const modes = sameLength(header, names, RPM_TAG.FILEMODES);
  const digests = rpmStrings(header, RPM_TAG.FILEDIGESTS);
  const targets = rpmStrings(header, RPM_TAG.FILELINKTOS);
  const digestAlgorithm = DIGEST_ALGORITHM[rpmNumber(header, RPM_TAG.FILEDIGESTALGO) ?? 1] ?? null;
  for (let i = 0; i < names.length; i++)
    yield {
      directory: directories[directoryOf[i]!]!,
      name: names[i]!,
      ghost: ((flags?.[i] ?? 0) & FLAG_GHOST) !== 0,
      verifiesDigest: ((verify?.[i] ?? VERIFY_DIGEST) & VERIFY_DIGEST) !== 0,
      installed: (states?.[i] ?? STATE_NORMAL) === STATE_NORMAL,
      digest: digests?.[i] ?? '',
      digestAlgorithm,
      mtimeSeconds: mtimes?.[i] ?? null,
      mode: modes?.[i] ?? 0,
      linkTarget: targets?.[i] ?? '',
    };
}

interface ListedPaths {
  readonly names: readonly string[];
  readonly directories: readonly string[];
  /** Index into `directories` for each name. */
  readonly directoryOf: Uint32Array;
}

/** Null for a package without files. */
function listedPaths(header: RpmHeader): ListedPaths | null {
  const names = rpmStrings(header, RPM_TAG.BASENAMES);
  if (names === null) return wholePaths(header);
  const directories = rpmStrings(header, RPM_TAG.DIRNAMES)?.map(withoutSlashes);
  const directoryOf = sameLength(header, names, RPM_TAG.DIRINDEXES);
  if (directories === undefined || directoryOf === null)
    throw new FormatError('rpm header', 0, 'base names without directories');
  for (const index of directoryOf)
    if (index >= directories.length)
      throw new FormatError('rpm header', 0, `directory ${index} of ${directories.length}`);
  return { names, directories, directoryOf };
}

/** Packages made before rpm 4 list whole paths. */
function wholePaths(header: RpmHeader): ListedPaths | null {
  const paths = rpmStrings(header, RPM_TAG.OLDFILENAMES);
  if (paths === null) return null;
  return {
    names: paths.map((path) => path.slice(path.lastIndexOf('/') + 1)),
    directories: paths.map((path) => withoutSlashes(path.slice(0, path.lastIndexOf('/') + 1))),
    directoryOf: Uint32Array.from(paths, (_, i) => i),
  };
}

function withoutSlashes(path: string): string {
  return path.replace(/^\/+|\/+$/g, '');
}

/** The numbers of a tag, one per file; null where the package has none. */
function sameLength(header: RpmHeader, names: readonly string[], tag: number): Uint32Array | null {
  const numbers = rpmNumbers(header, tag);
  if (numbers !== null && numbers.length !== names.length)
    throw new FormatError(
      'rpm header',
      0,
      `tag ${tag}: expected ${names.length} values, found ${numbers.length}`,
    );
  return numbers;
}

/**
 * What apt makes of its lists to have them at hand: `pkgcache.bin` and `srcpkgcache.bin`, an image of structures in memory
 * (apt, `apt-pkg/pkgcache.h`), as apt since 1.9 writes it on 64-bit little-endian machines. The header and the records of the
 * files that it was made of are read; packages, versions and names stay in the gaps.
 */

import { FormatError } from '../core/errors.js';
import type { RandomAccess } from '../core/random-access.js';
import {
  dissect,
  layoutSize,
  structValues,
  type ByteAccount,
  type Dissector,
  type Layout,
  type StructValues,
} from './byte-fields.js';

/** A record of a file that the cache was made of: apt holds its size and time against the file's to see whether it is current. */
export interface AptCacheFile<L extends Layout> {
  readonly offset: number;
  /** Null where it has none, or one that makes no sense. */
  readonly fileName: string | null;
  readonly values: StructValues<L>;
}

export interface AptCache {
  /** The newest first, as in the list. */
  readonly releases: readonly AptCacheFile<typeof RELEASE_FILE>[];
  readonly packageFiles: readonly AptCacheFile<typeof PACKAGE_FILE>[];
  /** The header's fields; records are claimed. */
  readonly account: ByteAccount;
}

/** Whether it begins as a cache with structures of the sizes that are read here. */
export function isAptCache(head: Uint8Array): boolean {
  if (head.length < layoutSize(HEADER)) return false;
  const header = structValues(HEADER, head, true);
  return (
    header.signature === SIGNATURE &&
    header.headerSize === layoutSize(HEADER) &&
    header.releaseFileSize === layoutSize(RELEASE_FILE) &&
    header.packageFileSize === layoutSize(PACKAGE_FILE)
  );
}

/** Throws `FormatError` for what is no such cache; damage behind the header is in the account's problems. */
export function readAptCache(file: RandomAccess): AptCache {
  if (!isAptCache(file.read(0, layoutSize(HEADER))))
    throw new FormatError('apt-cache', 0, 'no header of a known size');
  const input = dissect('apt-cache', file);
  const header = input.struct(HEADER, 0, '');
  const releases = readList(input, RELEASE_FILE, header.releaseFileList);
  const packageFiles = readList(input, PACKAGE_FILE, header.packageFileList);
  return { releases, packageFiles, account: input.account() };
}

/** More index files than any list of sources names. */
const MOST_FILES = 10_000;

/** Records are told by their number: they lie at multiples of their size. 0 ends the list. */
function readList<L extends Layout & typeof LINKED>(
  input: Dissector,
  layout: L,
  first: number,
): AptCacheFile<L>[] {
  const files: AptCacheFile<L>[] = [];
  const seen = new Set<number>();
  input.attempt(() => {
    for (let next = first; next !== 0;) {
      const offset = next * layoutSize(layout);
      if (seen.has(next) || seen.size === MOST_FILES)
        throw new FormatError('apt-cache', offset, 'a list of files that does not end');
      seen.add(next);
      const values = input.struct(layout, offset);
      const { fileName, nextFile } = values as StructValues<typeof LINKED>;
      files.push({ offset, fileName: nameAt(input, fileName), values });
      next = nextFile;
    }
  });
  return files;
}

const LONGEST_NAME = 4096;

/** The text stands behind its length (u16); it is not claimed, for it lies among all other names. */
function nameAt(input: Dissector, at: number): string | null {
  if (at < 2 || at > input.size) return null;
  const name = input.attempt(() => {
    const length = input.peek(at - 2, 2);
    const bytes = input.peek(at, Math.min(length[0]! + 256 * length[1]!, LONGEST_NAME));
    return Buffer.from(bytes).toString('latin1');
  });
  return name ?? null;
}

const SIGNATURE = 0x98fe76dc;

/** `pkgCache::Header`. */
const HEADER = {
  signature: 'u32',
  majorVersion: 'u8',
  minorVersion: 'u8',
  dirty: 'u8',
  padding1: 'u8',
  headerSize: 'u16',
  groupSize: 'u8',
  packageSize: 'u8',
  releaseFileSize: 'u8',
  packageFileSize: 'u8',
  versionSize: 'u8',
  descriptionSize: 'u8',
  dependencySize: 'u8',
  dependencyDataSize: 'u8',
  providesSize: 'u8',
  verFileSize: 'u8',
  descFileSize: 'u8',
  padding2: 'hex3',
  groupCount: 'u32',
  packageCount: 'u32',
  versionCount: 'u32',
  descriptionCount: 'u32',
  dependsCount: 'u32',
  dependsDataCount: 'u32',
  releaseFileCount: 'u16',
  packageFileCount: 'u16',
  verFileCount: 'u16',
  descFileCount: 'u16',
  providesCount: 'u32',
  packageFileList: 'u32',
  releaseFileList: 'u32',
  versionSystemName: 'u32',
  architecture: 'u32',
  architectures: 'u32',
  maxVerFileSize: 'u64',
  maxDescFileSize: 'u64',
  pools: 'hex576',
  hashTableSize: 'u32',
  cacheFileHash: 'u32',
} as const satisfies Layout;

/** What both records have. */
const LINKED = { fileName: 'u32', nextFile: 'u32' } as const satisfies Layout;

/** `pkgCache::ReleaseFile`. */
const RELEASE_FILE = {
  fileName: 'u32',
  archive: 'u32',
  codename: 'u32',
  version: 'u32',
  origin: 'u32',
  label: 'u32',
  site: 'u32',
  padding1: 'u32',
  size: 'u64',
  mtime: 's64',
  flags: 'u8',
  padding2: 'hex3',
  nextFile: 'u32',
  id: 'u16',
  padding3: 'u16',
  private: 'u32',
} as const satisfies Layout;

/** `pkgCache::PackageFile`. */
const PACKAGE_FILE = {
  fileName: 'u32',
  release: 'u32',
  component: 'u32',
  architecture: 'u32',
  indexType: 'u32',
  padding1: 'u32',
  size: 'u64',
  mtime: 's64',
  flags: 'u8',
  padding2: 'hex3',
  nextFile: 'u32',
  id: 'u16',
  padding3: 'u16',
  private: 'u32',
} as const satisfies Layout;

/** apt's own caches: header, the index files that they were made of, and the rest by blocks of a MiB. */

import type { FactColumn, FactContent, FactKind, FactRow, FactTable } from '../../core/facts.js';
import type { RandomAccess } from '../../core/random-access.js';
import { isAptCache, readAptCache, type AptCacheFile } from '../../formats/apt-cache.js';
import type { ByteRange, Layout } from '../../formats/byte-fields.js';
import { HIGHEST_RANK, type Block } from '../../util/block-digests.js';
import { xxh64Hex } from '../../util/xxh64.js';
import { factNumber, fieldFacts, problemsOf } from '../common/account.js';
import { maskedAccess } from '../common/masked.js';
import { narrow } from '../common/narrow.js';
import { defineInspector } from '../define.js';

export const aptCacheInspector = defineInspector({
  id: 'apt-cache',
  version: 1,
  summary:
    "apt's caches of packages (apt, `apt-pkg/pkgcache.h`): header, names, sizes and times of the index files; the rest by blocks.",
  streams: false,
  claims: ({ head }) => isAptCache(head),
  inspect: async (piece, context) => {
    const file = await piece.random();
    const { releases, packageFiles, account } = readAptCache(file);
    context.spend(releases.length + packageFiles.length);
    const told: ByteRange[] = [
      ...account.fields,
      ...releases.map(({ offset }) => ({ offset, length: RELEASE_BYTES })),
      ...packageFiles.map(({ offset }) => ({ offset, length: PACKAGE_FILE_BYTES })),
    ];
    return {
      facts: fieldFacts(account, NOTES),
      tables: [tableOf('release files', releases), tableOf('package files', packageFiles)],
      content: restOf(maskedAccess(file, told)),
      problems: problemsOf(account),
    };
  },
});

const RELEASE_BYTES = 64;
const PACKAGE_FILE_BYTES = 56;

function tableOf<L extends Layout>(name: string, files: readonly AptCacheFile<L>[]): FactTable {
  const names = Object.keys(files[0]?.values ?? {});
  const columns = names.map((each): FactColumn => ({ name: each, kind: KINDS[each] ?? 'offset' }));
  return narrow({
    name,
    ordered: true,
    columns,
    rows: files.map(({ offset, fileName, values }): FactRow => {
      const all: Readonly<Record<string, string | number | bigint>> = values;
      return {
        key: fileName ?? '',
        values: columns.map((column) => {
          const value = all[column.name]!;
          const isEmpty = column.kind === 'slack' && /^0*$/.test(String(value));
          return isEmpty ? null : typeof value === 'string' ? value : factNumber(value);
        }),
        offset,
        part: null,
      };
    }),
  });
}

/** Places in the map follow from what is in it. */
const KINDS: Readonly<Record<string, FactKind>> = {
  padding1: 'slack',
  padding2: 'slack',
  padding3: 'slack',
  size: 'number',
  mtime: 'time',
  flags: 'flags',
  id: 'number',
  private: 'slack',
};

const BLOCK_BYTES = 1024 * 1024;

/**
 * Blocks of one size: whoever wants to know more than that packages differ has the package lists, and to cut tens of MB where
 * their content says so would cost as much as all else of a tree.
 */
function restOf(input: RandomAccess): FactContent {
  const blocks: Block[] = [];
  for (let offset = 0; offset < input.size; offset += BLOCK_BYTES) {
    const bytes = input.read(offset, BLOCK_BYTES);
    if (bytes.length === 0) break;
    const digest = xxh64Hex(bytes);
    const isLast = offset + bytes.length >= input.size;
    blocks.push({ length: bytes.length, rank: isLast ? HIGHEST_RANK : 0, digest, shape: digest });
  }
  return { kind: 'blocks', rank: 0, blocks, tokens: [] };
}

const NOTES = {
  majorVersion: 'version',
  minorVersion: 'version',
  dirty: 'flags',
  pools: 'layout',
  packageFileList: 'offset',
  releaseFileList: 'offset',
  versionSystemName: 'offset',
  architecture: 'offset',
  architectures: 'offset',
  hashTableSize: 'size',
  cacheFileHash: ['CacheFileSize', 'checksum'],
} as const;

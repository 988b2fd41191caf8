/** The superblock of a squashfs image, version 4 (Linux, `fs/squashfs/squashfs_fs.h`). */

import { FormatError } from '../core/errors.js';
import type { RandomAccess } from '../core/random-access.js';
import { dissect, latin1, toOffset } from './byte-fields.js';
import type { ByteAccount, ByteRange } from './byte-fields.js';

export interface SquashfsImage {
  /** Seconds since 1970. */
  readonly mkfsTime: number;
  readonly compressor: string;
  /** Names of the flags that are set, in the order of their bits. */
  readonly flags: readonly string[];
  readonly inodeCount: number;
  readonly idCount: number;
  readonly fragmentCount: number;
  readonly blockSize: number;
  /** Bytes of the file system; what follows pads it to 4 KiB, or is not its own. */
  readonly bytesUsed: number;
  /** Data, then the tables in the order of the file, each to the start of the next; tables that there are not, are left out. */
  readonly parts: readonly (ByteRange & { readonly name: string })[];
  /** The superblock's fields, and the compressor's options in hex; all that is in `parts` or behind is in the gaps. */
  readonly account: ByteAccount;
}

export function isSquashfs(head: Uint8Array): boolean {
  return latin1(head.subarray(0, 4)) === 'hsqs';
}

/** Throws `FormatError` when there is no superblock of version 4. */
export function readSquashfs(image: RandomAccess): SquashfsImage {
  if (!isSquashfs(image.read(0, 4))) throw new FormatError('squashfs', 0, 'no magic number');
  const input = dissect('squashfs', image);
  const block = input.struct(SUPERBLOCK, 0, '');
  if (block.major !== 4)
    throw new FormatError('squashfs', 28, `version ${block.major}.${block.minor} is not known`);
  const hasOptions = (block.flags & HAS_OPTIONS) !== 0;
  const optionsEnd = hasOptions ? (input.attempt(() => readOptions(input)) ?? 96) : 96;
  const bytesUsed = toOffset(block.bytesUsed);
  if (bytesUsed > image.size) input.problem(40, `${bytesUsed} bytes expected, ${image.size} found`);
  const end = Math.min(bytesUsed, image.size);
  const starts = Object.entries(TABLES)
    .map(([name, field]) => ({ name, offset: toOffset(block[field]) }))
    .filter(({ offset }) => offset < end)
    .sort((a, b) => a.offset - b.offset);
  const all = [{ name: 'data', offset: optionsEnd }, ...starts];
  const parts = all.map(({ name, offset }, i) => {
    const length = Math.max(0, (all[i + 1]?.offset ?? end) - offset);
    return { name, offset, length };
  });
  return {
    mkfsTime: block.mkfsTime,
    compressor: COMPRESSORS[block.compressor] ?? `compressor ${block.compressor}`,
    flags: FLAGS.filter((_, i) => ((block.flags >> i) & 1) === 1),
    inodeCount: block.inodeCount,
    idCount: block.idCount,
    fragmentCount: block.fragmentCount,
    blockSize: block.blockSize,
    bytesUsed,
    parts,
    account: input.account(),
  };
}

/** A metadata block, never compressed, behind the superblock. Returns where it ends. */
function readOptions(input: ReturnType<typeof dissect>): number {
  const { header } = input.struct({ header: 'u16' }, 96, 'options');
  const length = header & 0x7fff;
  if (length > 64) throw new FormatError('squashfs', 96, `${length} bytes of options`);
  input.struct({ data: `hex${length}` }, 98, 'options');
  return 98 + length;
}

const HAS_OPTIONS = 0x400;
const COMPRESSORS: Readonly<Record<number, string>> = {
  1: 'gzip',
  2: 'lzma',
  3: 'lzo',
  4: 'xz',
  5: 'lz4',
  6: 'zstd',
};
const FLAGS = [
  'uncompressed-inodes',
  'uncompressed-data',
  'check',
  'uncompressed-fragments',
  'no-fragments',
  'always-fragments',
  'duplicates',
  'exportable',
  'uncompressed-xattrs',
  'no-xattrs',
  'compressor-options',
  'uncompressed-ids',
] as const;
const TABLES = {
  inodes: 'inodeTable',
  directories: 'directoryTable',
  fragments: 'fragmentTable',
  exports: 'exportTable',
  ids: 'idTable',
  xattrs: 'xattrTable',
} as const;
const SUPERBLOCK = {
  magic: 'text4',
  inodeCount: 'u32',
  mkfsTime: 'u32',
  blockSize: 'u32',
  fragmentCount: 'u32',
  compressor: 'u16',
  blockLog: 'u16',
  flags: 'u16',
  idCount: 'u16',
  major: 'u16',
  minor: 'u16',
  rootInode: 'u64',
  bytesUsed: 'u64',
  idTable: 'u64',
  xattrTable: 'u64',
  inodeTable: 'u64',
  directoryTable: 'u64',
  fragmentTable: 'u64',
  exportTable: 'u64',
} as const;

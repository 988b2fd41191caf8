/** The superblock of a squashfs image, version 4 (Linux, `fs/squashfs/squashfs_fs.h`), and the options of its compressor. */

import { FormatError } from '../../core/errors.js';
import type { RandomAccess } from '../../core/random-access.js';
import { dissect, latin1, layoutSize, toOffset } from '../byte-fields.js';
import type { ByteAccount, Dissector, Layout } from '../byte-fields.js';

export const SQUASHFS = 'squashfs';

export interface SquashfsSuperblock {
  /** Seconds since 1970. */
  readonly mkfsTime: number;
  /** `gzip`, `lzma`, `lzo`, `xz`, `lz4`, `zstd`; `compressor N` for what is not known. */
  readonly compressor: string;
  /** Names of the flags that are set, in the order of their bits. */
  readonly flags: readonly string[];
  readonly inodeCount: number;
  readonly idCount: number;
  readonly fragmentCount: number;
  /** Bytes of a data block before compression. */
  readonly blockSize: number;
  /** Where the root directory's inode lies, see `inodeBlock`. */
  readonly rootInode: number;
  /** Bytes of the file system; what follows pads it to 4 KiB, or is not its own. */
  readonly bytesUsed: number;
  /** First byte behind superblock and options. */
  readonly dataStart: number;
  readonly inodeTable: number;
  readonly directoryTable: number;
  readonly idTable: number;
  /** Null where the image has none. */
  readonly fragmentTable: number | null;
  readonly exportTable: number | null;
  readonly xattrTable: number | null;
  /** The superblock's fields and the compressor's options; all else is in the gaps. */
  readonly account: ByteAccount;
}

export function isSquashfs(head: Uint8Array): boolean {
  return latin1(head.subarray(0, 4)) === 'hsqs';
}

/** Throws `FormatError` when there is no superblock of version 4. */
export function readSquashfs(image: RandomAccess): SquashfsSuperblock {
  if (!isSquashfs(image.read(0, 4))) throw new FormatError(SQUASHFS, 0, 'no magic number');
  const input = dissect(SQUASHFS, image);
  const block = input.struct(SUPERBLOCK, 0, '');
  if (block.major !== 4)
    throw new FormatError(SQUASHFS, 28, `version ${block.major}.${block.minor} is not known`);
  const compressor = COMPRESSORS[block.compressor] ?? `compressor ${block.compressor}`;
  const hasOptions = (block.flags & HAS_OPTIONS) !== 0;
  const dataStart = hasOptions ? (input.attempt(() => readOptions(input, compressor)) ?? 96) : 96;
  const bytesUsed = toOffset(block.bytesUsed);
  if (bytesUsed > image.size) input.problem(40, `${bytesUsed} bytes expected, ${image.size} found`);
  return {
    mkfsTime: block.mkfsTime,
    compressor,
    flags: FLAGS.filter((_, i) => ((block.flags >> i) & 1) === 1),
    inodeCount: block.inodeCount,
    idCount: block.idCount,
    fragmentCount: block.fragmentCount,
    blockSize: block.blockSize,
    rootInode: toOffset(block.rootInode),
    bytesUsed,
    dataStart,
    inodeTable: toOffset(block.inodeTable),
    directoryTable: toOffset(block.directoryTable),
    idTable: toOffset(block.idTable),
    fragmentTable: tableAt(block.fragmentTable),
    exportTable: tableAt(block.exportTable),
    xattrTable: tableAt(block.xattrTable),
    account: input.account(),
  };
}

const ABSENT = 0xffff_ffff_ffff_ffffn;

function tableAt(offset: bigint): number | null {
  return offset === ABSENT ? null : toOffset(offset);
}

/** A metadata block, never compressed, behind the superblock. Returns where it ends. */
function readOptions(input: Dissector, compressor: string): number {
  const { header } = input.struct({ header: 'u16' }, 96, 'options');
  const length = header & 0x7fff;
  if (length > 64) throw new FormatError(SQUASHFS, 96, `${length} bytes of options`);
  const layout = OPTIONS[compressor];
  const known = layout !== undefined && layoutSize(layout) === length;
  input.struct(known ? layout : { data: `hex${length}` }, 98, 'options');
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
const OPTIONS: Readonly<Record<string, Layout>> = {
  gzip: { level: 'u32', window: 'u16', strategies: 'u16' },
  lzo: { algorithm: 'u32', level: 'u32' },
  xz: { dictionarySize: 'u32', filters: 'u32' },
  lz4: { version: 'u32', flags: 'u32' },
  zstd: { level: 'u32' },
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

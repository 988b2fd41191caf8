/** Inodes of EROFS images as rows, by their paths, and the contents of files as parts. */

import type { FactPart, FactProblem, FactTable, FactValue } from '../../core/facts.js';
import { displayBytes, ROOT_PATH } from '../../core/path.js';
import { bufferAccess, type RandomAccess } from '../../core/random-access.js';
import { gapsBetween } from '../../formats/byte-fields.js';
import {
  compressedExtents,
  type CompressedExtent,
} from '../../formats/erofs/compressed-extents.js';
import {
  readCompressionHeader,
  type CompressionHeader,
} from '../../formats/erofs/compression-index.js';
import { isCompressed } from '../../formats/erofs/content.js';
import { algorithmName } from '../../formats/erofs/decompress.js';
import { extentsAccess } from '../../formats/erofs/extents-access.js';
import { chunkTable, flatExtents } from '../../formats/erofs/extents.js';
import { erofsDevice, readErofsInode, type ErofsInode } from '../../formats/erofs/inode.js';
import type { ErofsTree } from '../../formats/erofs/walk.js';
import { regionDigest, type Stretch } from '../common/region-digest.js';
import { RowCollector, type ColumnList } from '../common/row-collector.js';
import { factNumber } from '../common/account.js';
import { Told } from '../common/told.js';
import type { InspectContext } from '../define.js';
import { isStop, LimitError } from '../engine/limits.js';
import { METACOPY, XATTR_COLUMNS, xattrValues } from './erofs-xattrs.js';

/** Names are those of Linux' `erofs_fs.h`, where it has one. */
const COLUMNS: ColumnList = [
  ['i_format', 'codec'],
  ['i_mode', 'mode'],
  ['i_uid', 'owner'],
  ['i_gid', 'owner'],
  ['i_mtime', 'time'],
  ['i_ino', 'file-system'],
  ['i_nlink', 'size'],
  ['i_size', 'number'],
  ['rdev', 'number'],
  ['symlink', 'path'],
  ['link', 'path'],
  ['compression', 'codec'],
  ['data', 'stream'],
  ['sealed data', 'secret'],
  ['reserved', 'slack'],
  ...XATTR_COLUMNS,
];
const LINK = COLUMNS.findIndex(([name]) => name === 'link');

export interface ErofsMembers {
  readonly tables: readonly FactTable[];
  /** What rows, parts and `metadata` tell of. */
  readonly told: Told;
  /** Inodes, indexes, attributes and directories: where what rows tell lies, and what they do not. */
  readonly metadata: readonly Stretch[];
}

const MOST_PROBLEMS = 100;
/** Longer contents come in pieces. */
const AT_ONCE = 1024 * 1024;
const LONGEST_TARGET = 4096;

/** What cannot be read, and what a budget leaves unread, goes to `problems`. */
export function erofsMembers(
  bytes: RandomAccess,
  image: ErofsTree,
  context: InspectContext,
  problems: FactProblem[],
): Promise<ErofsMembers> {
  return new Members(bytes, image, context, problems).all();
}

class Members {
  readonly #bytes: RandomAccess;
  readonly #image: ErofsTree;
  readonly #context: InspectContext;
  readonly #problems: FactProblem[];
  readonly #rows = new RowCollector('', COLUMNS);
  /** Inodes without a path. */
  readonly #special = new RowCollector('special inodes', COLUMNS);
  readonly #told = new Told();
  readonly #metadata = new Told();
  /** Contents may share bytes, or be holes: few bytes may stand for many. */
  #contentLeft: number;

  constructor(
    bytes: RandomAccess,
    image: ErofsTree,
    context: InspectContext,
    problems: FactProblem[],
  ) {
    this.#bytes = bytes;
    this.#image = image;
    this.#context = context;
    this.#problems = problems;
    this.#contentLeft = bytes.size + context.outputBudget();
  }

  async all(): Promise<ErofsMembers> {
    try {
      for (const step of this.#image.walk()) {
        this.#context.spend(1);
        // No file has the name.
        const key = step.path === ROOT_PATH ? '.' : step.path;
        if (step.kind === 'damage') this.#problem(key, step.error);
        else if (step.kind === 'inode') await this.#row(this.#rows, key, step.inode);
        else {
          const values: FactValue[] = COLUMNS.map(() => null);
          values[LINK] = step.first;
          this.#rows.add(key, values, null, null);
        }
      }
    } catch (error) {
      if (!isStop(error)) throw error;
      this.#problem('.', error);
    }
    await this.#packed();
    const whole = { offset: 0, length: this.#bytes.size };
    const metadata = gapsBetween(this.#metadata.rest(whole), whole.length);
    for (const { offset, length } of metadata) this.#told.add(offset, length);
    const tables = [...this.#rows.tables(), ...this.#special.tables()];
    return { tables, told: this.#told, metadata };
  }

  /** Holds the ends of files: their contents are told with them. */
  async #packed(): Promise<void> {
    const { packedInode } = this.#image.volume.superblock;
    if (packedInode === 0n) return;
    try {
      const inode = readErofsInode(this.#image.volume, Number(packedInode));
      await this.#row(this.#special, 'packed', inode);
    } catch (error) {
      if (!isStop(error)) throw error;
      this.#problem('packed inode', error);
    }
  }

  async #row(rows: RowCollector, key: string, inode: ErofsInode): Promise<void> {
    const { type, mode, uid, gid, mtime, number, linkCount, layout, headerBytes } = inode;
    const isLong = headerBytes === 64;
    this.#claim(inode.offset, inode.end - inode.offset);
    const xattrs = this.#attempt(key, () => this.#image.xattrs(inode)) ?? [];
    for (const { offset, length } of xattrs) this.#claim(offset, length);
    const header = this.#attempt(key, () => this.#header(inode)) ?? null;
    const target = type === 'symlink' ? this.#attempt(key, () => this.#target(inode)) : null;
    // What refers to a lower layer has a content of holes, which is not its own.
    const isElsewhere = xattrs.some(({ name }) => name === METACOPY);
    if (isElsewhere) this.#attempt(key, () => this.#claimTable(inode));
    const part = type === 'file' && !isElsewhere ? await this.#part(key, inode) : null;
    if (type === 'directory' || type === 'symlink')
      this.#attempt(key, () => this.#claimContent(inode, this.#metadata));
    const raw =
      header === null ? [] : (this.#attempt(key, () => this.#stored(inode, header)) ?? []);
    const data = raw.length === 0 ? null : regionDigest(this.#bytes, ...raw);
    const isSecret = part !== null && this.#context.isSecret(part);
    const seal = (text: string): string => this.#context.keyed(Buffer.from(text, 'latin1'));
    rows.add(
      key,
      [
        `${isLong ? 'extended' : 'compact'} ${layout}`,
        mode.toString(8),
        uid,
        gid,
        mtime === null ? null : `${mtime.seconds}.${String(mtime.nanoseconds).padStart(9, '0')}`,
        number,
        linkCount,
        // The size of a part is told with it.
        type === 'file' && part === null ? factNumber(inode.size) : null,
        type === 'char' || type === 'block' ? deviceText(inode) : null,
        target ?? null,
        null,
        header === null ? null : compressionText(header),
        isSecret ? null : data,
        isSecret && data !== null ? seal(data) : null,
        this.#reserved(inode),
        ...xattrValues(xattrs),
      ],
      inode.offset,
      part,
    );
  }

  #header(inode: ErofsInode): CompressionHeader | null {
    if (!isCompressed(inode) || inode.size === 0) return null;
    const header = readCompressionHeader(this.#image.volume, inode);
    this.#claim(inode.end, header.indexEnd - inode.end);
    return header;
  }

  #target(inode: ErofsInode): string {
    return Buffer.from(this.#image.contents.all(inode, LONGEST_TARGET)).toString('latin1');
  }

  /** Null for a file without a byte, and for what cannot be read: that is told by the rest. */
  async #part(key: string, inode: ErofsInode): Promise<FactPart | null> {
    if (inode.size === 0) return null;
    try {
      if (!(inode.size <= this.#contentLeft))
        throw new LimitError(`a content of ${inode.size} bytes is more than is looked into`);
      this.#contentLeft -= inode.size;
      return await this.#context.part(key, this.#content(inode));
    } catch (error) {
      if (!isStop(error)) throw error;
      this.#problem(key, error);
      return null;
    }
  }

  #content(inode: ErofsInode): RandomAccess | AsyncIterable<Uint8Array> {
    const { volume, contents } = this.#image;
    if (!isCompressed(inode)) {
      this.#claimTable(inode);
      this.#claimContent(inode, this.#told);
      return extentsAccess(this.#bytes, [...flatExtents(volume, inode)], inode.size);
    }
    if (inode.size <= AT_ONCE) return bufferAccess(contents.all(inode, AT_ONCE));
    return this.#chunks(inode);
  }

  #claimTable(inode: ErofsInode): void {
    if (inode.layout !== 'chunks' || inode.size === 0) return;
    const { at, count, entryBytes } = chunkTable(this.#image.volume, inode);
    this.#claim(inode.end, at + count * entryBytes - inode.end);
  }

  async *#chunks(inode: ErofsInode): AsyncGenerator<Uint8Array> {
    for (const chunk of this.#image.contents.chunks(inode)) {
      this.#context.spend(0);
      yield await Promise.resolve(chunk);
    }
  }

  #claimContent(inode: ErofsInode, told: Told): void {
    if (isCompressed(inode)) return;
    for (const { at, length } of flatExtents(this.#image.volume, inode))
      if (at !== null && at + length <= this.#bytes.size) told.add(at, length);
  }

  /** The compressed bytes of an inode, without what lies in the packed inode. */
  #stored(inode: ErofsInode, header: CompressionHeader): readonly Stretch[] {
    const stretches: { offset: number; length: number }[] = [];
    const isStored = ({ form }: CompressedExtent): boolean => form !== 'fragment';
    for (const extent of compressedExtents(this.#image.volume, inode, header)) {
      if (!isStored(extent) || extent.at >= this.#bytes.size) continue;
      const last = stretches.at(-1);
      if (last !== undefined && last.offset + last.length === extent.at)
        last.length += extent.bytes;
      else stretches.push({ offset: extent.at, length: extent.bytes });
    }
    for (const { offset, length } of stretches) this.#told.add(offset, length);
    return stretches;
  }

  /** Bytes of the inode that mean nothing; null when they are zero. */
  #reserved({ offset, headerBytes }: ErofsInode): string | null {
    const { metadata } = this.#image.volume;
    const ranges = headerBytes === 64 ? LONG_RESERVED : SHORT_RESERVED;
    const hex = ranges
      .map(([at, length]) => Buffer.from(metadata.bytes(offset + at, length)).toString('hex'))
      .join('');
    return /^0*$/.test(hex) ? null : hex;
  }

  #claim(offset: number, length: number): void {
    this.#metadata.add(offset, Math.min(length, this.#bytes.size - offset));
  }

  #attempt<T>(key: string, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!isStop(error)) throw error;
      this.#problem(key, error);
      return undefined;
    }
  }

  #problem(key: string, error: Error): void {
    if (this.#problems.length >= MOST_PROBLEMS) return;
    const detail = `${displayBytes(key)}: ${error.message}`;
    if (this.#problems.some((problem) => problem.detail === detail)) return;
    const offset = 'offset' in error && typeof error.offset === 'number' ? error.offset : null;
    this.#problems.push({ offset, detail });
  }
}

const SHORT_RESERVED = [
  [12, 4],
  [28, 4],
] as const;
const LONG_RESERVED = [
  [6, 2],
  [48, 16],
] as const;

function deviceText(inode: ErofsInode): string {
  const { major, minor } = erofsDevice(inode);
  return `${major}:${minor}`;
}

function compressionText({
  algorithms,
  advise,
  clusterBits,
  isFragment,
}: CompressionHeader): string {
  if (isFragment) return 'fragment';
  const names = [...new Set(algorithms)].map((number) => algorithmName(number)).join('+');
  return `${names} 2^${clusterBits} 0x${advise.toString(16)}`;
}

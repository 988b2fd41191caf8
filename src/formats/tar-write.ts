/**
 * Writes the headers of one tar member in one way: ustar where every value fits (POSIX.1-2017 pax, "ustar Interchange
 * Format"), with a pax header before it where one does not. GNU headers only for what pax cannot say.
 */

import { TAR_BLOCK, TAR_FIELD, tarChecksum, type TarFieldName } from './tar-header.js';
import { writePaxRecords, type PaxRecord } from './tar-pax.js';

export type TarRecord = Pick<PaxRecord, 'key' | 'value'>;

export interface TarEntry {
  /** Latin1 bytes, like all text here; directories end in `/`. */
  readonly path: string;
  readonly linkTarget: string;
  readonly typeflag: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Stored bytes. */
  readonly size: number;
  /** Decimal seconds, perhaps with a fraction. */
  readonly mtime: string;
  readonly devmajor: number;
  readonly devminor: number;
  /** pax records beside those that the other fields ask for. */
  readonly records: readonly TarRecord[];
  /** Says path and target in records even where they fit: that they are UTF-8 is said there only. */
  readonly recordPath: boolean;
  readonly recordLink: boolean;
  /** Where a record gives the path (`GNU.sparse.name`): what the header has instead. */
  readonly headerName: string | null;
  /**
   * GNU headers: long names in `L` and `K`, and these 167 bytes from offset 345 on (the sparse map). Null: ustar and pax.
   */
  readonly gnuTail: Uint8Array | null;
}

/** Largest value of a number field, without its terminator. */
const MAX_OCTAL_8 = 0o7777777;
const MAX_OCTAL_12 = 0o77777777777;
const MAX_NAME = 100;
const MAX_PREFIX = 155;

/** Whether a number field of the header can hold the owner, device or mode. */
export function fitsTarOctal(value: number): boolean {
  return value >= 0 && value <= MAX_OCTAL_8;
}

/** Whether the header can hold the time: whole seconds since 1970. */
export function fitsTarTime(mtime: string): boolean {
  return /^\d+$/.test(mtime) && Number(mtime) <= MAX_OCTAL_12;
}

/** Name and prefix of a ustar header; null when the path fits neither alone nor split. */
export function splitTarPath(
  path: string,
): { readonly name: string; readonly prefix: string } | null {
  if (path.length <= MAX_NAME) return { name: path, prefix: '' };
  // The slash after a directory's name divides nothing.
  const slash = path.lastIndexOf('/', Math.min(MAX_PREFIX, path.length - 2));
  const name = path.slice(slash + 1);
  return slash > 0 && name.length <= MAX_NAME ? { name, prefix: path.slice(0, slash) } : null;
}

/** All header blocks of a member. Numbers that neither octal nor a record can say must not come here. */
export function tarEntryBlocks(entry: TarEntry): Buffer {
  return entry.gnuTail === null ? paxBlocks(entry) : gnuBlocks(entry, entry.gnuTail);
}

/** A `g` header with its records. */
export function tarGlobalBlocks(records: readonly TarRecord[], mtime: number): Buffer {
  return extensionBlocks('g', 'pax_global_header', 0o666, mtime, writePaxRecords(records));
}

function paxBlocks(entry: TarEntry): Buffer {
  const { path, linkTarget, size, uid, gid, mtime, headerName } = entry;
  const split = headerName === null ? splitTarPath(path) : null;
  const own: TarRecord[] = [];
  const record = (key: string, value: string | number, needed: boolean): void => {
    if (needed) own.push({ key, value: String(value) });
  };
  record('path', path, headerName === null && (split === null || entry.recordPath));
  record('linkpath', linkTarget, linkTarget.length > MAX_NAME || entry.recordLink);
  record('size', size, size > MAX_OCTAL_12);
  record('uid', uid, !fitsTarOctal(uid));
  record('gid', gid, !fitsTarOctal(gid));
  record('mtime', mtime, !fitsTarTime(mtime));
  const records = inOrder([...own, ...entry.records]);
  const { name, prefix } = split ?? { name: cutName(headerName ?? path), prefix: '' };
  const header = headerBlock(entry, { name, prefix }, 'ustar\x0000');
  if (records.length === 0) return header;
  const extension = extensionBlocks('x', paxName(path), 0o644, 0, writePaxRecords(records));
  return Buffer.concat([extension, header]);
}

function gnuBlocks(entry: TarEntry, tail: Uint8Array): Buffer {
  const { path, linkTarget } = entry;
  const blocks: Buffer[] = [];
  for (const [typeflag, text] of [
    ['K', linkTarget],
    ['L', path],
  ] as const)
    if (text.length > MAX_NAME)
      blocks.push(
        extensionBlocks(typeflag, '././@LongLink', 0o644, 0, Buffer.from(`${text}\0`, 'latin1')),
      );
  const header = headerBlock(entry, { name: cutName(path), prefix: '' }, 'ustar  \0');
  header.set(tail, TAR_FIELD.prefix[0]);
  seal(header);
  return Buffer.concat([...blocks, header]);
}

function headerBlock(
  entry: TarEntry,
  { name, prefix }: { readonly name: string; readonly prefix: string },
  magic: string,
): Buffer {
  const block = Buffer.alloc(TAR_BLOCK);
  text(block, 'name', name);
  octal(block, 'mode', entry.mode);
  octal(block, 'uid', fitsTarOctal(entry.uid) ? entry.uid : 0);
  octal(block, 'gid', fitsTarOctal(entry.gid) ? entry.gid : 0);
  octal(block, 'size', entry.size <= MAX_OCTAL_12 ? entry.size : 0);
  octal(block, 'mtime', fitsTarTime(entry.mtime) ? Number(entry.mtime) : 0);
  text(block, 'typeflag', entry.typeflag);
  text(block, 'linkname', entry.linkTarget.slice(0, MAX_NAME));
  text(block, 'magic', magic);
  octal(block, 'devmajor', entry.devmajor);
  octal(block, 'devminor', entry.devminor);
  text(block, 'prefix', prefix);
  seal(block);
  return block;
}

function extensionBlocks(
  typeflag: string,
  path: string,
  mode: number,
  mtime: number,
  content: Uint8Array,
): Buffer {
  const padded = Math.ceil(content.length / TAR_BLOCK) * TAR_BLOCK;
  const blocks = Buffer.alloc(TAR_BLOCK + padded);
  const header: TarEntry = { ...EXTENSION, path, typeflag, mode, size: content.length };
  const magic = typeflag === 'L' || typeflag === 'K' ? 'ustar  \0' : 'ustar\x0000';
  headerBlock({ ...header, mtime: String(mtime) }, { name: path, prefix: '' }, magic).copy(blocks);
  blocks.set(content, TAR_BLOCK);
  return blocks;
}

const EXTENSION: TarEntry = {
  path: '',
  linkTarget: '',
  typeflag: 'x',
  mode: 0,
  uid: 0,
  gid: 0,
  size: 0,
  mtime: '0',
  devmajor: 0,
  devminor: 0,
  records: [],
  recordPath: false,
  recordLink: false,
  headerName: null,
  gnuTail: null,
};

/** Byte order of keys; the character set before the names it is of, and a sparse map as it was: its order is its meaning. */
function inOrder(records: readonly TarRecord[]): TarRecord[] {
  const rank = ({ key }: TarRecord): number =>
    key === 'hdrcharset' ? 0 : key.startsWith('GNU.sparse.') ? 2 : 1;
  return records.toSorted((a, b) => {
    const byRank = rank(a) - rank(b);
    if (byRank !== 0 || rank(a) === 2) return byRank;
    return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
  });
}

/** What readers without pax see: no path of its own, and no slash at the end, which would make it a directory. */
function paxName(path: string): string {
  const bare = path.replace(/\/+$/, '');
  const slash = bare.lastIndexOf('/') + 1;
  return cutName(`${bare.slice(0, slash)}PaxHeaders/${bare.slice(slash)}`);
}

function cutName(path: string): string {
  return path.length <= MAX_NAME ? path : path.slice(0, MAX_NAME).replace(/\/+$/, '');
}

function text(block: Buffer, field: TarFieldName, value: string): void {
  block.write(value, TAR_FIELD[field][0], TAR_FIELD[field][1], 'latin1');
}

/** Zeros in front, a NUL behind: what GNU tar, Go and Python write. */
function octal(block: Buffer, field: TarFieldName, value: number): void {
  const digits = TAR_FIELD[field][1] - 1;
  text(block, field, value.toString(8).padStart(digits, '0'));
}

function seal(block: Buffer): void {
  text(block, 'checksum', `${tarChecksum(block).toString(8).padStart(6, '0')}\0 `);
}

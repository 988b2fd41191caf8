/** What one tar member becomes. Refuses, with a `FormatError`, what it does not understand completely. */

import { FormatError } from '../../core/errors.js';
import { TAR_BLOCK, tarBlock, tarNumberAt } from '../../formats/tar-header.js';
import { paxValue, type PaxRecord } from '../../formats/tar-pax.js';
import { fitsTarOctal, fitsTarTime, splitTarPath, type TarEntry } from '../../formats/tar-write.js';
import type { TarMember } from '../../formats/tar.js';

export interface TarRules {
  /** Seconds that no mtime may be above; null leaves times as they are. */
  readonly sourceDateEpoch: number | null;
  /** `root` makes owner and group 0: for archives whose owners nobody restores. */
  readonly owners: 'keep' | 'root';
}

/** Records that say nothing of the file: times of the builder's disk, numbers of its inodes. */
export const TRANSIENT_RECORDS: readonly string[] = [
  'atime',
  'ctime',
  'LIBARCHIVE.creationtime',
  'SCHILY.dev',
  'SCHILY.ino',
  'SCHILY.nlink',
];

/** Records that the fields of an entry say; they are written anew where the header cannot hold them. */
const OWN_RECORDS = ['path', 'linkpath', 'size', 'uid', 'gid', 'uname', 'gname', 'mtime'];
/** Namespaces whose records may be kept without being understood, because they only describe the one file. */
const KEPT_RECORDS =
  /^(?:comment|charset|hdrcharset|SCHILY\.(?:xattr\.|acl\.|fflags$|dev(?:major|minor)$)|LIBARCHIVE\.(?:xattr\.|symlinktype$)|RHT\.security\.|MSWINDOWS\.|GNU\.sparse\.)/s;

export function tarEntry(bytes: Uint8Array, member: TarMember, rules: TarRules): TarEntry {
  const { header } = member;
  const refuse = (why: string): never => {
    throw new FormatError('tar', header.offset, why);
  };
  checkHeader(bytes, member, refuse);
  const pax = member.extensions.filter(({ kind }) => kind === 'pax');
  const long = member.extensions.filter(({ kind }) => kind.startsWith('long-'));
  const records: readonly PaxRecord[] = pax.flatMap((e) => (e.kind === 'pax' ? e.records : []));
  if (pax.length > 1 || (pax.length > 0 && long.length > 0))
    refuse('more than one extended header');
  if (long.length !== new Set(long.map(({ kind }) => kind)).size) refuse('more than one long name');
  const firstOwn = member.extensions.findIndex(({ kind }) => kind !== 'global');
  if (firstOwn >= 0 && member.extensions.slice(firstOwn).some(({ kind }) => kind === 'global'))
    refuse('a global header between a member and its extended header');
  const isPaxSparse = records.some(({ key }) => key.startsWith('GNU.sparse.'));
  if (isPaxSparse && (member.sparse === null || !'0\0'.includes(header.typeflag)))
    refuse('parts of a sparse map');
  const kept = keptRecords(records, refuse);
  const has = (key: string): boolean => paxValue(records, key) !== null;
  const typeflag = typeOf(member, refuse);
  const path = typeflag === '5' ? `${member.path.replace(/\/+$/, '')}/` : member.path;
  const linkTarget = '12'.includes(typeflag) ? member.linkTarget : '';
  if (path === '' || /\0/.test(path + linkTarget)) refuse('a name that is none');
  const isDevice = '34'.includes(typeflag);
  // pax names are UTF-8 and readers convert them; what GNU names are nobody knows, and they are taken as they are.
  const rawNames =
    long.length > 0 &&
    ((splitTarPath(path) === null && !isAscii(path)) ||
      (linkTarget.length > 100 && !isAscii(linkTarget)));
  const isGnu = typeflag === 'S' || rawNames;
  const recordPath = has('path') && !isAscii(path) && !has('GNU.sparse.name');
  const recordLink = has('linkpath') && !isAscii(linkTarget);
  const entry: TarEntry = {
    path,
    linkTarget,
    typeflag,
    mode: header.mode.value & 0o7777,
    uid: rules.owners === 'root' ? 0 : ownerOf(member, records, 'uid', refuse),
    gid: rules.owners === 'root' ? 0 : ownerOf(member, records, 'gid', refuse),
    size: member.dataBytes,
    mtime: mtimeOf(member, records, rules, refuse),
    devmajor: isDevice ? header.devmajor.value : 0,
    devminor: isDevice ? header.devminor.value : 0,
    records: kept.filter(({ key }) => key !== 'hdrcharset' || recordPath || recordLink),
    recordPath,
    recordLink,
    headerName: has('GNU.sparse.name') ? sparseName(path) : null,
    gnuTail: isGnu ? gnuTail(bytes, member) : null,
  };
  if (!fitsTarOctal(entry.devmajor) || !fitsTarOctal(entry.devminor))
    refuse('a device number beyond 7 octal digits');
  const fits = fitsTarOctal(entry.uid) && fitsTarOctal(entry.gid) && fitsTarTime(entry.mtime);
  if (isGnu && (kept.length > 0 || !fits)) refuse('values that a GNU header cannot hold');
  return entry;
}

type Refuse = (why: string) => never;

function checkHeader(bytes: Uint8Array, { header }: TarMember, refuse: Refuse): void {
  const block = tarBlock(bytes, header.offset);
  const { typeflag, dialect, magic } = header;
  if (!'\x0001234567S'.includes(typeflag)) refuse(`members of type ${JSON.stringify(typeflag)}`);
  if (dialect === 'ustar' && !['ustar\x0000', 'ustar\0\0\0', 'ustar\0  '].includes(magic))
    refuse('an unknown version of ustar');
  // Star and others keep things of their own where the dialect has nothing.
  const isBlank = (start: number, end: number): boolean =>
    block.subarray(start, end).every((byte) => byte === 0);
  const sparseEnd = typeflag === 'S' ? 386 : TAR_BLOCK;
  if (dialect === 'v7') {
    // v7 ends with the link name, but GNU tar writes device numbers all the same.
    const numbers = [329, 337].map((at) => tarNumberAt(block, at, 8, header.offset).value);
    if (!isBlank(257, 329) || !isBlank(345, TAR_BLOCK) || numbers.some((value) => value !== 0))
      refuse('an unknown extension');
    if ('34'.includes(typeflag)) refuse('a device without numbers');
  } else if (!isBlank(dialect === 'ustar' ? 500 : 381, dialect === 'gnu' ? sparseEnd : TAR_BLOCK))
    refuse('an unknown extension');
  if (dialect === 'gnu') {
    // Access and change time of incremental archives; they are dropped but have to be times.
    tarNumberAt(block, 345, 12, header.offset);
    tarNumberAt(block, 357, 12, header.offset);
    if (tarNumberAt(block, 369, 12, header.offset).value !== 0) refuse('a part of a file');
  }
  if (typeflag === 'S' && dialect !== 'gnu') refuse('a sparse file outside a GNU archive');
  if ('123456'.includes(typeflag) && header.size.value !== 0)
    refuse('a size where there is no data');
  for (const field of ['mode', 'size'] as const)
    if (header[field].form === 'blank' || header[field].value < 0) refuse(`no ${field}`);
  if (header.mode.value > 0o177777) refuse('a mode beyond 16 bits');
}

function keptRecords(records: readonly PaxRecord[], refuse: Refuse): PaxRecord[] {
  const last = new Map(records.map((record) => [record.key, record]));
  return records.filter((record) => {
    const { key } = record;
    if (TRANSIENT_RECORDS.includes(key) || OWN_RECORDS.includes(key)) return false;
    if (!KEPT_RECORDS.test(key)) refuse(`the record ${key}`);
    // The map of PAX 0.0 is made of duplicates; of any other the last counts.
    return key.startsWith('GNU.sparse.') || last.get(key) === record;
  });
}

/** v7 has neither directories nor a letter for files: a slash at the end of a name says it. */
function typeOf({ header, path, dataBytes }: TarMember, refuse: Refuse): string {
  const { typeflag } = header;
  if (!'\x0007S'.includes(typeflag) || !path.endsWith('/'))
    return typeflag === '\0' ? '0' : typeflag;
  if (typeflag === '7' || typeflag === 'S' || dataBytes > 0)
    refuse('a slash at the end of a file name');
  return '5';
}

function ownerOf(
  { header }: TarMember,
  records: readonly PaxRecord[],
  key: 'uid' | 'gid',
  refuse: Refuse,
): number {
  const value = Number(decimalOr(paxValue(records, key), header[key].value, refuse));
  if (!Number.isSafeInteger(value) || value < 0) refuse(`an impossible ${key}`);
  return value;
}

function decimalOr(text: string | null, other: number, refuse: Refuse): string {
  if (text !== null && !/^\d{1,16}$/.test(text)) refuse('a record that is no number');
  return text ?? String(other);
}

function mtimeOf(
  { header }: TarMember,
  records: readonly PaxRecord[],
  { sourceDateEpoch }: TarRules,
  refuse: Refuse,
): string {
  const text = paxValue(records, 'mtime') ?? String(header.mtime.value);
  const match = /^(-?)(\d{1,15})(?:\.(\d{0,30}))?$/.exec(text);
  if (match === null) return refuse('an mtime that is no number');
  const fraction = (match[3] ?? '').replace(/0+$/, '');
  const whole = Number(match[2]);
  const seconds = match[1] === '' ? whole : -whole - (fraction === '' ? 0 : 1);
  if (sourceDateEpoch !== null) return String(Math.min(seconds, sourceDateEpoch));
  const sign = match[1] === '' || (whole === 0 && fraction === '') ? '' : '-';
  return `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/** GNU tar puts its process id into the name that readers without sparse files see. */
function sparseName(path: string): string {
  const slash = path.lastIndexOf('/') + 1;
  return `${slash === 0 ? './' : path.slice(0, slash)}GNUSparseFile.0/${path.slice(slash)}`;
}

function gnuTail(bytes: Uint8Array, { header }: TarMember): Buffer {
  const tail = Buffer.alloc(TAR_BLOCK - 345);
  if (header.typeflag === 'S') tail.set(tarBlock(bytes, header.offset).subarray(386), 386 - 345);
  return tail;
}

function isAscii(text: string): boolean {
  return !/[^\0-\x7f]/.test(text);
}

/**
 * apk's archive of package scripts (`lib/apk/db/scripts.tar`), as apk's own tar writer makes it: ustar headers of regular
 * files, a GNU long name (type `L`) before those whose name has more than 100 bytes. Members are found by their names,
 * `PACKAGE-VERSION.CHECKSUM.ACTION`; their order and their times mean nothing to apk.
 */

import { FormatError } from '../core/errors.js';

const FORMAT = 'apk scripts';
const BLOCK = 512;
const REGULAR: readonly string[] = ['0', '\0'];
const LONG_NAME = 'L';

/** Start and length in a header block (POSIX.1-2017 pax, "ustar Interchange Format"). */
const FIELD = {
  name: [0, 100],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  magic: [257, 5],
  uname: [265, 32],
  gname: [297, 32],
  prefix: [345, 155],
} as const;
type Field = keyof typeof FIELD;

/**
 * The same scripts sorted by name, of owner 0, with no time after the epoch (seconds). Contents, modes and the zeros at
 * the end stay. Equal names keep their order. Throws `FormatError` for an archive that apk would not have written.
 */
export function settleApkScripts(archive: Uint8Array, sourceDateEpoch: number): Uint8Array {
  const bytes = Buffer.from(archive);
  const { members, end } = readMembers(bytes);
  members.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  for (const { headers } of members)
    for (const header of headers) settleHeader(header, sourceDateEpoch);
  return Buffer.concat([...members.map(({ blocks }) => blocks), bytes.subarray(end)]);
}

interface Member {
  /** Latin1 bytes. */
  readonly name: string;
  /** Views of the header blocks in `blocks`. */
  readonly headers: readonly Buffer[];
  readonly blocks: Buffer;
}

function readMembers(bytes: Buffer): { readonly members: Member[]; readonly end: number } {
  if (bytes.length % BLOCK !== 0) throw new FormatError(FORMAT, bytes.length, 'a block is cut');
  const members: Member[] = [];
  let at = 0;
  while (at < bytes.length && bytes[at] !== 0) {
    const start = at;
    const headers: Buffer[] = [];
    let name: string | null = null;
    for (let type = LONG_NAME; type === LONG_NAME;) {
      const header = headerAt(bytes, at);
      type = text(header, 'type') || '0';
      const size = numberOf(header, 'size', at);
      const next = at + BLOCK + Math.ceil(size / BLOCK) * BLOCK;
      if (next > bytes.length) throw new FormatError(FORMAT, at, 'the content of a member is cut');
      if (type === LONG_NAME && headers.length === 0)
        name = upToNul(bytes.toString('latin1', at + BLOCK, at + BLOCK + size));
      else if (!REGULAR.includes(type))
        throw new FormatError(FORMAT, at, `a member of type ${JSON.stringify(type)}`);
      headers.push(header);
      at = next;
    }
    const [prefix, own] = [text(headers.at(-1)!, 'prefix'), text(headers.at(-1)!, 'name')];
    name ??= prefix === '' ? own : `${prefix}/${own}`;
    members.push({ name, headers, blocks: bytes.subarray(start, at) });
  }
  for (let i = at; i < bytes.length; i++)
    if (bytes[i] !== 0) throw new FormatError(FORMAT, i, 'data after the last member');
  return { members, end: at };
}

function headerAt(bytes: Buffer, at: number): Buffer {
  const header = bytes.subarray(at, at + BLOCK);
  if (header.length < BLOCK) throw new FormatError(FORMAT, at, 'a member without a header');
  if (text(header, 'magic') !== 'ustar') throw new FormatError(FORMAT, at, 'no ustar header');
  if (numberOf(header, 'checksum', at) !== checksumOf(header))
    throw new FormatError(FORMAT, at, 'the checksum of a header is wrong');
  return header;
}

/** Fields that are as wanted keep their form; so does the checksum. */
function settleHeader(header: Buffer, sourceDateEpoch: number): void {
  const before = Buffer.from(header);
  for (const field of ['uid', 'gid'] as const)
    if (numberOf(header, field, 0) !== 0) setNumber(header, field, 0);
  if (numberOf(header, 'mtime', 0) > sourceDateEpoch) setNumber(header, 'mtime', sourceDateEpoch);
  for (const field of ['uname', 'gname'] as const) raw(header, field).fill(0);
  if (before.equals(header)) return;
  const sum = checksumOf(header).toString(8);
  // Six digits, NUL and space as POSIX has it, or seven digits and NUL as most other fields.
  const short = raw(before, 'checksum')[6] === 0;
  raw(header, 'checksum').write(short ? `${sum.padStart(6, '0')}\0 ` : `${sum.padStart(7, '0')}\0`);
}

function checksumOf(header: Buffer): number {
  const [start, length] = FIELD.checksum;
  let sum = 0x20 * length;
  for (let i = 0; i < BLOCK; i++) if (i < start || i >= start + length) sum += header[i]!;
  return sum;
}

function raw(header: Buffer, field: Field): Buffer {
  const [start, length] = FIELD[field];
  return header.subarray(start, start + length);
}

function text(header: Buffer, field: Field): string {
  return upToNul(raw(header, field).toString('latin1'));
}

function upToNul(value: string): string {
  const nul = value.indexOf('\0');
  return nul < 0 ? value : value.slice(0, nul);
}

/** Octal digits; a field without any counts as 0. */
function numberOf(header: Buffer, field: Field, at: number): number {
  const digits = raw(header, field)
    .toString('latin1')
    .replace(/[\0 ]+$/, '')
    .trimStart();
  if (!/^[0-7]*$/.test(digits))
    throw new FormatError(FORMAT, at + FIELD[field][0], `${field} is no octal number`);
  return digits === '' ? 0 : Number.parseInt(digits, 8);
}

function setNumber(header: Buffer, field: Field, value: number): void {
  const [, length] = FIELD[field];
  raw(header, field).write(`${value.toString(8).padStart(length - 1, '0')}\0`);
}

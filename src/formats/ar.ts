/**
 * ar archives member by member (ar(5) of FreeBSD; binutils, bfd/archive.c for the dialects): static libraries and .deb.
 * A header is 60 bytes of text; long names stand in a table (GNU) or before the data (BSD). Nothing is copied.
 */

import { FormatError } from '../core/errors.js';
import { bufferAccess, type RandomAccess } from '../core/random-access.js';

/** A number in text, left-aligned; `raw` is the field with its spaces, `value` null where it is blank. */
export interface ArNumber {
  readonly raw: string;
  readonly value: number | null;
}

export type ArRole =
  | 'file'
  /** The index of the linker: `/`, `/SYM64/`, `__.SYMDEF` and its kin. */
  | 'symbols'
  /** GNU's table of long names, `//`. */
  | 'names';

export interface ArMember {
  /** Of the header. */
  readonly offset: number;
  readonly role: ArRole;
  /** What it is called, latin1 bytes: without the `/` that ends it, looked up or taken from before the data. */
  readonly name: string;
  /** The name field as it is, 16 bytes. */
  readonly rawName: string;
  readonly date: ArNumber;
  readonly uid: ArNumber;
  readonly gid: ArNumber;
  /** Octal, with type bits in some. */
  readonly mode: ArNumber;
  readonly size: ArNumber;
  /** Behind a BSD name. */
  readonly dataOffset: number;
  readonly dataBytes: number;
  /** Offset behind the byte that fills up to an even one. */
  readonly end: number;
}

export const AR_HEADER = 60;
/** Where each field starts and how many bytes it has. */
export const AR_FIELD = {
  name: [0, 16],
  date: [16, 12],
  uid: [28, 6],
  gid: [34, 6],
  mode: [40, 8],
  size: [48, 10],
} as const satisfies Record<string, readonly [number, number]>;
export type ArFieldName = keyof typeof AR_FIELD;

const FORMAT = 'ar';
const MAGIC = '!<arch>\n';
const THIN = '!<thin>\n';
const MAX_MEMBERS = 1_000_000;
const MAX_NAME = 65_536;
/** Of GNU's table: a name for each of them. */
const MAX_NAMES = 64 * 2 ** 20;

/** `thin` archives name files beside them and hold none. */
export function arKind(head: Uint8Array): 'plain' | 'thin' | null {
  const magic = Buffer.from(head.buffer, head.byteOffset, Math.min(8, head.length)).toString(
    'latin1',
  );
  return magic === MAGIC ? 'plain' : magic === THIN ? 'thin' : null;
}

/** Yields the members of a plain archive. Throws `FormatError` where the bytes make no sense, also at the end. */
export function* arMembers(input: Uint8Array | RandomAccess): Generator<ArMember, void> {
  const file = 'read' in input ? input : bufferAccess(input);
  if (arKind(file.read(0, MAGIC.length)) !== 'plain')
    throw new FormatError(FORMAT, 0, 'expected !<arch>');
  let names: string | null = null;
  let count = 0;
  for (let offset = MAGIC.length; offset < file.size; count++) {
    if (count === MAX_MEMBERS) throw new FormatError(FORMAT, offset, 'too many members');
    const member = readMember(file, offset, names);
    if (member.role === 'names') names = readNames(file, member);
    yield member;
    offset = member.end;
  }
}

function readNames(file: RandomAccess, { offset, dataOffset, dataBytes }: ArMember): string {
  if (dataBytes > MAX_NAMES)
    throw new FormatError(FORMAT, offset + 48, `a table of names of ${dataBytes} bytes`);
  return toBuffer(file.read(dataOffset, dataBytes)).toString('latin1');
}

function readMember(file: RandomAccess, offset: number, names: string | null): ArMember {
  const view = toBuffer(file.read(offset, AR_HEADER));
  if (view.length < AR_HEADER) throw new FormatError(FORMAT, offset, 'a header is cut');
  if (view.toString('latin1', 58, 60) !== '`\n')
    throw new FormatError(FORMAT, offset + 58, 'a header without its end');
  const size = numberOf(view, offset, 'size', 10);
  if (size.value === null) throw new FormatError(FORMAT, offset + 48, 'a member without a size');
  const contentEnd = offset + AR_HEADER + size.value;
  const even = contentEnd + (contentEnd % 2);
  if (contentEnd > file.size)
    throw new FormatError(FORMAT, offset + 48, `data of ${size.value} bytes leaves the file`);
  const rawName = fieldText(view, 'name');
  const { name, role, inData } = nameOf({ file, offset, size: size.value, names }, rawName);
  return {
    offset,
    role,
    name,
    rawName,
    date: numberOf(view, offset, 'date', 10),
    uid: numberOf(view, offset, 'uid', 10),
    gid: numberOf(view, offset, 'gid', 10),
    mode: numberOf(view, offset, 'mode', 8),
    size,
    dataOffset: offset + AR_HEADER + inData,
    dataBytes: size.value - inData,
    // The last member may go without the byte that fills up.
    end: Math.min(even, file.size),
  };
}

interface NamePlace {
  readonly file: RandomAccess;
  readonly offset: number;
  readonly size: number;
  readonly names: string | null;
}

function nameOf({ file, offset, size, names }: NamePlace, raw: string) {
  const text = raw.replace(/ +$/, '');
  if (text === '/' || text === '/SYM64/')
    return { name: text, role: 'symbols', inData: 0 } as const;
  if (text === '//') return { name: text, role: 'names', inData: 0 } as const;
  const bsd = /^#1\/(\d{1,5})$/.exec(text);
  if (bsd !== null) {
    const length = Number(bsd[1]);
    if (length > size) throw new FormatError(FORMAT, offset, 'a name longer than its member');
    const inFront = toBuffer(file.read(offset + AR_HEADER, length));
    const name = inFront.toString('latin1').replace(/\0+$/, '');
    return { name, role: roleOf(name), inData: length } as const;
  }
  const reference = /^\/(\d{1,10})$/.exec(text);
  if (reference === null) {
    const name = text.endsWith('/') ? text.slice(0, -1) : text;
    if (name === '') throw new FormatError(FORMAT, offset, 'a member without a name');
    return { name, role: roleOf(name), inData: 0 } as const;
  }
  return {
    name: nameInTable(names, Number(reference[1]), offset),
    role: 'file',
    inData: 0,
  } as const;
}

/** GNU ends names with `/` and newline, Microsoft with NUL. */
function nameInTable(names: string | null, start: number, offset: number): string {
  const text = (names ?? '').slice(start, start + MAX_NAME);
  const end = text.search(/\/?\n|\0/);
  if (end < 1) throw new FormatError(FORMAT, offset, 'a name that is not in the table of names');
  return text.slice(0, end);
}

function roleOf(name: string): ArRole {
  return /^__\.SYMDEF(?:_64)?(?: SORTED)?$/.test(name) ? 'symbols' : 'file';
}

function numberOf(view: Buffer, offset: number, field: ArFieldName, radix: 8 | 10): ArNumber {
  const raw = fieldText(view, field);
  const match = (radix === 8 ? /^([0-7]*) *$/ : /^(\d*) *$/).exec(raw);
  if (match === null)
    throw new FormatError(
      FORMAT,
      offset + AR_FIELD[field][0],
      `not a number: ${JSON.stringify(raw)}`,
    );
  const digits = match[1]!;
  return { raw, value: digits === '' ? null : Number.parseInt(digits, radix) };
}

function fieldText(header: Buffer, field: ArFieldName): string {
  const [start, length] = AR_FIELD[field];
  return header.toString('latin1', start, start + length);
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

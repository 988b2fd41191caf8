/**
 * Payloads of RPM packages, decompressed: cpio newc, or rpm's own form of it (lib/rpmcpio.c), whose members have the number of
 * a file in the header of the package and nothing else; packages with files of 4 GiB are made so.
 */

import { FormatError } from '../../core/errors.js';
import { CPIO_LOOK, cpioDialect, cpioMemberAt, type CpioMember } from '../cpio.js';
import { rpmFiles, type RpmFile } from '../rpm-files.js';
import { RPM_TAG, rpmLongs, rpmNumbers, type RpmHeader } from '../rpm-header.js';
import type { Steps } from '../steps.js';
import { ArchiveStream, type StreamedMember } from './archive-stream.js';
import type { ByteReader } from './byte-reader.js';

export interface RpmPayloadMember {
  readonly offset: number;
  /** Header, name and padding as they are; a view. */
  readonly raw: Uint8Array;
  /** Latin1 bytes; as the archive has it (`./usr`), or as the header lists it where the archive has none. */
  readonly path: string;
  /** In the file list of the header; null for a member of a plain cpio archive. */
  readonly fileIndex: number | null;
  readonly cpio: CpioMember | null;
  readonly dataOffset: number;
  readonly sizeBytes: number;
  readonly end: number;
  readonly isTrailer: boolean;
}

export interface RpmPayloadEnd {
  /** Behind the trailer. */
  readonly offset: number;
}

export type RpmPayloadStream = ArchiveStream<RpmPayloadMember, RpmPayloadEnd>;
export type RpmPayloadStreamMember = StreamedMember<RpmPayloadMember>;

/** The members; the reader stands behind the trailer afterwards. */
export function rpmPayloadStream(reader: ByteReader, header: RpmHeader): RpmPayloadStream {
  return new ArchiveStream(reader, payloadSteps(header), ({ sizeBytes }) => sizeBytes);
}

const FORMAT = 'rpm payload';
/** Magic, eight digits, and two bytes that fill up to a multiple of 4. */
const STRIPPED_BYTES = 16;
const MAX_MEMBERS = 10_000_000;
const REGULAR = 0o100000;
const LINK = 0o120000;
const TYPE_BITS = 0o170000;

function* payloadSteps(header: RpmHeader): Steps<RpmPayloadMember, RpmPayloadEnd> {
  let listed: ListedFiles | null = null;
  let offset = 0;
  for (let count = 0; ; count++) {
    const look = yield -CPIO_LOOK;
    if (count === MAX_MEMBERS) throw new FormatError(FORMAT, offset, 'too many members');
    let member: RpmPayloadMember;
    if (latin1(look, 6) === '07070X') {
      listed ??= listFiles(header);
      const raw = yield STRIPPED_BYTES;
      member = strippedMember(raw, offset, listed);
    } else member = yield* plainMember(look, offset);
    yield member;
    offset = member.end;
    if (member.isTrailer) return { offset };
  }
}

function* plainMember(
  look: Uint8Array,
  offset: number,
): Generator<number, RpmPayloadMember, Uint8Array> {
  const dialect = cpioDialect(look);
  if (dialect === null)
    throw new FormatError(FORMAT, offset, 'expected the magic number of a member');
  const place = { look, offset, dialect, archive: 0, zerosBefore: 0, limit: Infinity };
  const cpio: CpioMember = yield* cpioMemberAt(place);
  const { raw, path, dataOffset, end, isTrailer } = cpio;
  const { sizeBytes } = cpio.header;
  return { offset, raw, path, fileIndex: null, cpio, dataOffset, sizeBytes, end, isTrailer };
}

function strippedMember(raw: Uint8Array, offset: number, listed: ListedFiles): RpmPayloadMember {
  const digits = latin1(raw.subarray(6), 8);
  if (raw.length < STRIPPED_BYTES || !/^[0-9a-fA-F]{8}$/.test(digits))
    throw new FormatError(FORMAT, offset, 'the number of a file is cut, or none');
  const fileIndex = Number.parseInt(digits, 16);
  const file = listed.files[fileIndex];
  const sizeBytes = listed.storedBytes[fileIndex];
  if (file === undefined || sizeBytes === undefined)
    throw new FormatError(FORMAT, offset, `file ${fileIndex} of ${listed.files.length}`);
  const dataOffset = offset + STRIPPED_BYTES;
  return {
    offset,
    raw,
    path: file.directory === '' ? file.name : `${file.directory}/${file.name}`,
    fileIndex,
    cpio: null,
    dataOffset,
    sizeBytes,
    end: dataOffset + Math.ceil(sizeBytes / 4) * 4,
    isTrailer: false,
  };
}

interface ListedFiles {
  readonly files: readonly RpmFile[];
  /** Bytes in the payload, file by file. */
  readonly storedBytes: readonly number[];
}

/** Content is stored for regular files and links; of hard-linked files for the last one that the header lists. */
function listFiles(header: RpmHeader): ListedFiles {
  const files = [...rpmFiles(header)];
  const sizes = rpmLongs(header, RPM_TAG.LONGFILESIZES) ?? rpmLongs(header, RPM_TAG.FILESIZES);
  if (sizes === null || sizes.length !== files.length)
    throw new FormatError(FORMAT, 0, 'the header does not have the size of each file');
  const inodes = rpmNumbers(header, RPM_TAG.FILEINODES);
  const devices = rpmNumbers(header, RPM_TAG.FILEDEVICES);
  const last = new Map<string, number>();
  const keyOf = (i: number): string => `${devices?.[i] ?? 0}:${inodes?.[i] ?? `#${i}`}`;
  const isFile = (i: number): boolean => (files[i]!.mode & TYPE_BITS) === REGULAR;
  for (let i = 0; i < files.length; i++) if (isFile(i) && !files[i]!.ghost) last.set(keyOf(i), i);
  const storedBytes = files.map(({ mode, ghost }, i) => {
    if ((mode & TYPE_BITS) === LINK) return sizes[i]!;
    return isFile(i) && (ghost || last.get(keyOf(i)) === i) ? sizes[i]! : 0;
  });
  return { files, storedBytes };
}

function latin1(bytes: Uint8Array, length: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(length, bytes.length)).toString(
    'latin1',
  );
}

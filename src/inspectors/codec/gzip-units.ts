/** Members of gzip files, field by field (RFC 1952, section 2.3). */

import { FormatError } from '../../core/errors.js';
import type { Fact } from '../../core/facts.js';
import { windowAccess, type RandomAccess } from '../../core/random-access.js';
import type { DecompressedMember } from '../../formats/codec/decompress.js';
import { GZIP_FLAG, readGzipHeader, type GzipHeader } from '../../formats/gzip.js';
import { regionDigest } from '../common/region-digest.js';
import { shortDigest } from '../common/short-digest.js';
import { fact, hex32, paddingFacts, type CodecUnit, type CodecUnits } from './units.js';

export function readGzipUnits(
  input: RandomAccess,
  members: readonly DecompressedMember[],
): CodecUnits {
  let end = 0;
  const units = members.map((member): CodecUnit => {
    const facts = [...paddingFacts(end, member.offset), ...memberFacts(input, member)];
    end = member.end;
    return { offset: member.offset, facts };
  });
  return { name: 'members', units, end };
}

const TRAILER = 8;
const LONGEST_TEXT = 256;
const LONGEST_BYTES = 32;

function memberFacts(input: RandomAccess, { offset, end }: DecompressedMember): readonly Fact[] {
  const { header, bytes } = readHeader(windowAccess(input, offset, end - offset));
  const trailer = input.read(end - TRAILER, TRAILER);
  const view = new DataView(trailer.buffer, trailer.byteOffset, TRAILER);
  const dataBytes = end - TRAILER - offset - header.dataOffset;
  const data = { offset: offset + header.dataOffset, length: dataBytes };
  return [
    ...(header.flags & GZIP_FLAG.TEXT ? [fact('FTEXT', 'flags', 1, offset + 3)] : []),
    fact('MTIME', 'time', String(header.mtimeSeconds), offset + 4),
    fact('XFL', 'codec', header.extraFlags, offset + 8),
    fact('OS', 'codec', header.operatingSystem, offset + 9),
    ...optionalFacts(header, bytes, offset),
    fact('data', 'stream', regionDigest(input, data), data.offset),
    fact('CRC32', 'checksum', hex32(view.getUint32(0, true)), end - TRAILER),
    fact('ISIZE', 'size', view.getUint32(4, true), end - 4),
  ];
}

/** The header was read once already, when the member was decompressed: only its length is not known. */
function readHeader(member: RandomAccess): {
  readonly header: GzipHeader;
  readonly bytes: Uint8Array;
} {
  for (let wanted = 512; ; wanted *= 8) {
    const bytes = member.read(0, wanted);
    try {
      return { header: readGzipHeader(bytes, 0), bytes };
    } catch (error) {
      if (!(error instanceof FormatError) || bytes.length < wanted) throw error;
    }
  }
}

function optionalFacts(header: GzipHeader, bytes: Uint8Array, base: number): readonly Fact[] {
  const facts: Fact[] = [];
  let at = 10;
  if (header.flags & GZIP_FLAG.EXTRA) {
    const length = bytes[at]! | (bytes[at + 1]! << 8);
    const extra = bytes.subarray(at + 2, at + 2 + length);
    facts.push(fact('FEXTRA', 'opaque', shown(extra), base + at));
    at += 2 + length;
  }
  const text = (name: string, kind: 'path' | 'text'): void => {
    const end = bytes.indexOf(0, at);
    const value = Buffer.from(bytes.subarray(at, end)).toString('latin1');
    const isShort = value.length <= LONGEST_TEXT;
    facts.push(
      fact(name, isShort ? kind : 'opaque', isShort ? value : shortDigest(value), base + at),
    );
    at = end + 1;
  };
  if (header.flags & GZIP_FLAG.NAME) text('FNAME', 'path');
  if (header.flags & GZIP_FLAG.COMMENT) text('FCOMMENT', 'text');
  if (header.headerCrcOffset !== null)
    facts.push(fact('CRC16', 'checksum', bytes[at]! | (bytes[at + 1]! << 8), base + at));
  return facts;
}

function shown(bytes: Uint8Array): string {
  const { length } = bytes;
  return length <= LONGEST_BYTES ? Buffer.from(bytes).toString('hex') : shortDigest(bytes);
}

/** gzip headers (RFC 1952 section 2.3): the time, and what tells of the program that compressed. */

import { inflateRawSync } from 'node:zlib';

import { GZIP_FLAG, gzipHeaderCrc, isGzip, readGzip, type GzipMember } from '../../formats/gzip.js';
import { defineNormalizer, type FieldChange } from './define.js';
import { orLeft } from './or-left.js';
import { timeText } from './settled-time.js';

export const gzip = defineNormalizer({
  id: 'gzip',
  version: 2,
  summary: 'Takes time, operating system and compression hint out of gzip headers.',
  rationale:
    'MTIME becomes 0, which means none, with SOURCE_DATE_EPOCH too: one value for all builds. XFL becomes 0 and OS 3, what `gzip -n` writes; they name level and system of the compressor and no decompressor looks at them. OS stays where FTEXT is set, because it tells the line ends then. In a tree a file is left whose times are all none, or not after SOURCE_DATE_EPOCH: level and system are the same in every build with the same tools, and so is the time of an input; one that has a later time gets all of it. Name, comment and extra field stay: `gunzip -N` restores the name, and other programs keep indices there. The header CRC is made anew. Compressed data is not touched; every member is seen, also behind zeros; other data behind the last stays. Signed packages and indices of Alpine are left: their first member signs the bytes of the second. RFC 1952 sections 2.2 and 2.3.1.',
  extensions: ['.gz', '.tgz', '.svgz', '.dz'],
  matches: (head) => isGzip(head),
  normalize: ({ bytes, sourceDateEpoch, volatileOnly = false }) =>
    orLeft(() => {
      const { members } = readGzip(bytes);
      const varies = (member: GzipMember): boolean => hasVolatileTime(member, sourceDateEpoch);
      if (volatileOnly && !members.some(varies)) return { kind: 'normal' };
      if (isSignedApk(bytes, members))
        return { kind: 'left', reason: 'its first member is a signature over the next one' };
      const fixed = new Uint8Array(bytes);
      const fields = members.flatMap((member, i) => fixMember(fixed, member, i));
      return fields.length === 0 ? { kind: 'normal' } : { kind: 'changed', bytes: fixed, fields };
    }),
});

/** A time of the build. Name and comment may vary too, but they stay whatever they are. */
function hasVolatileTime({ mtimeSeconds }: GzipMember, sourceDateEpoch: number | null): boolean {
  return mtimeSeconds > Math.max(sourceDateEpoch ?? NO_TIME, NO_TIME);
}

/** Signatures are small; a first member above this is none. */
const MAX_SIGNATURE_BYTES = 65_536;

/** apk-tools 2: the first member is the beginning of a tar archive whose file is named `.SIGN.` and the algorithm. */
function isSignedApk(bytes: Uint8Array, members: readonly GzipMember[]): boolean {
  const [first] = members;
  if (members.length < 2 || first === undefined) return false;
  if (first.contentBytes > MAX_SIGNATURE_BYTES) return false;
  const content = inflateRawSync(bytes.subarray(first.dataOffset, first.end));
  return content.toString('latin1', 0, SIGNATURE_NAME.length) === SIGNATURE_NAME;
}

const SIGNATURE_NAME = '.SIGN.';
const NO_TIME = 0;
const NO_HINT = 0;
/** Value of OS for Unix. */
const UNIX = 3;

function fixMember(fixed: Uint8Array, member: GzipMember, index: number): FieldChange[] {
  const { offset, flags, mtimeSeconds, extraFlags, operatingSystem, headerCrcOffset } = member;
  const name = index === 0 ? '' : `#${index + 1}`;
  const fields: FieldChange[] = [];
  const view = new DataView(fixed.buffer, fixed.byteOffset, fixed.byteLength);
  const change = (field: string, before: string | number, after: string | number): void =>
    void fields.push({ member: name, field, before: String(before), after: String(after) });
  if (mtimeSeconds !== NO_TIME) {
    change('MTIME', timeText(mtimeSeconds), NO_TIME);
    view.setUint32(offset + 4, NO_TIME, true);
  }
  if (extraFlags !== NO_HINT) {
    change('XFL', extraFlags, NO_HINT);
    fixed[offset + 8] = NO_HINT;
  }
  if (operatingSystem !== UNIX && (flags & GZIP_FLAG.TEXT) === 0) {
    change('OS', operatingSystem, UNIX);
    fixed[offset + 9] = UNIX;
  }
  if (headerCrcOffset !== null && fields.length > 0) {
    const before = view.getUint16(headerCrcOffset, true);
    const after = gzipHeaderCrc(fixed.subarray(offset, headerCrcOffset));
    if (before !== after) change('CRC16', before, after);
    view.setUint16(headerCrcOffset, after, true);
  }
  return fields;
}

/** Message catalogues as msgfmt writes them (GNU gettext manual, "The Format of GNU MO Files"), in either byte order. */

import { FormatError } from '../core/errors.js';

export interface MoString {
  /** Bytes from the start of the file; the NUL that follows is not counted. */
  readonly offset: number;
  readonly length: number;
}

export interface MoFile {
  readonly littleEndian: boolean;
  /** Messages and translations, in the order of the tables. */
  readonly messages: readonly { readonly id: MoString; readonly text: MoString }[];
  /** Every range of bytes that has a meaning, strings without their NUL: header, tables, hash table, strings. */
  readonly ranges: readonly MoString[];
}

/** Whether the first bytes are the magic number, in one order of bytes or the other. */
export function isMo(head: Uint8Array): boolean {
  return head.length >= 4 && byteOrder(head) !== null;
}

/** Throws `FormatError` for what msgfmt would not write. */
export function readMo(bytes: Uint8Array): MoFile {
  const littleEndian = byteOrder(bytes);
  if (littleEndian === null) throw new FormatError('mo', 0, 'no magic number');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const ranges: MoString[] = [];
  const claim = (offset: number, length: number): MoString => {
    if (offset + length > bytes.length)
      throw new FormatError('mo', offset, `${length} bytes lie beyond the end`);
    const range = { offset, length };
    ranges.push(range);
    return range;
  };
  const u32 = (offset: number): number => view.getUint32(offset, littleEndian);
  claim(0, 28);
  const revision = u32(4);
  // Major revisions 0 and 1 differ in how a reader may treat what it does not know; minor 1 adds strings of the system.
  if (revision >>> 16 > 1 || (revision & 0xffff) > 1)
    throw new FormatError('mo', 4, `revision ${revision >>> 16}.${revision & 0xffff} is not known`);
  const count = u32(8);
  const [ids, texts] = [claim(u32(12), 8 * count), claim(u32(16), 8 * count)];
  if (u32(20) > 0) claim(u32(24), 4 * u32(20));
  const string = (at: number): MoString => {
    const range = claim(u32(at + 4), u32(at));
    const end = range.offset + range.length;
    if (bytes[end] !== 0) throw new FormatError('mo', end, 'a string without a NUL');
    return range;
  };
  const messages = Array.from({ length: count }, (_, i) => ({
    id: string(ids.offset + 8 * i),
    text: string(texts.offset + 8 * i),
  }));
  if ((revision & 0xffff) === 1) claimSystemStrings(claim, u32, bytes.length);
  return { littleEndian, messages, ranges };
}

/** Strings that are put together at run time from pieces here and words of the system, such as `PRIu64`. */
function claimSystemStrings(
  claim: (offset: number, length: number) => MoString,
  u32: (offset: number) => number,
  size: number,
): void {
  claim(28, 20);
  const [segmentCount, segmentsAt, count] = [u32(28), u32(32), u32(36)];
  const segments = claim(segmentsAt, 8 * segmentCount);
  // Strings may not share their lists of pieces: reading each list again for every string could take for ever.
  let remaining = Math.floor(size / 8);
  for (let i = 0; i < segmentCount; i++)
    claim(u32(segments.offset + 8 * i + 4), u32(segments.offset + 8 * i));
  for (const table of [claim(u32(40), 4 * count), claim(u32(44), 4 * count)])
    for (let i = 0; i < count; i++) {
      const start = u32(table.offset + 4 * i);
      claim(start, 4);
      let text = u32(start);
      for (let at = start + 4; ; at += 8) {
        if (--remaining < 0) throw new FormatError('mo', at, 'more pieces than the file can hold');
        claim(at, 8);
        claim(text, u32(at));
        text += u32(at);
        if (u32(at + 4) === END_OF_SEGMENTS) break;
      }
    }
}

const END_OF_SEGMENTS = 0xffff_ffff;

function byteOrder(bytes: Uint8Array): boolean | null {
  const magic = Buffer.from(bytes.subarray(0, 4)).toString('hex');
  return magic === 'de120495' ? true : magic === '950412de' ? false : null;
}

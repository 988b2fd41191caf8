/** Where the central directory of a zip archive is: its end records (APPNOTE 4.3.14 to 4.3.16). */

import { FormatError } from '../core/errors.js';
import { FORMAT, type ZipBytes } from './zip-bytes.js';
import {
  CENTRAL_SIGNATURE,
  END_BYTES,
  END_SIGNATURE,
  MAX_16,
  MAX_32,
  ZIP64_END_BYTES,
  ZIP64_END_SIGNATURE,
  ZIP64_LOCATOR_BYTES,
  ZIP64_LOCATOR_SIGNATURE,
  type Zip64End,
  type ZipEnd,
} from './zip-structure.js';

/** Nobody writes any: enough for what may come. */
const MAX_EXTENSIBLE = 2 ** 20;

export interface ZipEndRecords {
  readonly end: ZipEnd;
  readonly zip64: Zip64End | null;
  readonly entries: number;
  /** Real position and size of the central directory in the file. */
  readonly centralAt: number;
  readonly centralSize: number;
  readonly offsetBase: number;
  /** Where the first end record starts, and where the archive comment ends. */
  readonly endAt: number;
  readonly trailingAt: number;
}

interface Located {
  readonly record: Zip64End;
  readonly at: number;
  readonly base: number | null;
  readonly entries: number;
  readonly centralSize: number;
  readonly centralOffset: number;
}

export function readZipEnd(file: ZipBytes): ZipEndRecords {
  const at = findEnd(file);
  const comment = file.slice(at + END_BYTES, file.u16(at + 20));
  const located = readZip64(file, at);
  const stored = {
    entriesOnDisk: file.u16(at + 8),
    entries: file.u16(at + 10),
    centralSize: file.u32(at + 12),
    centralOffset: file.u32(at + 16),
  };
  const escaped = {
    entriesOnDisk: located !== null && stored.entriesOnDisk === MAX_16,
    entries: located !== null && stored.entries === MAX_16,
    centralSize: located !== null && stored.centralSize === MAX_32,
    centralOffset: located !== null && stored.centralOffset === MAX_32,
  };
  const end: ZipEnd = {
    diskNumber: file.u16(at + 4),
    centralDisk: file.u16(at + 6),
    escaped,
    comment,
  };
  for (const disk of [end.diskNumber, end.centralDisk])
    if (disk !== 0 && !(located !== null && disk === MAX_16))
      throw new FormatError(FORMAT, at + 4, `part ${disk} of an archive in several parts`);
  const values = located ?? stored;
  const agree =
    stored.entriesOnDisk === stored.entries &&
    (escaped.entries || stored.entries === values.entries) &&
    (escaped.centralSize || stored.centralSize === values.centralSize) &&
    (escaped.centralOffset || stored.centralOffset === values.centralOffset);
  if (!agree) throw new FormatError(FORMAT, at + 8, 'end records that contradict each other');
  const endAt = located?.at ?? at;
  return {
    end,
    zip64: located?.record ?? null,
    entries: values.entries,
    ...locateCentral(file, endAt, values.centralSize, values.centralOffset, located?.base ?? null),
    centralSize: values.centralSize,
    endAt,
    trailingAt: at + END_BYTES + comment.length,
  };
}

/**
 * The last record that the signature could start. Readers scan from the end, so one inside a comment would be theirs:
 * it is taken here too, and refused when it makes no sense.
 */
function findEnd(file: ZipBytes): number {
  const lowest = Math.max(0, file.length - END_BYTES - MAX_16);
  const tail = file.slice(lowest, file.length - lowest);
  for (let at = file.length - END_BYTES; at >= lowest; at--)
    if (tail[at - lowest] === 0x50 && file.is32(at, END_SIGNATURE)) return at;
  throw new FormatError(FORMAT, Math.max(0, file.length), 'no end of central directory record');
}

function readZip64(file: ZipBytes, endAt: number): Located | null {
  const locator = endAt - ZIP64_LOCATOR_BYTES;
  if (!file.is32(locator, ZIP64_LOCATOR_SIGNATURE)) return null;
  const stored = file.u64(locator + 8);
  const totalDisks = file.u32(locator + 16);
  if (file.u32(locator + 4) !== 0 || totalDisks > 1)
    throw new FormatError(FORMAT, locator, 'an archive in several parts');
  const near = locator - ZIP64_END_BYTES;
  const found = [stored, near].find((place) => file.is32(place, ZIP64_END_SIGNATURE));
  if (found === undefined || found > near)
    throw new FormatError(FORMAT, locator + 8, 'the zip64 end record is not where it should be');
  const size = file.u64(found + 4);
  if (found + 12 + size !== locator)
    throw new FormatError(FORMAT, found + 4, 'a zip64 end record of a wrong size');
  if (size > MAX_EXTENSIBLE + ZIP64_END_BYTES)
    throw new FormatError(FORMAT, found + 4, `a zip64 end record of ${size} bytes`);
  const entries = file.u64(found + 32);
  if (file.u32(found + 16) !== 0 || file.u32(found + 20) !== 0 || file.u64(found + 24) !== entries)
    throw new FormatError(FORMAT, found + 16, 'an archive in several parts');
  return {
    record: {
      versionMadeBy: file.u16(found + 12),
      versionNeeded: file.u16(found + 14),
      extensible: file.slice(found + ZIP64_END_BYTES, locator - found - ZIP64_END_BYTES),
      totalDisks,
    },
    at: found,
    base: found - stored,
    entries,
    centralSize: file.u64(found + 40),
    centralOffset: file.u64(found + 48),
  };
}

/**
 * Offsets are counted from the start of the file, or of an archive that was appended to something without being told.
 * Where both readings find a central header, readers disagree about what the archive holds, and it is refused.
 */
function locateCentral(
  file: ZipBytes,
  endAt: number,
  size: number,
  offset: number,
  known: number | null,
): { readonly centralAt: number; readonly offsetBase: number } {
  const starts = (at: number): boolean =>
    at >= 0 && at + size <= endAt && (size === 0 || file.is32(at, CENTRAL_SIGNATURE));
  if (known !== null) {
    if (known >= 0 && starts(offset + known))
      return { centralAt: offset + known, offsetBase: known };
  } else {
    const adjacent = endAt - size;
    const base = adjacent - offset;
    if (base === 0 && starts(offset)) return { centralAt: offset, offsetBase: 0 };
    if (base > 0 && starts(adjacent)) {
      if (size > 0 && starts(offset))
        throw new FormatError(FORMAT, offset, 'two places that could be the central directory');
      return { centralAt: adjacent, offsetBase: base };
    }
    if (starts(offset)) return { centralAt: offset, offsetBase: 0 };
  }
  throw new FormatError(FORMAT, offset, 'no central directory where the end record says');
}

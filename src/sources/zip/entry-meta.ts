/** Mode, owner and time of zip entries: the attributes of their maker, and extra fields (APPNOTE 4.4.15; Info-ZIP's extrafld.txt). */

import { FormatError } from '../../core/errors.js';
import { typeOfMode, type EntryType } from '../../core/entry.js';
import { readZipExtra, type ZipExtraRecord, type ZipPlace } from '../../formats/zip.js';

export interface EntryMeta {
  /** Null for one that Linux does not know. */
  readonly type: EntryType | null;
  readonly mode: number;
  /** Null where it is not told. */
  readonly owner: { readonly uid: number; readonly gid: number } | null;
  readonly mtimeNs: bigint;
  /** Steps of the time, in nanoseconds. */
  readonly mtimeResolution: number;
}

/** Makers whose upper attribute bits are `st_mode`: Unix and Darwin. */
const UNIX_MAKERS: readonly number[] = [3, 19];
const DOS_READ_ONLY = 1;
const DOS_DIRECTORY = 16;

export function entryMeta({ central, local }: ZipPlace): EntryMeta {
  // Local headers say more: the central ones of Info-ZIP leave owners out.
  const records = [...recordsOf(central.extra), ...recordsOf(local?.extra ?? NOTHING)];
  const time = timeOf(records);
  return {
    ...typeAndMode(central),
    owner: ownerOf(records),
    mtimeNs: time?.ns ?? dosNanoseconds(central.modDate, central.modTime),
    mtimeResolution: time?.resolution ?? 2e9,
  };
}

const NOTHING = new Uint8Array(0);

function recordsOf(extra: Uint8Array): readonly ZipExtraRecord[] {
  try {
    return readZipExtra(extra).records;
  } catch (error) {
    if (error instanceof FormatError) return [];
    throw error;
  }
}

function typeAndMode({
  name,
  versionMadeBy,
  externalAttributes,
}: ZipPlace['central']): Pick<EntryMeta, 'type' | 'mode'> {
  const stMode = externalAttributes >>> 16;
  const isFolder = name.endsWith('/');
  if (UNIX_MAKERS.includes(versionMadeBy >> 8) && stMode !== 0) {
    // Python's zipfile writes permissions alone for entries made from a string.
    const told = stMode >> 12 === 0 ? null : typeOfMode(stMode);
    const type = isFolder ? 'directory' : stMode >> 12 === 0 ? 'file' : told;
    return { type, mode: stMode & 0o7777 };
  }
  const isDirectory = isFolder || (externalAttributes & DOS_DIRECTORY) !== 0;
  const mode = isDirectory ? 0o755 : (externalAttributes & DOS_READ_ONLY) !== 0 ? 0o444 : 0o644;
  return { type: isDirectory ? 'directory' : 'file', mode };
}

const EXTENDED_TIMESTAMP = 0x5455;
const NTFS = 0x000a;
const OLD_UNIX = 0x5855;
const UNIX_OWNER = 0x7875;
const SECONDS_TO_1970 = 11_644_473_600n;

function timeOf(
  records: readonly ZipExtraRecord[],
): { readonly ns: bigint; readonly resolution: number } | null {
  for (const { id, data } of records) {
    const view = new DataView(data.buffer, data.byteOffset, data.length);
    if (id === EXTENDED_TIMESTAMP && data.length >= 5 && (data[0]! & 1) !== 0)
      return { ns: BigInt(view.getInt32(1, true)) * 1_000_000_000n, resolution: 1e9 };
    if (id === OLD_UNIX && data.length >= 8)
      return { ns: BigInt(view.getInt32(4, true)) * 1_000_000_000n, resolution: 1e9 };
    // One attribute of three times, in steps of 100 ns since 1601.
    if (id === NTFS && data.length === 32 && view.getUint16(4, true) === 1)
      return {
        ns: (view.getBigInt64(8, true) - SECONDS_TO_1970 * 10_000_000n) * 100n,
        resolution: 100,
      };
  }
  return null;
}

function ownerOf(records: readonly ZipExtraRecord[]): EntryMeta['owner'] {
  for (const { id, data } of records) {
    if (id === UNIX_OWNER && data[0] === 1) {
      const uidBytes = data[1] ?? 0;
      const gidBytes = data[2 + uidBytes] ?? 0;
      if (!WIDTHS.includes(uidBytes) || !WIDTHS.includes(gidBytes)) continue;
      if (data.length !== 3 + uidBytes + gidBytes) continue;
      return {
        uid: littleEndian(data, 2, uidBytes),
        gid: littleEndian(data, 3 + uidBytes, gidBytes),
      };
    }
    if (id === OLD_UNIX && data.length === 12)
      return { uid: littleEndian(data, 8, 2), gid: littleEndian(data, 10, 2) };
  }
  return null;
}

const WIDTHS: readonly number[] = [1, 2, 4];

function littleEndian(data: Uint8Array, at: number, bytes: number): number {
  return Buffer.from(data.buffer, data.byteOffset, data.length).readUIntLE(at, bytes);
}

/** DOS times have no zone: taken for UTC. A month or day of 0 is the one before, as calendars have it. */
function dosNanoseconds(date: number, time: number): bigint {
  const ms = Date.UTC(
    1980 + (date >> 9),
    ((date >> 5) & 15) - 1,
    date & 31,
    time >> 11,
    (time >> 5) & 63,
    (time & 31) * 2,
  );
  return BigInt(ms) * 1_000_000n;
}

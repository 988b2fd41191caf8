/** Extra fields of zip headers that are known: times and owners (Info-ZIP, `extrafld.txt`; APPNOTE 4.5.5). */

import { FormatError } from '../../core/errors.js';
import type { FactValue } from '../../core/facts.js';
import { readZipExtra, ZIP64_EXTRA, type ZipExtraRecord } from '../../formats/zip.js';
import { shortDigest } from '../common/short-digest.js';

/** In this order: mtime, atime, ctime, uid, gid, zip64, ids in their order, all others, padding. */
export function extraValues(extra: Uint8Array, where: 'central' | 'local'): readonly FactValue[] {
  if (extra.length === 0) return NONE;
  const values: Values = {};
  const others: string[] = [];
  const ids: string[] = [];
  let padding = 0;
  try {
    const found = readZipExtra(extra);
    ({ padding } = found);
    for (const record of found.records) {
      const isKnown = readRecord(record, where, values);
      const id = record.id.toString(16).padStart(4, '0');
      ids.push(isKnown === null ? id : `${id}${isKnown}`);
      if (isKnown === null) others.push(`${id}:${shortDigest(record.data)}`);
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    // No records: told as it is.
    return [...NONE.slice(0, -3), 'no records', shortDigest(extra), null];
  }
  return [
    values.mtime ?? null,
    values.atime ?? null,
    values.ctime ?? null,
    values.uid ?? null,
    values.gid ?? null,
    values.zip64 ?? null,
    ids.length === 0 ? null : ids.length > MOST_IDS ? shortDigest(ids.join(' ')) : ids.join(' '),
    others.length === 0 ? null : others.length === 1 ? others[0]! : shortDigest(others.join()),
    padding === 0 ? null : padding,
  ];
}

const NONE: readonly null[] = [null, null, null, null, null, null, null, null, null];
const MOST_IDS = 12;

interface Values {
  mtime?: string;
  atime?: string;
  ctime?: string;
  uid?: number;
  gid?: number;
  zip64?: string;
}

/** What the record tells beside its values, `''` for nothing; null, and nothing taken, for one that is not known. */
function readRecord({ id, data }: ZipExtraRecord, where: string, values: Values): string | null {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  switch (id) {
    case ZIP64_EXTRA:
      if (values.zip64 !== undefined) return null;
      values.zip64 = Buffer.from(data).toString('hex');
      return values.zip64.length > 64 ? null : '';
    case 0x5455:
      return extendedTimestamp(view, where, values);
    case 0x5855:
      return oldUnix(view, values);
    case 0x7875:
      return newUnix(view, values);
    case 0x000a:
      return ntfs(view, values);
    default:
      return null;
  }
}

/** `UT`: a byte of flags, then the times that they name; the central header has the first of them alone. */
function extendedTimestamp(view: DataView, where: string, values: Values): string | null {
  if (view.byteLength === 0 || values.mtime !== undefined) return null;
  const flags = view.getUint8(0);
  const names = (['mtime', 'atime', 'ctime'] as const).filter((_, i) => (flags >> i) & 1);
  const told = names.filter((name) => where === 'local' || name === 'mtime');
  if (view.byteLength !== 1 + 4 * told.length) return null;
  told.forEach((name, i) => (values[name] = String(view.getInt32(1 + 4 * i, true))));
  return `:${flags}`;
}

/** `UX`: access time and modification time, in local headers owner and group too. */
function oldUnix(view: DataView, values: Values): string | null {
  if ((view.byteLength !== 8 && view.byteLength !== 12) || values.mtime !== undefined) return null;
  values.atime = String(view.getInt32(0, true));
  values.mtime = String(view.getInt32(4, true));
  if (view.byteLength === 12 && values.uid === undefined) {
    values.uid = view.getUint16(8, true);
    values.gid = view.getUint16(10, true);
    return ':12';
  }
  return view.byteLength === 8 ? ':8' : null;
}

/** `ux`: owner and group, each with its own width. */
function newUnix(view: DataView, values: Values): string | null {
  const { byteLength } = view;
  if (byteLength < 3 || view.getUint8(0) !== 1 || values.uid !== undefined) return null;
  const uidBytes = view.getUint8(1);
  if (byteLength < 3 + uidBytes) return null;
  const gidBytes = view.getUint8(2 + uidBytes);
  if (byteLength !== 3 + uidBytes + gidBytes) return null;
  const uid = unsigned(view, 2, uidBytes);
  const gid = unsigned(view, 3 + uidBytes, gidBytes);
  if (uid === null || gid === null) return null;
  values.uid = uid;
  values.gid = gid;
  return `:${uidBytes},${gidBytes}`;
}

/** Three times in steps of 100 ns since 1601, in a list of attributes of which nobody writes another. */
function ntfs(view: DataView, values: Values): string | null {
  if (view.byteLength !== 32 || view.getUint32(0, true) !== 0 || values.mtime !== undefined)
    return null;
  if (view.getUint16(4, true) !== 1 || view.getUint16(6, true) !== 24) return null;
  for (const [i, name] of (['mtime', 'atime', 'ctime'] as const).entries())
    values[name] = windowsTime(view.getBigUint64(8 + 8 * i, true));
  return '';
}

const SECONDS_TO_1970 = 11_644_473_600n;

function windowsTime(ticks: bigint): string {
  const since = ticks - SECONDS_TO_1970 * 10_000_000n;
  const seconds = since / 10_000_000n;
  const rest = since % 10_000_000n;
  if (rest < 0n) return `${since}/10000000`;
  return rest === 0n ? String(seconds) : `${seconds}.${String(rest).padStart(7, '0')}`;
}

function unsigned(view: DataView, at: number, bytes: number): number | null {
  if (bytes > 6 || bytes === 0) return null;
  let value = 0;
  for (let i = bytes - 1; i >= 0; i--) value = value * 256 + view.getUint8(at + i);
  return value;
}

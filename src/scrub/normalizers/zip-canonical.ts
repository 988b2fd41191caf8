/** The archive that stands for all that differ only in how and when they were packed. */

import { FormatError } from '../../core/errors.js';
import {
  CENTRAL_BYTES,
  dosTime,
  FLAG_UTF8,
  LOCAL_BYTES,
  MAX_16,
  MAX_32,
  writeZipExtra,
  ZIP_EPOCH_SECONDS,
  type ZipArchive,
  type ZipEntry,
  type ZipExtraRecord,
  type ZipHeader,
} from '../../formats/zip.js';
import { alignData, zipAlignment } from './zip-alignment.js';
import { canonicalAttributes, HOST_UNIX } from './zip-attributes.js';
import { EXTRA, keepExtras } from './zip-extras.js';
import { canonicalOrder, zipLayout } from './zip-layout.js';
import { DEFLATES } from './zip-left.js';

/** An entry as it was and as it becomes. */
export interface ZipEntryChange {
  readonly before: ZipEntry;
  readonly after: ZipEntry;
}

export interface CanonicalZip {
  readonly archive: ZipArchive;
  readonly changes: readonly ZipEntryChange[];
}

/** For an archive that `refuseZip` let pass. Throws `FormatError` where an entry still makes no sense. */
export function canonicalZip(
  archive: ZipArchive,
  fileName: string,
  sourceDateEpoch: number | null,
): CanonicalZip {
  const seconds = sourceDateEpoch ?? ZIP_EPOCH_SECONDS;
  const layout = zipLayout(archive, fileName);
  const alignment = zipAlignment(archive);
  const marker = findJarMarker(archive, seconds);
  let offset = archive.prefix.length;
  const changes = canonicalOrder(archive.entries, layout).map((before, index) => {
    const context = { seconds, wide: layout.omeZarr, marker: index === 0 ? marker : null };
    const plan = planEntry(before, offset - archive.offsetBase, context);
    const kept = keepExtras(before.local.extra, before.offset, seconds);
    const head = writeZipExtra([...plan.leading, ...plan.localWide, ...kept.records]);
    const dataAt = offset + LOCAL_BYTES + before.local.name.length + head.length;
    const { record, padding } = alignData(before, kept, dataAt, alignment);
    const tail = writeZipExtra(record === null ? [] : [record], padding);
    const extra = fieldOf([head, tail], before);
    const after = { ...plan.entry, local: { ...plan.local, extra }, offset };
    offset = dataAt + tail.length + before.data.length;
    return { before, after };
  });
  const entries = changes.map(({ after }) => after);
  return { archive: finish(archive, entries, offset, layout.omeZarr), changes };
}

interface Context {
  readonly seconds: number;
  /** Zip64 where it is not needed too. */
  readonly wide: boolean;
  readonly marker: ZipExtraRecord | null;
}

interface EntryPlan {
  readonly entry: ZipEntry;
  /** Without its extra field. */
  readonly local: ZipHeader;
  readonly leading: readonly ZipExtraRecord[];
  readonly localWide: readonly ZipExtraRecord[];
}

function planEntry(before: ZipEntry, localOffset: number, context: Context): EntryPlan {
  const { central } = before;
  const { compressedSize, uncompressedSize } = before;
  const leading = context.marker === null ? [] : [context.marker];
  const wide = (value: number): boolean => context.wide || value >= MAX_32;
  // In a local header both sizes are escaped or none (4.5.3).
  const wideSizes = wide(compressedSize) || wide(uncompressedSize);
  const localWide = wideSizes ? zip64Record([uncompressedSize, compressedSize]) : [];
  const centralWide = zip64Record(
    [uncompressedSize, compressedSize, localOffset].filter((value) => wide(value)),
  );
  const escape = (value: number, escaped: boolean): number => (escaped ? MAX_32 : value);
  const versionNeeded = versionFor(before, wideSizes || wide(localOffset));
  const shared = {
    versionNeeded,
    flags: flagsFor(before),
    method: central.method,
    ...dosTime(context.seconds),
    crc32: central.crc32,
    name: central.name,
  };
  const kept = keepExtras(central.extra, before.offset, context.seconds);
  const aligning = kept.aligning === null ? [] : [kept.aligning];
  const records = [...leading, ...centralWide, ...kept.records, ...aligning];
  const entry: ZipEntry = {
    ...before,
    central: {
      ...central,
      ...shared,
      versionMadeBy: (HOST_UNIX << 8) | Math.max(versionNeeded, 20),
      externalAttributes: canonicalAttributes(before),
      compressedSize: escape(compressedSize, wide(compressedSize)),
      uncompressedSize: escape(uncompressedSize, wide(uncompressedSize)),
      localOffset: escape(localOffset, wide(localOffset)),
      diskStart: 0,
      extra: fieldOf([writeZipExtra(records)], before),
    },
    descriptor: null,
  };
  const local = {
    ...shared,
    compressedSize: escape(compressedSize, wideSizes),
    uncompressedSize: escape(uncompressedSize, wideSizes),
    extra: before.local.extra,
  };
  return { entry, local, leading, localWide };
}

/** The least version that has what the entry uses (4.4.3.2); OCF allows 10, 20 and 45 only. */
function versionFor(entry: ZipEntry, wide: boolean): number {
  const { method, name, versionNeeded } = entry.central;
  const base = METHOD_VERSIONS.get(method) ?? versionNeeded & 0xff;
  return Math.max(base, name.endsWith('/') ? 20 : 10, wide ? 45 : 10);
}

const METHOD_VERSIONS: ReadonlyMap<number, number> = new Map([
  [0, 10],
  [8, 20],
  [9, 21],
  [12, 46],
  [14, 63],
]);

/** UTF-8 stays where a name or comment has other than ASCII; compression options where they are more than a hint. */
function flagsFor({ central }: ZipEntry): number {
  const options = DEFLATES.has(central.method) ? 0 : central.flags & 0b110;
  const ascii = isAscii(central.name) && central.comment.every((byte) => byte < 0x80);
  return options | (ascii ? 0 : central.flags & FLAG_UTF8);
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >= 0x80) return false;
  return true;
}

function zip64Record(values: readonly number[]): readonly ZipExtraRecord[] {
  if (values.length === 0) return [];
  const data = Buffer.alloc(8 * values.length);
  values.forEach((value, i) => data.writeBigUInt64LE(BigInt(value), 8 * i));
  return [{ id: EXTRA.zip64, data }];
}

/** Java puts it on whichever entry is first, and file(1) looks for it there. */
function findJarMarker(archive: ZipArchive, seconds: number): ZipExtraRecord | null {
  for (const { central, offset } of archive.entries) {
    const { jarMarker } = keepExtras(central.extra, offset, seconds);
    if (jarMarker !== null) return jarMarker;
  }
  return null;
}

function fieldOf(parts: readonly Uint8Array[], entry: ZipEntry): Uint8Array {
  const filled = parts.filter((part) => part.length > 0);
  const field = filled.length === 1 ? filled[0]! : Buffer.concat(filled);
  if (field.length > MAX_16)
    throw new FormatError('zip', entry.offset, 'its extra fields would become too long');
  return field;
}

function finish(
  archive: ZipArchive,
  entries: readonly ZipEntry[],
  centralAt: number,
  wide: boolean,
): ZipArchive {
  const centralSize = entries.reduce((sum, { central }) => sum + centralBytes(central), 0);
  const escaped = {
    entriesOnDisk: wide || entries.length >= MAX_16,
    entries: wide || entries.length >= MAX_16,
    centralSize: wide || centralSize >= MAX_32,
    centralOffset: wide || centralAt - archive.offsetBase >= MAX_32,
  };
  const needed = Object.values(escaped).includes(true);
  return {
    ...archive,
    entries,
    localOrder: entries.map((_, index) => index),
    zip64: needed
      ? {
          versionMadeBy: (HOST_UNIX << 8) | 45,
          versionNeeded: 45,
          extensible: new Uint8Array(0),
          totalDisks: 1,
        }
      : null,
    end: { ...archive.end, diskNumber: 0, centralDisk: 0, escaped },
  };
}

function centralBytes(central: ZipEntry['central']): number {
  return CENTRAL_BYTES + central.name.length + central.extra.length + central.comment.length;
}

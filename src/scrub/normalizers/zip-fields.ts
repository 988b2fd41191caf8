/** What a canonical zip archive has that the former had otherwise, field by field, in the words of APPNOTE 4.4. */

import { formatDosTime, readZipExtra, type ZipArchive, type ZipHeader } from '../../formats/zip.js';
import type { FieldChange } from './define.js';
import type { CanonicalZip, ZipEntryChange } from './zip-canonical.js';

export function zipFieldChanges(before: ZipArchive, canonical: CanonicalZip): FieldChange[] {
  const fields = canonical.changes.flatMap(entryChanges);
  const whole = (field: string, from: string, to: string): void => {
    if (from !== to) fields.push({ member: '', field, before: from, after: to });
  };
  const { archive } = canonical;
  const [from, to] = [before, archive].map(({ entries }) => entries.map((e) => e.central.name));
  const moved = from!.findIndex((name, i) => name !== to![i]);
  if (moved >= 0) whole('order of entries', orderFrom(from!, moved), orderFrom(to!, moved));
  whole('order of local headers', localOrder(before), localOrder(archive));
  whole('zip64 end of central directory', wideEnd(before), wideEnd(archive));
  // Forms of one thing that no reader tells apart: which fields zip64 stands for, what the locator counts.
  if (fields.length === 0) whole('end of central directory record', 'another form', 'plain');
  return fields;
}

function entryChanges({ before, after }: ZipEntryChange): FieldChange[] {
  const fields: FieldChange[] = [];
  const compare = (field: string, from: string, to: string): void => {
    if (from !== to) fields.push({ member: before.central.name, field, before: from, after: to });
  };
  const both = (field: string, show: (header: ZipHeader) => string): void => {
    compare(field, show(before.central), show(after.central));
    if (show(before.local) !== show(before.central))
      compare(`${field} (local)`, show(before.local), show(after.local));
  };
  compare('version made by', hex(before.central.versionMadeBy), hex(after.central.versionMadeBy));
  both('version needed to extract', (header) => String(header.versionNeeded));
  both('general purpose bit flag', (header) => hex(header.flags));
  both('last mod file time', formatDosTime);
  compare(
    'external file attributes',
    hex(before.central.externalAttributes, 8),
    hex(after.central.externalAttributes, 8),
  );
  compare('data descriptor', present(before.descriptor), present(after.descriptor));
  compare('extra field', extra(before.central), extra(after.central));
  compare('extra field (local)', extra(before.local), extra(after.local));
  compare('crc-32 (local)', hex(before.local.crc32, 8), hex(after.local.crc32, 8));
  for (const [field, key] of SIZES) {
    compare(`${field} (local)`, String(before.local[key]), String(after.local[key]));
    compare(field, String(before.central[key]), String(after.central[key]));
  }
  return fields;
}

const SIZES = [
  ['compressed size', 'compressedSize'],
  ['uncompressed size', 'uncompressedSize'],
] as const;

/** Ids with their data, zeros at the end by their number. */
function extra(header: ZipHeader): string {
  const { records, padding } = readZipExtra(header.extra);
  const parts = records.map(({ id, data }) =>
    data.length === 0 ? hex(id) : `${hex(id)}=${Buffer.from(data).toString('hex')}`,
  );
  if (padding > 0) parts.push(`${padding} zeros`);
  return parts.length === 0 ? 'none' : parts.join(' ');
}

/** The names from the first one that moved. */
function orderFrom(names: readonly string[], start: number): string {
  const shown = names.slice(start, start + NAMES_SHOWN).join(', ');
  const head = start > 0 ? '..., ' : '';
  return `${head}${shown}${start + NAMES_SHOWN < names.length ? ', ...' : ''}`;
}

const NAMES_SHOWN = 5;

function localOrder({ localOrder: indexes }: ZipArchive): string {
  return indexes.every((index, i) => index === i) ? 'as in the central directory' : 'another';
}

function wideEnd({ zip64 }: ZipArchive): string {
  return present(zip64);
}

function present(part: object | null): string {
  return part === null ? 'none' : 'present';
}

function hex(value: number, digits = 4): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}

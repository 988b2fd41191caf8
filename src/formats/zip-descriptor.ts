/** Data descriptors of zip entries (APPNOTE 4.3.9): four forms, and nothing that says which. */

import { FormatError } from '../core/errors.js';
import { FORMAT, type ZipBytes } from './zip-bytes.js';
import { localSizes, type ZipCentralRecord } from './zip-headers.js';
import {
  DESCRIPTOR_SIGNATURE,
  FLAG_DESCRIPTOR,
  type ZipDescriptor,
  type ZipHeader,
} from './zip-structure.js';

const FORMS: readonly ZipDescriptor[] = [
  { signature: true, wide: false },
  { signature: true, wide: true },
  { signature: false, wide: false },
  { signature: false, wide: true },
];

export interface DescriptorPlace {
  /** Where the data ends, and where the next thing starts. */
  readonly at: number;
  readonly limit: number;
  readonly record: ZipCentralRecord;
  readonly local: ZipHeader;
}

/** The form whose values are those of the central directory; the one that fills the space exactly comes first. */
export function readDescriptor(
  file: ZipBytes,
  place: DescriptorPlace,
): { readonly descriptor: ZipDescriptor | null; readonly length: number } {
  const { at, limit, record, local } = place;
  if ((local.flags & FLAG_DESCRIPTOR) === 0) return { descriptor: null, length: 0 };
  const fitting = FORMS.filter(
    (form) => at + descriptorBytes(form) <= limit && matches(file, at, form, record),
  );
  const descriptor = fitting.find((form) => at + descriptorBytes(form) === limit) ?? fitting[0];
  if (descriptor !== undefined) return { descriptor, length: descriptorBytes(descriptor) };
  // Some programs set the bit, go back and fill in the header, and write no descriptor.
  const sizes = localSizes(local);
  const filled =
    local.crc32 === record.header.crc32 &&
    sizes?.compressedSize === record.compressedSize &&
    sizes.uncompressedSize === record.uncompressedSize;
  if (filled && at === limit) return { descriptor: null, length: 0 };
  throw new FormatError(FORMAT, at, 'a data descriptor with the values of the central directory');
}

export function descriptorBytes(form: ZipDescriptor): number {
  return (form.signature ? 4 : 0) + (form.wide ? 20 : 12);
}

function matches(
  file: ZipBytes,
  at: number,
  form: ZipDescriptor,
  record: ZipCentralRecord,
): boolean {
  if (form.signature && !file.is32(at, DESCRIPTOR_SIGNATURE)) return false;
  const start = at + (form.signature ? 4 : 0);
  if (file.u32(start) !== record.header.crc32) return false;
  return (
    isSize(file, start + 4, form.wide, record.compressedSize) &&
    isSize(file, start + (form.wide ? 12 : 8), form.wide, record.uncompressedSize)
  );
}

function isSize(file: ZipBytes, at: number, wide: boolean, size: number): boolean {
  if (!wide) return file.is32(at, size);
  return file.is32(at, size % 2 ** 32) && file.is32(at + 4, Math.floor(size / 2 ** 32));
}

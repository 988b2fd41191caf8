/** Where the data of zip entries has to start so that it can be mapped into memory: zipalign, Android, PyTorch. */

import {
  LOCAL_BYTES,
  readZipExtra,
  type ZipArchive,
  type ZipEntry,
  type ZipExtraRecord,
} from '../../formats/zip.js';
import { EXTRA, type KeptExtras } from './zip-extras.js';

/** Boundaries in bytes of STORED entries in an archive that zipalign made; null when it did not. */
export interface ZipAlignment {
  readonly libraries: number;
  readonly others: number;
}

const STORED = 0;
const WORD = 4;
/** Pages of 16 KiB and 4 KiB, which zipalign has for libraries. */
const PAGES = [16384, 4096];

/**
 * Recognised by zeros behind the extra fields, or by being an Android package, when all STORED data lies on words.
 * Libraries have the largest page size that all of them lie on.
 */
export function zipAlignment(archive: ZipArchive): ZipAlignment | null {
  const stored = archive.entries.filter(isStoredFile);
  const padded = stored.some((entry) => readZipExtra(entry.local.extra).padding > 0);
  const android = archive.entries.some((entry) => entry.central.name === 'AndroidManifest.xml');
  if (!(padded || android) || !stored.every((entry) => dataOffset(entry) % WORD === 0)) return null;
  const libraries = stored.filter((entry) => isLibrary(entry.central.name));
  const page = PAGES.find((size) => libraries.every((entry) => dataOffset(entry) % size === 0));
  return { libraries: libraries.length === 0 ? WORD : (page ?? WORD), others: WORD };
}

/** The end of the extra field for data that would start at `dataAt` without it: a record, or zeros. */
export function alignData(
  entry: ZipEntry,
  kept: KeptExtras,
  dataAt: number,
  alignment: ZipAlignment | null,
): { readonly record: ZipExtraRecord | null; readonly padding: number } {
  if (kept.aligning !== null) return { record: alignRecord(kept.aligning, dataAt), padding: 0 };
  if (alignment === null || !isStoredFile(entry)) return { record: null, padding: 0 };
  const { libraries, others } = alignment;
  const boundary = isLibrary(entry.central.name) ? libraries : others;
  return { record: null, padding: upTo(boundary, dataAt) };
}

/** Android's and Commons Compress's fields name the boundary in their first two bytes; PyTorch's is 64, filled with Z. */
function alignRecord({ id, data }: ZipExtraRecord, dataAt: number): ZipExtraRecord {
  if (id === EXTRA.alignedByTorch)
    return { id, data: Buffer.alloc(upTo(TORCH_BOUNDARY, dataAt + RECORD_BYTES), 'Z') };
  const head = data.subarray(0, 2);
  const stored = (head[0] ?? 0) | ((head[1] ?? 0) << 8);
  // The highest bit of Commons Compress says that the method may be changed.
  const boundary = id === EXTRA.alignedByCommons ? stored & 0x7fff : stored;
  const padding = boundary < 2 ? 0 : upTo(boundary, dataAt + RECORD_BYTES + head.length);
  return { id, data: Buffer.concat([head, Buffer.alloc(padding)]) };
}

const TORCH_BOUNDARY = 64;
const RECORD_BYTES = 4;

function upTo(boundary: number, at: number): number {
  return (boundary - (at % boundary)) % boundary;
}

function isStoredFile(entry: ZipEntry): boolean {
  return entry.central.method === STORED && !entry.central.name.endsWith('/');
}

function isLibrary(name: string): boolean {
  return name.endsWith('.so');
}

function dataOffset(entry: ZipEntry): number {
  return entry.offset + LOCAL_BYTES + entry.local.name.length + entry.local.extra.length;
}

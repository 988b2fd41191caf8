/**
 * Takes a zip archive apart without a loss (PKWARE APPNOTE 6.3.10). Nothing is decompressed or decrypted. Sizes come from
 * the central directory, as in all readers that seek. Refused are entries that overlap, archives in several parts, and
 * layouts in which the directory does not follow the entries.
 */

import { ZipBytes } from './zip-bytes.js';
import { readZipDirectory, type ZipPlace } from './zip-directory.js';
import type { ZipArchive, ZipEntry } from './zip-structure.js';

/** Throws `FormatError`. The parts of the result are views of `bytes`. */
export function readZip(bytes: Uint8Array): ZipArchive {
  const directory = readZipDirectory(bytes);
  const { entries, localOrder, ends, prefixBytes, centralTailOffset, centralEnd } = directory;
  // In the order of the file: the first fault is the one that is told.
  for (const index of localOrder) {
    const { problem } = entries[index]!;
    if (problem !== null) throw problem;
  }
  const file = new ZipBytes(bytes);
  return {
    prefix: file.slice(0, prefixBytes),
    offsetBase: ends.offsetBase,
    entries: entries.map((place) => entryOf(file, place)),
    localOrder,
    centralTail: file.slice(centralTailOffset, centralEnd - centralTailOffset),
    beforeEnd: file.slice(centralEnd, ends.endAt - centralEnd),
    zip64: ends.zip64,
    end: ends.end,
    trailing: file.slice(ends.trailingAt, file.length - ends.trailingAt),
  };
}

function entryOf(file: ZipBytes, place: ZipPlace): ZipEntry {
  return {
    central: place.central,
    // Without a problem there is one.
    local: place.local!,
    compressedSize: place.compressedSize,
    uncompressedSize: place.uncompressedSize,
    offset: place.offset,
    data: file.slice(place.dataOffset, place.compressedSize),
    descriptor: place.descriptor,
    gap: file.slice(place.gapOffset, place.gapBytes),
  };
}

export { readZipDirectory, type ZipDirectory, type ZipPlace } from './zip-directory.js';
export { dosTime, formatDosTime, ZIP_EPOCH_SECONDS, type DosTime } from './zip-dos-time.js';
export { readZipExtra, writeZipExtra, type ZipExtra, type ZipExtraRecord } from './zip-extra.js';
export { localSizes, ZIP64_EXTRA } from './zip-headers.js';
export * from './zip-structure.js';
export { writeZip, zipChunks } from './zip-write.js';

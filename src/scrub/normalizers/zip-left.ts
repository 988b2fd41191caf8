/** Zip archives that stay as they are, because a change would lose something or they are not understood to the last byte. */

import { FormatError } from '../../core/errors.js';
import { comparePaths, displayBytes, type TreePath } from '../../core/path.js';
import {
  FLAG_DESCRIPTOR,
  FLAG_UTF8,
  localSizes,
  ZIP64_EXTRA,
  readZipExtra,
  type ZipArchive,
  type ZipEntry,
} from '../../formats/zip.js';

/** Throws `FormatError` with the reason. */
export function refuseZip(archive: ZipArchive): void {
  refuseSurroundings(archive);
  for (const entry of archive.entries) refuseEntry(entry);
  refuseNames(archive);
}

function refuseSurroundings(archive: ZipArchive): void {
  const directoryAt = archive.entries.reduce(
    (end, entry) => Math.max(end, entry.offset),
    archive.prefix.length,
  );
  const fail = (detail: string): never => {
    throw new FormatError('zip', directoryAt, detail);
  };
  if (!isKnownPrefix(archive.prefix)) fail('data before the first entry that is not understood');
  const last = archive.entries[archive.localOrder.at(-1) ?? -1];
  if (last !== undefined && endsWith(last.gap, 'APK Sig Block 42'))
    fail('the APK signing block covers all of the file');
  for (const { gap } of archive.entries)
    if (gap.length > 0) fail('data between the entries that is not understood');
  if (archive.centralTail.length > 0) fail('a signature of the central directory');
  if (archive.beforeEnd.length > 0) fail('data behind the central directory');
  if ((archive.zip64?.extensible.length ?? 0) > 0) fail('an extensible data sector');
  if (archive.entries.some((entry) => isSignature(entry.central.name))) fail('it is signed');
}

/** Nothing, the `#!` line of a Python program in a zip (PEP 441), or the magic of a jmod. */
function isKnownPrefix(prefix: Uint8Array): boolean {
  if (prefix.length === 0) return true;
  const text = Buffer.from(prefix.buffer, prefix.byteOffset, prefix.length).toString('latin1');
  return text === 'JM\x01\x00' || /^#![^\n]*\n$/.test(text);
}

/** Signatures of jars, Android packages and Mozilla extensions (JAR file specification), and of NuGet packages. */
function isSignature(name: string): boolean {
  return (
    /^META-INF\/(?:[^/]+\.(?:SF|RSA|DSA|EC)|SIG-[^/]*)$/i.test(name) || name === '.signature.p7s'
  );
}

/** Compression options of deflate, descriptor and UTF-8: the bits that are understood (4.4.4). */
const KNOWN_FLAGS = 0b110 | FLAG_DESCRIPTOR | FLAG_UTF8;

function refuseEntry(entry: ZipEntry): void {
  const { central, local, offset } = entry;
  const fail = (detail: string): never => {
    throw new FormatError('zip', offset, `${displayBytes(central.name)}: ${detail}`);
  };
  const flags = central.flags | local.flags;
  if ((flags & 0b10_0000_0100_0001) !== 0) fail('it is encrypted');
  if ((flags & ~KNOWN_FLAGS) !== 0) fail(`unknown flags 0x${flags.toString(16)}`);
  if (central.name === '') fail('it has no name');
  if (central.name !== local.name) fail('two names');
  if (central.method !== local.method) fail('two compression methods');
  if (((central.flags ^ local.flags) & FLAG_UTF8) !== 0) fail('two encodings of its name');
  // In some methods bits 1 and 2 say how to decompress.
  if (!DEFLATES.has(central.method) && ((central.flags ^ local.flags) & 0b110) !== 0)
    fail('two sets of compression options');
  const sizes = localSizes(local);
  if (sizes === null) fail('a local header without its sizes');
  const streamed = (local.flags & FLAG_DESCRIPTOR) !== 0;
  const same = (there: number, here: number): boolean =>
    there === here || (streamed && there === 0);
  if (!same(local.crc32, central.crc32)) fail('two checksums');
  if (!same(sizes!.compressedSize, entry.compressedSize)) fail('two compressed sizes');
  if (!same(sizes!.uncompressedSize, entry.uncompressedSize)) fail('two sizes');
  if (central.method === 0 && entry.compressedSize !== entry.uncompressedSize)
    fail('stored data of another size than it says');
  for (const extra of [central.extra, local.extra])
    if (readZipExtra(extra).records.filter(({ id }) => id === ZIP64_EXTRA).length > 1)
      fail('two zip64 fields');
}

/** Stored, deflate and deflate64: bits 1 and 2 tell of the level only, or nothing. */
export const DEFLATES: ReadonlySet<number> = new Set([0, 8, 9]);

/**
 * Sorting must not change which entry wins: of two with one name some readers take the first and some the last, and a
 * file where another entry needs a directory makes the order decide what is unpacked where.
 */
function refuseNames(archive: ZipArchive): void {
  const offsets = new Map<string, number>();
  for (const { central, offset } of archive.entries) {
    if ((offsets.get(central.name) ?? -1) > offset)
      throw new FormatError('zip', offset, `${displayBytes(central.name)}: twice, in two orders`);
    offsets.set(central.name, offset);
  }
  // In this order a file comes right before what is below it.
  const names = [...offsets.keys()].sort((a, b) => comparePaths(a as TreePath, b as TreePath));
  names.forEach((name, i) => {
    if (name.endsWith('/') || names[i + 1]?.startsWith(`${name}/`) !== true) return;
    const detail = `${displayBytes(name)}: not a directory, but there are entries below it`;
    throw new FormatError('zip', offsets.get(name)!, detail);
  });
}

function endsWith(bytes: Uint8Array, text: string): boolean {
  return Buffer.from(bytes.subarray(Math.max(0, bytes.length - text.length))).equals(
    Buffer.from(text, 'latin1'),
  );
}

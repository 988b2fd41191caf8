/** Puts a zip archive together from its structure; offsets, counts and directory size are computed, the rest is written as it is. */

import { descriptorBytes } from './zip-descriptor.js';
import { findZipExtra } from './zip-extra.js';
import { ZIP64_EXTRA } from './zip-headers.js';
import {
  CENTRAL_BYTES,
  CENTRAL_SIGNATURE,
  DESCRIPTOR_SIGNATURE,
  END_BYTES,
  END_SIGNATURE,
  LOCAL_BYTES,
  LOCAL_SIGNATURE,
  MAX_16,
  MAX_32,
  ZIP64_END_BYTES,
  ZIP64_END_SIGNATURE,
  ZIP64_LOCATOR_BYTES,
  ZIP64_LOCATOR_SIGNATURE,
  type ZipArchive,
  type ZipEntry,
  type ZipHeader,
} from './zip-structure.js';

/**
 * The archive in pieces, in order; data are views of the entries'. Throws `RangeError` where an offset or a count needs
 * zip64 and the structure has none for it.
 */
export function zipChunks(archive: ZipArchive): readonly Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let at = 0;
  const push = (chunk: Uint8Array): void => {
    if (chunk.length === 0) return;
    chunks.push(chunk);
    at += chunk.length;
  };
  push(archive.prefix);
  const offsets = Array.from<number>({ length: archive.entries.length });
  for (const index of archive.localOrder) {
    const entry = archive.entries[index]!;
    offsets[index] = at - archive.offsetBase;
    push(localHeader(entry.local));
    push(entry.data);
    push(dataDescriptor(entry));
    push(entry.gap);
  }
  const centralOffset = at - archive.offsetBase;
  archive.entries.forEach((entry, index) => push(centralHeader(entry, offsets[index]!)));
  push(archive.centralTail);
  const centralSize = at - archive.offsetBase - centralOffset;
  push(archive.beforeEnd);
  const endOffset = at - archive.offsetBase;
  push(endRecords(archive, { centralOffset, centralSize, endOffset }));
  push(archive.trailing);
  return chunks;
}

export function writeZip(archive: ZipArchive): Uint8Array {
  return Buffer.concat(zipChunks(archive));
}

function localHeader(header: ZipHeader): Uint8Array {
  const bytes = Buffer.alloc(LOCAL_BYTES + header.name.length + header.extra.length);
  bytes.writeUInt32LE(LOCAL_SIGNATURE, 0);
  writeShared(bytes, 4, header);
  bytes.writeUInt16LE(header.name.length, 26);
  bytes.writeUInt16LE(header.extra.length, 28);
  bytes.write(header.name, LOCAL_BYTES, 'latin1');
  bytes.set(header.extra, LOCAL_BYTES + header.name.length);
  return bytes;
}

function centralHeader(entry: ZipEntry, localOffset: number): Uint8Array {
  const { central } = entry;
  const extraAt = CENTRAL_BYTES + central.name.length;
  const bytes = Buffer.alloc(extraAt + central.extra.length + central.comment.length);
  bytes.writeUInt32LE(CENTRAL_SIGNATURE, 0);
  bytes.writeUInt16LE(central.versionMadeBy, 4);
  writeShared(bytes, 6, central);
  bytes.writeUInt16LE(central.name.length, 28);
  bytes.writeUInt16LE(central.extra.length, 30);
  bytes.writeUInt16LE(central.comment.length, 32);
  bytes.writeUInt16LE(central.diskStart, 34);
  bytes.writeUInt16LE(central.internalAttributes, 36);
  bytes.writeUInt32LE(central.externalAttributes, 38);
  bytes.write(central.name, CENTRAL_BYTES, 'latin1');
  bytes.set(central.extra, extraAt);
  bytes.set(central.comment, extraAt + central.extra.length);
  const zip64 = findZipExtra(central.extra, ZIP64_EXTRA);
  if (central.localOffset === MAX_32 && zip64 !== null) {
    bytes.writeUInt32LE(MAX_32, 42);
    const before = [central.uncompressedSize, central.compressedSize];
    const skipped = 8 * before.filter((size) => size === MAX_32).length;
    bytes.writeBigUInt64LE(BigInt(localOffset), extraAt + zip64.at + skipped);
  } else {
    bytes.writeUInt32LE(localOffset, 42);
  }
  return bytes;
}

function writeShared(bytes: Buffer, at: number, header: ZipHeader): void {
  bytes.writeUInt16LE(header.versionNeeded, at);
  bytes.writeUInt16LE(header.flags, at + 2);
  bytes.writeUInt16LE(header.method, at + 4);
  bytes.writeUInt16LE(header.modTime, at + 6);
  bytes.writeUInt16LE(header.modDate, at + 8);
  bytes.writeUInt32LE(header.crc32, at + 10);
  bytes.writeUInt32LE(header.compressedSize, at + 14);
  bytes.writeUInt32LE(header.uncompressedSize, at + 18);
}

function dataDescriptor(entry: ZipEntry): Uint8Array {
  const form = entry.descriptor;
  if (form === null) return NOTHING;
  const bytes = Buffer.alloc(descriptorBytes(form));
  const start = form.signature ? bytes.writeUInt32LE(DESCRIPTOR_SIGNATURE, 0) : 0;
  bytes.writeUInt32LE(entry.central.crc32, start);
  if (form.wide) {
    bytes.writeBigUInt64LE(BigInt(entry.compressedSize), start + 4);
    bytes.writeBigUInt64LE(BigInt(entry.uncompressedSize), start + 12);
  } else {
    bytes.writeUInt32LE(entry.compressedSize, start + 4);
    bytes.writeUInt32LE(entry.uncompressedSize, start + 8);
  }
  return bytes;
}

const NOTHING = new Uint8Array(0);

interface Positions {
  readonly centralOffset: number;
  readonly centralSize: number;
  /** Where the end records start. */
  readonly endOffset: number;
}

function endRecords(archive: ZipArchive, positions: Positions): Uint8Array {
  const { end } = archive;
  const count = archive.entries.length;
  const bytes = Buffer.alloc(END_BYTES);
  bytes.writeUInt32LE(END_SIGNATURE, 0);
  bytes.writeUInt16LE(end.diskNumber, 4);
  bytes.writeUInt16LE(end.centralDisk, 6);
  bytes.writeUInt16LE(end.escaped.entriesOnDisk ? MAX_16 : count, 8);
  bytes.writeUInt16LE(end.escaped.entries ? MAX_16 : count, 10);
  bytes.writeUInt32LE(end.escaped.centralSize ? MAX_32 : positions.centralSize, 12);
  bytes.writeUInt32LE(end.escaped.centralOffset ? MAX_32 : positions.centralOffset, 16);
  bytes.writeUInt16LE(end.comment.length, 20);
  return Buffer.concat([...zip64Records(archive, positions), bytes, end.comment]);
}

function zip64Records(archive: ZipArchive, positions: Positions): readonly Uint8Array[] {
  const { zip64 } = archive;
  if (zip64 === null) return [];
  const record = Buffer.alloc(ZIP64_END_BYTES);
  record.writeUInt32LE(ZIP64_END_SIGNATURE, 0);
  record.writeBigUInt64LE(BigInt(ZIP64_END_BYTES - 12 + zip64.extensible.length), 4);
  record.writeUInt16LE(zip64.versionMadeBy, 12);
  record.writeUInt16LE(zip64.versionNeeded, 14);
  record.writeBigUInt64LE(BigInt(archive.entries.length), 24);
  record.writeBigUInt64LE(BigInt(archive.entries.length), 32);
  record.writeBigUInt64LE(BigInt(positions.centralSize), 40);
  record.writeBigUInt64LE(BigInt(positions.centralOffset), 48);
  const locator = Buffer.alloc(ZIP64_LOCATOR_BYTES);
  locator.writeUInt32LE(ZIP64_LOCATOR_SIGNATURE, 0);
  locator.writeBigUInt64LE(BigInt(positions.endOffset), 8);
  locator.writeUInt32LE(zip64.totalDisks, 16);
  return [record, zip64.extensible, locator];
}

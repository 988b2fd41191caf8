/**
 * A zip archive taken apart (PKWARE APPNOTE 6.3.10, section 4.3): every byte of the file is in exactly one field, so that
 * writing an untouched structure gives the file again. Names are latin1 strings, one character per byte; numbers that
 * end in 32 bits are as stored, with 0xffffffff where the value is in the zip64 extra field (4.5.3).
 */

/** Fields that a local and a central header share (4.3.7, 4.3.12). */
export interface ZipHeader {
  readonly versionNeeded: number;
  readonly flags: number;
  readonly method: number;
  /** MS-DOS time: hours, minutes and two-second steps, in no zone. */
  readonly modTime: number;
  /** MS-DOS date: years since 1980, month, day. */
  readonly modDate: number;
  readonly crc32: number;
  readonly compressedSize: number;
  readonly uncompressedSize: number;
  readonly name: string;
  readonly extra: Uint8Array;
}

export interface ZipCentralHeader extends ZipHeader {
  readonly versionMadeBy: number;
  readonly diskStart: number;
  readonly internalAttributes: number;
  readonly externalAttributes: number;
  /** As stored: counted from `offsetBase`, 0xffffffff where the zip64 extra field has it. Written anew by `writeZip`. */
  readonly localOffset: number;
  readonly comment: Uint8Array;
}

/** The form of the data descriptor (4.3.9); its values are those of the entry. */
export interface ZipDescriptor {
  readonly signature: boolean;
  /** Sizes of 8 bytes instead of 4. */
  readonly wide: boolean;
}

export interface ZipEntry {
  readonly central: ZipCentralHeader;
  readonly local: ZipHeader;
  /** Real sizes in bytes, from the central header or its zip64 extra field. */
  readonly compressedSize: number;
  readonly uncompressedSize: number;
  /** Where the local header is in the file that was read. */
  readonly offset: number;
  /** Compressed (and perhaps encrypted) bytes, as they are. */
  readonly data: Uint8Array;
  readonly descriptor: ZipDescriptor | null;
  /** What lies between this entry and the next one, or the central directory. */
  readonly gap: Uint8Array;
}

/** Zip64 end of central directory record and locator (4.3.14, 4.3.15). */
export interface Zip64End {
  readonly versionMadeBy: number;
  readonly versionNeeded: number;
  /** The extensible data sector. */
  readonly extensible: Uint8Array;
  /** Number of disks as the locator tells it: 1, and 0 from some programs. */
  readonly totalDisks: number;
}

export interface ZipEnd {
  /** 0, or 0xffff where zip64 says it. */
  readonly diskNumber: number;
  readonly centralDisk: number;
  /** Which values are 0xffff or 0xffffffff because the zip64 record has them. */
  readonly escaped: {
    readonly entriesOnDisk: boolean;
    readonly entries: boolean;
    readonly centralSize: boolean;
    readonly centralOffset: boolean;
  };
  readonly comment: Uint8Array;
}

export interface ZipArchive {
  /** What comes before the first local header: a self-extractor, a `#!` line, `JM 01 00`. */
  readonly prefix: Uint8Array;
  /** What all stored offsets are counted from: 0, or the start of an archive that was appended as it was. */
  readonly offsetBase: number;
  /** In the order of the central directory. */
  readonly entries: readonly ZipEntry[];
  /** Indexes of `entries` in the order of the local headers. */
  readonly localOrder: readonly number[];
  /** What follows the last central header within the directory: a digital signature (4.3.13). */
  readonly centralTail: Uint8Array;
  /** What lies between the central directory and the end records. */
  readonly beforeEnd: Uint8Array;
  readonly zip64: Zip64End | null;
  readonly end: ZipEnd;
  /** What follows the archive comment. */
  readonly trailing: Uint8Array;
}

export const LOCAL_SIGNATURE = 0x04034b50;
export const CENTRAL_SIGNATURE = 0x02014b50;
export const DESCRIPTOR_SIGNATURE = 0x08074b50;
export const END_SIGNATURE = 0x06054b50;
export const ZIP64_END_SIGNATURE = 0x06064b50;
export const ZIP64_LOCATOR_SIGNATURE = 0x07064b50;

export const LOCAL_BYTES = 30;
export const CENTRAL_BYTES = 46;
export const END_BYTES = 22;
export const ZIP64_END_BYTES = 56;
export const ZIP64_LOCATOR_BYTES = 20;

export const MAX_16 = 0xffff;
export const MAX_32 = 0xffffffff;

/** General purpose bits (4.4.4). */
export const FLAG_ENCRYPTED = 1;
export const FLAG_DESCRIPTOR = 1 << 3;
export const FLAG_UTF8 = 1 << 11;

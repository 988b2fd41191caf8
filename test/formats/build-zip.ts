/** Zip archives byte by byte, with every field within reach; shares no code with the reader. */

import { crc32, deflateRawSync } from 'node:zlib';

type Bytes = Uint8Array | string;

export interface ZipFile {
  readonly name: string;
  readonly content?: Bytes;
  /** Default 8 for files with content, otherwise 0. */
  readonly method?: number;
  /** MS-DOS date and time as one number, date above. */
  readonly dosTime?: number;
  readonly localDosTime?: number;
  readonly versionMadeBy?: number;
  readonly versionNeeded?: number;
  readonly localVersionNeeded?: number;
  readonly flags?: number;
  readonly localFlags?: number;
  readonly externalAttributes?: number;
  readonly internalAttributes?: number;
  readonly comment?: Bytes;
  readonly localName?: string;
  readonly localCrc?: number;
  readonly extra?: Uint8Array;
  readonly localExtra?: Uint8Array;
  readonly descriptor?: 'signed' | 'bare' | 'signed-wide' | 'bare-wide';
  /** Sizes in zip64 extra fields: of the local header alone, as Python's `force_zip64`, or of both with the offset. */
  readonly zip64?: 'local' | 'both';
  /** Bytes behind it that belong to nothing. */
  readonly gap?: Bytes;
}

export interface ZipOptions {
  readonly prefix?: Bytes;
  /** Whether offsets count from the end of the prefix. */
  readonly relative?: boolean;
  readonly comment?: Bytes;
  readonly trailing?: Bytes;
  readonly beforeEnd?: Bytes;
  readonly centralTail?: Bytes;
  readonly zip64End?: boolean;
  /** Indexes of the files in the order of their local headers. */
  readonly localOrder?: readonly number[];
}

export function buildZip(files: readonly ZipFile[], options: ZipOptions = {}): Buffer {
  const parts: Buffer[] = [bytesOf(options.prefix ?? '')];
  const base = options.relative === true ? parts[0]!.length : 0;
  let total = parts[0]!.length;
  const push = (...added: readonly Buffer[]): void => {
    parts.push(...added);
    for (const part of added) total += part.length;
  };
  const offsets = new Map<ZipFile, number>();
  for (const index of options.localOrder ?? files.map((_, i) => i)) {
    const file = files[index]!;
    offsets.set(file, total - base);
    push(localPart(file));
  }
  const centralOffset = total - base;
  for (const file of files) push(centralPart(file, offsets.get(file)!));
  push(bytesOf(options.centralTail ?? ''));
  const centralSize = total - base - centralOffset;
  push(bytesOf(options.beforeEnd ?? ''));
  const at = total - base;
  const count = files.length;
  const comment = bytesOf(options.comment ?? '');
  if (options.zip64End === true)
    push(
      pack('IQHHIIQQQQ', [
        0x06064b50,
        44,
        0x031e,
        45,
        0,
        0,
        count,
        count,
        centralSize,
        centralOffset,
      ]),
      pack('IIQI', [0x07064b50, 0, at, 1]),
      pack('IHHHHIIH', [0x06054b50, 0, 0, 65535, 65535, MAX, MAX, comment.length]),
    );
  else
    push(
      pack('IHHHHIIH', [
        0x06054b50,
        0,
        0,
        count,
        count,
        centralSize,
        centralOffset,
        comment.length,
      ]),
    );
  push(comment, bytesOf(options.trailing ?? ''));
  return Buffer.concat(parts);
}

/** A record of an extra field. */
export function extraRecord(id: number, data: Bytes): Buffer {
  const bytes = bytesOf(data);
  return Buffer.concat([pack('HH', [id, bytes.length]), bytes]);
}

/** Little-endian numbers: H of 2 bytes, I of 4, Q of 8. */
export function pack(form: string, values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(8 * values.length);
  let at = 0;
  values.forEach((value, i) => {
    if (form[i] === 'H') at = bytes.writeUInt16LE(value, at);
    else if (form[i] === 'I') at = bytes.writeUInt32LE(value, at);
    else at = bytes.writeBigUInt64LE(BigInt(value), at);
  });
  return bytes.subarray(0, at);
}

const MAX = 0xffffffff;

function localPart(file: ZipFile): Buffer {
  const { data, crc, size, method } = contentOf(file);
  const streamed = file.descriptor !== undefined;
  const flags = file.localFlags ?? flagsOf(file);
  const shown = streamed ? [0, 0, 0] : [file.localCrc ?? crc, data.length, size];
  const wide = file.zip64 === undefined ? '' : extraRecord(1, pack('QQ', [shown[2]!, shown[1]!]));
  const sizes = file.zip64 === undefined ? shown.slice(1) : [MAX, MAX];
  const extra = Buffer.concat([bytesOf(wide), file.localExtra ?? file.extra ?? Buffer.alloc(0)]);
  const name = bytesOf(file.localName ?? file.name);
  const time = file.localDosTime ?? file.dosTime ?? DOS_TIME;
  return Buffer.concat([
    pack('IHHHI', [
      0x04034b50,
      file.localVersionNeeded ?? file.versionNeeded ?? 20,
      flags,
      method,
      time,
    ]),
    pack('IIIHH', [shown[0]!, ...sizes, name.length, extra.length]),
    name,
    extra,
    data,
    descriptorPart(file),
    bytesOf(file.gap ?? ''),
  ]);
}

function centralPart(file: ZipFile, offset: number): Buffer {
  const { data, crc, size, method } = contentOf(file);
  const wide = file.zip64 === 'both';
  const extra = Buffer.concat([
    wide ? extraRecord(1, pack('QQQ', [size, data.length, offset])) : Buffer.alloc(0),
    file.extra ?? Buffer.alloc(0),
  ]);
  const name = bytesOf(file.name);
  const comment = bytesOf(file.comment ?? '');
  const sizes = wide ? [MAX, MAX] : [data.length, size];
  return Buffer.concat([
    pack('IHHHHI', [
      0x02014b50,
      file.versionMadeBy ?? 0x031e,
      file.versionNeeded ?? 20,
      flagsOf(file),
      method,
      file.dosTime ?? DOS_TIME,
    ]),
    pack('IIIHHHHH', [
      crc,
      ...sizes,
      name.length,
      extra.length,
      comment.length,
      0,
      file.internalAttributes ?? 0,
    ]),
    pack('II', [file.externalAttributes ?? 0o100644 * 65536, wide ? MAX : offset]),
    name,
    extra,
    comment,
  ]);
}

function descriptorPart(file: ZipFile): Buffer {
  if (file.descriptor === undefined) return Buffer.alloc(0);
  const { data, crc, size } = contentOf(file);
  const form = file.descriptor.endsWith('wide') ? 'IQQ' : 'III';
  const values = pack(form, [crc, data.length, size]);
  return file.descriptor.startsWith('signed')
    ? Buffer.concat([pack('I', [0x08074b50]), values])
    : values;
}

/** 2024-02-03 04:05:06. */
const DOS_TIME = (((2024 - 1980) << 25) | (2 << 21) | (3 << 16) | (4 << 11) | (5 << 5) | 3) >>> 0;

function flagsOf(file: ZipFile): number {
  return (file.flags ?? 0) | (file.descriptor === undefined ? 0 : 8);
}

function contentOf(file: ZipFile): { data: Buffer; crc: number; size: number; method: number } {
  const content = bytesOf(file.content ?? '');
  const method = file.method ?? (content.length === 0 ? 0 : 8);
  return {
    data: method === 8 ? deflateRawSync(content) : content,
    crc: crc32(content),
    size: content.length,
    method,
  };
}

function bytesOf(value: Bytes): Buffer {
  return typeof value === 'string' ? Buffer.from(value, 'latin1') : Buffer.from(value);
}

/** gzip members made field by field. */

import { crc32, deflateRawSync } from 'node:zlib';

export interface GzipFields {
  readonly mtime?: number;
  readonly xfl?: number;
  readonly os?: number;
  readonly text?: boolean;
  readonly name?: string;
  readonly comment?: string;
  readonly extra?: Uint8Array;
  readonly headerCrc?: boolean;
  readonly level?: number;
}

export function gzipMember(content: string | Uint8Array, fields: GzipFields = {}): Buffer {
  const { name, comment, extra } = fields;
  const flags =
    (fields.text === true ? 1 : 0) |
    (fields.headerCrc === true ? 2 : 0) |
    (extra === undefined ? 0 : 4) |
    (name === undefined ? 0 : 8) |
    (comment === undefined ? 0 : 16);
  const head = Buffer.from([0x1f, 0x8b, 8, flags, 0, 0, 0, 0, fields.xfl ?? 0, fields.os ?? 3]);
  head.writeUInt32LE(fields.mtime ?? 0, 4);
  const parts: Uint8Array[] = [head];
  if (extra !== undefined) parts.push(uint16(extra.length), extra);
  for (const text of [name, comment])
    if (text !== undefined) parts.push(Buffer.from(`${text}\0`, 'latin1'));
  if (fields.headerCrc === true) parts.push(uint16(crc32(Buffer.concat(parts)) & 0xffff));
  const data = Buffer.from(content);
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(data), 0);
  trailer.writeUInt32LE(data.length, 4);
  return Buffer.concat([...parts, deflateRawSync(data, { level: fields.level ?? 6 }), trailer]);
}

function uint16(value: number): Buffer {
  return Buffer.from([value & 0xff, value >>> 8]);
}

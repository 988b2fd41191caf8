/** Tar archives for tests, field by field: any value may be written in any way. */

import { writePaxRecords } from '../../src/formats/tar-pax.js';

export interface TarFields {
  readonly name?: string;
  /** Raw text of a field; numbers are written as GNU tar does. */
  readonly mode?: number | string;
  readonly uid?: number | string;
  readonly gid?: number | string;
  readonly mtime?: number | string;
  readonly size?: number | string;
  readonly typeflag?: string;
  readonly linkname?: string;
  readonly magic?: string;
  readonly uname?: string;
  readonly gname?: string;
  readonly devmajor?: number | string;
  readonly devminor?: number | string;
  readonly prefix?: string;
  /** From offset 500 on. */
  readonly tail?: string;
  readonly data?: string | Uint8Array;
  /** Byte that pads the data. */
  readonly padding?: number;
  readonly signedChecksum?: boolean;
  readonly checksumText?: (sum: number) => string;
}

export const USTAR = 'ustar\x0000';
export const GNU = 'ustar  \0';

/** One member: header, data, padding. */
export function tarMember(fields: TarFields = {}): Buffer {
  const data =
    typeof fields.data === 'string'
      ? Buffer.from(fields.data, 'latin1')
      : (fields.data ?? new Uint8Array(0));
  const block = Buffer.alloc(512);
  const put = (at: number, width: number, value: number | string): void => {
    const text =
      typeof value === 'string' ? value : `${value.toString(8).padStart(width - 1, '0')}\0`;
    block.write(text, at, width, 'latin1');
  };
  put(0, 100, fields.name ?? 'file');
  put(100, 8, fields.mode ?? 0o644);
  put(108, 8, fields.uid ?? 0);
  put(116, 8, fields.gid ?? 0);
  put(124, 12, fields.size ?? data.length);
  put(136, 12, fields.mtime ?? 0);
  put(156, 1, fields.typeflag ?? '0');
  put(157, 100, fields.linkname ?? '');
  const magic = fields.magic ?? USTAR;
  put(257, 8, magic);
  put(265, 32, fields.uname ?? '');
  put(297, 32, fields.gname ?? '');
  if (magic.startsWith('ustar') || fields.devmajor !== undefined) {
    put(329, 8, fields.devmajor ?? 0);
    put(337, 8, fields.devminor ?? 0);
  }
  put(345, 155, fields.prefix ?? '');
  put(500, 12, fields.tail ?? '');
  let sum = 8 * 0x20;
  for (const byte of block) sum += fields.signedChecksum === true && byte > 127 ? byte - 256 : byte;
  const text = fields.checksumText ?? ((n) => `${n.toString(8).padStart(6, '0')}\0 `);
  put(148, 8, text(sum));
  const padding = Buffer.alloc((512 - (data.length % 512)) % 512, fields.padding ?? 0);
  return Buffer.concat([block, data, padding]);
}

/** Members and the end: two blocks of zeros, filled up to `blocks`. */
export function tarArchive(members: readonly Uint8Array[], blocks = 1): Buffer {
  const body = Buffer.concat([...members, Buffer.alloc(1024)]);
  const record = blocks * 512;
  return Buffer.concat([body, Buffer.alloc((record - (body.length % record)) % record)]);
}

/** A pax header with records; put it before its member. */
export function paxHeader(
  records: readonly (readonly [string, string])[],
  fields: TarFields = {},
): Buffer {
  const data = writePaxRecords(records.map(([key, value]) => ({ key, value })));
  return tarMember({ name: 'PaxHeaders/file', typeflag: 'x', ...fields, data });
}

/** GNU's long name (`L`) or link target (`K`). */
export function longName(typeflag: 'L' | 'K', text: string, fields: TarFields = {}): Buffer {
  const name = '././@LongLink';
  return tarMember({ name, typeflag, magic: GNU, ...fields, data: `${text}\0` });
}

/** A number in GNU's base-256. */
export function base256(value: bigint, width: number): string {
  const bytes = Buffer.alloc(width);
  let rest = BigInt.asUintN(8 * width, value);
  for (let i = width - 1; i >= 0; i--, rest >>= 8n) bytes[i] = Number(rest & 255n);
  bytes[0]! |= 0x80;
  return bytes.toString('latin1');
}

/** Writes RPM header blobs as `readRpmHeader` reads them: a region, its trailer, dribbles. */

import { RPM_TYPE } from '../../src/formats/rpm-header.js';

export interface TagValue {
  readonly tag: number;
  readonly type: number;
  readonly value: string | readonly string[] | readonly number[];
}

export const text = (tag: number, value: string): TagValue => ({
  tag,
  type: RPM_TYPE.STRING,
  value,
});
export const texts = (tag: number, value: readonly string[]): TagValue => ({
  tag,
  type: RPM_TYPE.STRING_ARRAY,
  value,
});
export const numbers = (
  tag: number,
  value: readonly number[],
  type: number = RPM_TYPE.INT32,
): TagValue => ({
  tag,
  type,
  value,
});

const WIDTH: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1 };

/** `region: null` makes a header without one, where every tag is a dribble. */
export function buildRpmHeader(
  region: readonly TagValue[] | null,
  dribbles: readonly TagValue[],
): Buffer {
  const index: Buffer[] = [];
  let data = Buffer.alloc(0);
  const add = ({ tag, type, value }: TagValue): void => {
    const width = WIDTH[type] ?? 1;
    data = Buffer.concat([data, Buffer.alloc((width - (data.length % width)) % width)]);
    const count = typeof value === 'string' ? 1 : value.length;
    index.push(entry(tag, type, data.length, count));
    data = Buffer.concat([data, encode(value, width)]);
  };
  for (const value of region ?? []) add(value);
  if (region !== null) {
    const spanned = index.length + 1;
    index.unshift(entry(63, RPM_TYPE.BIN, data.length, 16));
    data = Buffer.concat([data, entry(63, RPM_TYPE.BIN, -16 * spanned, 16)]);
  }
  for (const value of dribbles) add(value);
  const counts = Buffer.alloc(8);
  counts.writeUInt32BE(index.length, 0);
  counts.writeUInt32BE(data.length, 4);
  return Buffer.concat([counts, ...index, data]);
}

function entry(tag: number, type: number, offset: number, count: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32BE(tag, 0);
  bytes.writeUInt32BE(type, 4);
  bytes.writeInt32BE(offset, 8);
  bytes.writeUInt32BE(count, 12);
  return bytes;
}

function encode(value: TagValue['value'], width: number): Buffer {
  if (typeof value === 'string') return Buffer.from(`${value}\0`, 'latin1');
  return Buffer.concat(
    value.map((one) => {
      if (typeof one === 'string') return Buffer.from(`${one}\0`, 'latin1');
      const bytes = Buffer.alloc(width);
      bytes.writeUIntBE(one, 0, Math.min(width, 6));
      return bytes;
    }),
  );
}

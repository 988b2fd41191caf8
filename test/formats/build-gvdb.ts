/** A small GVariant database, made in code. */

/** A root table with a bloom word, a bucket, a value below a parent, a list and a table; `order` is the byte order. */
export function gvdbSample(littleEndian: boolean): Uint8Array {
  const bytes = Buffer.alloc(24 + 4 * 4 + 3 * 24 + 24 + 8 + 4 + 8);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const words = (at: number, ...values: readonly number[]): void =>
    values.forEach((value, i) => view.setUint32(at + 4 * i, value, littleEndian));
  const [items, keys] = [40, 112];
  const [inner, list, value] = [136, 144, 148];
  bytes.write(littleEndian ? 'GVariant' : 'raVGtnai', 'latin1');
  words(8, 0, 0, 24, keys);
  words(24, (5 << 27) | 1, 1, 0xdeadbeef, 0);
  bytes.write('/namelocks', keys, 'latin1');
  const item = (
    i: number,
    parent: number,
    key: number,
    size: number,
    type: string,
    start: number,
    end: number,
  ): void => {
    words(items + 24 * i, 1000 + i, parent, keys + key);
    view.setUint16(items + 24 * i + 12, size, littleEndian);
    bytes.write(type, items + 24 * i + 14, 'latin1');
    words(items + 24 * i + 16, start, end);
  };
  item(0, 0xffffffff, 0, 1, 'L', list, list + 4);
  item(1, 0, 1, 4, 'v', value, value + 6);
  item(2, 0xffffffff, 5, 5, 'H', inner, inner + 8);
  words(inner, 0, 0);
  words(list, 1);
  bytes.write('abc\0\0s', value, 'latin1');
  return bytes;
}

/** A small journal, made in code. */

/** A field of 47 bytes, a data object and an entry; `headerSize` 208 is the first version. */
export function journalFileSample(headerSize: number): Uint8Array {
  const bytes = Buffer.alloc(headerSize + 48 + 72 + 72 + 16);
  const u64 = (at: number, value: number): unknown => bytes.writeBigUInt64LE(BigInt(value), at);
  bytes.write('LPKSHHRH', 'latin1');
  bytes.write('00112233445566778899aabbccddeeff'.repeat(3), 24, 'hex');
  const tail = headerSize + 120;
  [headerSize, bytes.length - headerSize, 0, 0, 0, 0, tail, 3, 1, 7, 7, 0, 1600, 1600, 5].forEach(
    (value, i) => u64(88 + 8 * i, value),
  );
  let at = headerSize;
  for (const [type, size] of [
    [2, 47],
    [1, 70],
    [3, 72],
  ] as const) {
    bytes[at] = type;
    u64(at + 8, size);
    at += Math.ceil(size / 8) * 8;
  }
  [7, 1600, 5].forEach((value, i) => u64(tail + 16 + 8 * i, value));
  bytes.write('ffeeddccbbaa99887766554433221100', tail + 40, 'hex');
  return bytes;
}

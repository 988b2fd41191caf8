/** A small hardware database, made in code. */

/** A root with the prefix `usb:`, one child `v` with the prefix `1*` and a value; `valueSize` 16 is the first version. */
export function hwdbBinSample(valueSize: 16 | 32): Uint8Array {
  const root = 80;
  const child = root + 24 + 16;
  const strings = child + 24 + valueSize;
  const texts = ['', 'usb:', '1*', ' ID', 'value', '/usr/lib/udev/hwdb.d/20.hwdb'];
  const at = texts.map((_, i) => strings + texts.slice(0, i).join('\0').length + (i > 0 ? 1 : 0));
  const bytes = Buffer.alloc(strings + texts.join('\0').length + 1);
  const u64 = (offset: number, value: number): unknown =>
    bytes.writeBigUInt64LE(BigInt(value), offset);
  bytes.write('KSLPHHRH', 'latin1');
  [252, bytes.length, 80, 24, 16, valueSize, root, strings - 80, bytes.length - strings].forEach(
    (value, i) => u64(8 + 8 * i, value),
  );
  u64(root, at[1]!);
  bytes[root + 8] = 1;
  bytes[root + 24] = 'v'.charCodeAt(0);
  u64(root + 32, child);
  u64(child, at[2]!);
  u64(child + 16, 1);
  u64(child + 24, at[3]!);
  u64(child + 32, at[4]!);
  if (valueSize === 32) {
    u64(child + 40, at[5]!);
    bytes.writeUInt32LE(77, child + 48);
    bytes.writeUInt16LE(3, child + 52);
  }
  bytes.write(`${texts.join('\0')}\0`, strings, 'latin1');
  return bytes;
}

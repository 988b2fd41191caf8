/** A small cache of an icon theme, made in code. */

/** Two icons in one of two buckets, one directory. */
export function gtkIconCacheSample(): Uint8Array {
  const bytes = Buffer.alloc(120);
  const words = (at: number, ...values: readonly number[]): void =>
    values.forEach((value, i) => bytes.writeUInt32BE(value, at + 4 * i));
  words(0, 0x10000, 12, 24);
  words(12, 2, 36, 0xffffffff);
  words(24, 1, 100);
  words(36, 60, 84, 48);
  words(48, 1, 0x00000004, 0);
  words(60, 0xffffffff, 92, 72);
  words(72, 1, 0x00000002, 0);
  bytes.write('open\0', 84, 'latin1');
  bytes.write('close\0', 92, 'latin1');
  bytes.write('16x16/actions\0', 100, 'latin1');
  return bytes;
}

/** A small cache of MIME types, made in code. */

/** One alias, one type with a parent, one glob; the other sections are empty. */
export function mimeCacheSample(): Uint8Array {
  const bytes = Buffer.alloc(160);
  const words = (at: number, ...values: readonly number[]): void =>
    values.forEach((value, i) => bytes.writeUInt32BE(value, at + 4 * i));
  words(0, 0x10002, 40, 52, 72, 76, 80, 96, 100, 104, 108);
  words(40, 1, 120, 128);
  words(52, 1, 128, 64, 1, 136);
  words(80, 1, 144, 128, 50);
  for (const [i, text] of ['text/x', 'text/y', 'text/z', '*.y*'].entries())
    bytes.write(text, 120 + 8 * i, 'latin1');
  return bytes;
}

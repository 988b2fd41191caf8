/** CRC-32C (Castagnoli) as file systems keep it: the register starts as given and is not inverted at the end. */
export function crc32c(bytes: Uint8Array, start = 0xffff_ffff): number {
  let crc = start;
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  return crc >>> 0;
}

const TABLE = Uint32Array.from({ length: 256 }, (_, i) => {
  let value = i;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value;
});

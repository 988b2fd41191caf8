/** SQLite's variable-length integers (sqlite.org/fileformat2.html 1.6): 1 to 9 bytes, big-endian, 7 bits each but 8 in the ninth. */

/** How many bytes the one at `at` has; 0 when it does not end before `end`. */
export function varintLength(bytes: Uint8Array, at: number, end: number): number {
  const limit = Math.min(9, end - at);
  for (let i = 0; i < limit; i++) if (i === 8 || bytes[at + i]! < 0x80) return i + 1;
  return 0;
}

/** Its value where that is a length: what does not fit 53 bits is Infinity. `length` is what `varintLength` said. */
export function varintNumber(bytes: Uint8Array, at: number, length: number): number {
  if (length === 1) return bytes[at]!;
  if (length === 9) {
    const value = varintBigint(bytes, at, length);
    return value >= 0n && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : Infinity;
  }
  let value = 0;
  for (let i = 0; i < length; i++) value = value * 128 + (bytes[at + i]! & 0x7f);
  return Number.isSafeInteger(value) ? value : Infinity;
}

/** Its value as signed 64 bits, in two's complement. */
export function varintBigint(bytes: Uint8Array, at: number, length: number): bigint {
  if (length < 8) return BigInt(varintNumber(bytes, at, length));
  let value = 0n;
  for (let i = 0; i < 8; i++) value = (value << 7n) | BigInt(bytes[at + i]! & 0x7f);
  return length === 8 ? value : BigInt.asIntN(64, (value << 8n) | BigInt(bytes[at + 8]!));
}

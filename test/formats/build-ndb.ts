/** A database of rpm's ndb backend, built by its layout (lib/backend/ndb/rpmpkg.c of rpm). */

export interface NdbPackage {
  readonly header: Uint8Array;
  readonly timestamp: number;
  /** Empty blocks before it, as a package that was removed leaves them. */
  readonly gap?: number;
}

const PAGE = 4096;

/** Packages get numbers and slots in their order; `last` is put into free space. */
export function buildNdb(packages: readonly NdbPackage[], left = 0): Buffer {
  const slots = Buffer.alloc(PAGE);
  for (let at = 0; at < PAGE; at += 16) slots.write('Slot', at);
  const blobs: Buffer[] = [];
  let block = PAGE / 16;
  for (const [i, { header, timestamp, gap = 0 }] of packages.entries()) {
    blobs.push(Buffer.alloc(gap * 16, left));
    block += gap;
    const count = Math.ceil((header.length + 28) / 16);
    const blob = Buffer.alloc(count * 16);
    blob.write('BlbS', 0);
    for (const [at, value] of [
      [4, i + 1],
      [8, timestamp],
      [12, header.length],
      [blob.length - 8, header.length],
    ] as const)
      blob.writeUInt32LE(value, at);
    blob.set(header, 16);
    blob.write('BlbE', blob.length - 4);
    blob.writeUInt32LE(adler32(blob.subarray(0, -12)), blob.length - 12);
    const slot = 32 + i * 16;
    for (const [at, value] of [i + 1, block, count].entries())
      slots.writeUInt32LE(value, slot + 4 + at * 4);
    blobs.push(blob);
    block += count;
  }
  slots.fill(0, 0, 32);
  slots.write('RpmP', 0);
  for (const [at, value] of [packages.length, 1, packages.length + 1].entries())
    slots.writeUInt32LE(value, 8 + at * 4);
  return Buffer.concat([slots, ...blobs]);
}

/** RFC 1950 §9 */
export function adler32(bytes: Uint8Array): number {
  let [a, b] = [1, 0];
  for (const byte of bytes) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  return b * 65_536 + a;
}

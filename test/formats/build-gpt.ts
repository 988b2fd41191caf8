/** A small GUID partition table, made in code. */

import { crc32 } from 'node:zlib';

/** Two entries to the table, the first in use; seven sectors. */
export function gptSample(): Uint8Array {
  const bytes = Buffer.alloc(7 * 512);
  bytes.writeUInt32LE(0x11223344, 440);
  bytes.write('55aa', 510, 'hex');
  const entry = Buffer.alloc(128);
  entry.write('28732ac11ff8d211ba4b00a0c93ec93b00112233445566778899aabbccddeeff', 'hex');
  entry.writeBigUInt64LE(3n, 32);
  entry.writeBigUInt64LE(4n, 40);
  entry.write('EFI \u00e9', 56, 'utf16le');
  const header = (sector: number, other: number, entriesSector: number): void => {
    const at = 512 * sector;
    entry.copy(bytes, 512 * entriesSector);
    bytes.write('EFI PART', at, 'latin1');
    bytes.writeUInt32LE(0x10000, at + 8);
    bytes.writeUInt32LE(92, at + 12);
    [sector, other, 3, 4].forEach((value, i) =>
      bytes.writeBigUInt64LE(BigInt(value), at + 24 + 8 * i),
    );
    bytes.write('ffeeddccbbaa99887766554433221100', at + 56, 'hex');
    bytes.writeBigUInt64LE(BigInt(entriesSector), at + 72);
    [2, 128, crc32(Buffer.concat([entry, Buffer.alloc(128)]))].forEach((value, i) =>
      bytes.writeUInt32LE(value, at + 80 + 4 * i),
    );
    bytes.writeUInt32LE(crc32(bytes.subarray(at, at + 92)), at + 16);
  };
  header(1, 6, 2);
  header(6, 1, 5);
  return bytes;
}

/** A small EROFS image, made in code. */

import { crc32c } from '../../src/formats/crc32c.js';

export function erofsSample(): Uint8Array {
  const bytes = Buffer.alloc(1536);
  bytes.writeUInt32LE(0xe0f5e1e2, 1024);
  bytes.writeUInt32LE(1, 1032);
  bytes[1036] = 9;
  bytes.writeBigUInt64LE(5n, 1040);
  bytes.writeBigUInt64LE(1700000000n, 1048);
  bytes.writeUInt32LE(77, 1056);
  bytes.writeUInt32LE(3, 1060);
  bytes.write('00112233445566778899aabbccddeeff', 1072, 'hex');
  bytes.write('root', 1088, 'latin1');
  bytes.writeUInt32LE(crc32c(bytes.subarray(1024)), 1028);
  return bytes;
}

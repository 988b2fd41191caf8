/** A small ext4 superblock, made in code. */

export function ext4Sample(): Uint8Array {
  const bytes = Buffer.alloc(2100);
  const at = (offset: number): number => 1024 + offset;
  [16, 2, 0, 0, 0, 1, 0, 0, 8192].forEach((value, i) => bytes.writeUInt32LE(value, at(4 * i)));
  bytes.writeUInt16LE(0xef53, at(56));
  bytes.write('00112233445566778899aabbccddeeff', at(104), 'hex');
  bytes.write('root', at(120), 'latin1');
  bytes.write('/mnt', at(136), 'latin1');
  bytes.writeUInt32LE(1700000000, at(264));
  bytes[at(630)] = 1;
  return bytes;
}

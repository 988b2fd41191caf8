/** A small FAT boot sector, made in code. */

export function vfatSample(isFat32: boolean): Uint8Array {
  const bytes = Buffer.alloc(5 * 512 + 30);
  bytes.write('eb3c906d6b66732e666174', 'hex');
  bytes.writeUInt16LE(512, 11);
  bytes[13] = 1;
  bytes.writeUInt16LE(isFat32 ? 2 : 1, 14);
  bytes[16] = 1;
  bytes.writeUInt16LE(isFat32 ? 0 : 16, 17);
  bytes.writeUInt16LE(5, 19);
  bytes.writeUInt16LE(isFat32 ? 0 : 1, 22);
  if (isFat32) {
    bytes.writeUInt32LE(1, 36);
    bytes.writeUInt32LE(2, 44);
    bytes.writeUInt16LE(1, 48);
    bytes.write('RRaA', 512, 'latin1');
  }
  const at = isFat32 ? 66 : 38;
  bytes[at] = 0x29;
  bytes.writeUInt32LE(0x1234abcd, at + 1);
  bytes.write('EFI        ', at + 5, 'latin1');
  bytes.write('55aa', 510, 'hex');
  return bytes;
}

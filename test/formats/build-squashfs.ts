/** A small squashfs image, made in code. */

export function squashfsSample(): Uint8Array {
  const bytes = Buffer.alloc(300, 0x2a);
  bytes.write('hsqs', 'latin1');
  [3, 1700000000, 131072, 1].forEach((value, i) => bytes.writeUInt32LE(value, 4 + 4 * i));
  [6, 17, 0x4c0, 1, 4, 0].forEach((value, i) => bytes.writeUInt16LE(value, 20 + 2 * i));
  [0x60n, 280n, 260n, 0xffff_ffff_ffff_ffffn, 200n, 220n, 240n, 250n].forEach((value, i) =>
    bytes.writeBigUInt64LE(value, 32 + 8 * i),
  );
  bytes.writeUInt16LE(0x8004, 96);
  bytes.writeUInt32LE(19, 98);
  return bytes;
}

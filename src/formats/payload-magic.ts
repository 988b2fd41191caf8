/** What compressed streams begin with, as kernels and bootloaders carry them. */

export type PayloadCodec = 'gzip' | 'bzip2' | 'lzma' | 'xz' | 'lzo' | 'lz4-legacy' | 'lz4' | 'zstd';

/** By the first bytes (the first ten are enough); null for anything else, an ELF file that is not compressed among them. */
export function payloadCodec(head: Uint8Array): PayloadCodec | null {
  const found = MAGICS.find(([, magic]) => magic.every((byte, i) => head[i] === byte));
  return found?.[0] ?? null;
}

const MAGICS: readonly (readonly [PayloadCodec, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['lz4-legacy', [0x02, 0x21, 0x4c, 0x18]],
  ['lz4', [0x04, 0x22, 0x4d, 0x18]],
  ['lzo', [0x89, 0x4c, 0x5a, 0x4f]],
  ['lzma', [0x5d, 0x00, 0x00]],
];

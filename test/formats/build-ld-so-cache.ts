/** A small cache of the dynamic linker, made in code. */

export interface Library {
  readonly key: string;
  readonly value: string;
  readonly hwcap?: bigint;
}

/** The new format with a generator and names of hwcaps, from glibc's description. */
export function newLdSoCache(
  libraries: readonly Library[],
  hwcaps: readonly string[] = [],
  start = 0,
): Uint8Array {
  const stringsAt = 48 + 24 * libraries.length;
  const texts = [...libraries.flatMap(({ key, value }) => [key, value]), ...hwcaps];
  const offsets: number[] = [];
  let strings = '';
  for (const text of texts) {
    offsets.push(stringsAt + strings.length);
    strings += `${text}\0`;
  }
  const extensionAt = Math.ceil((stringsAt + strings.length) / 4) * 4;
  const generator = 'a writer of caches';
  const bytes = Buffer.alloc(extensionAt + 8 + 32 + 4 * hwcaps.length + generator.length);
  bytes.write('glibc-ld.so.cache1.1', 'latin1');
  [libraries.length, strings.length, 2, start + extensionAt].forEach((n, i) =>
    bytes.writeUInt32LE(n, 20 + 4 * i),
  );
  libraries.forEach(({ hwcap = 0n }, i) => {
    const at = 48 + 24 * i;
    bytes.writeInt32LE(0x303, at);
    bytes.writeUInt32LE(offsets[2 * i]!, at + 4);
    bytes.writeUInt32LE(offsets[2 * i + 1]!, at + 8);
    bytes.writeBigUInt64LE(hwcap, at + 16);
  });
  bytes.write(strings, stringsAt, 'latin1');
  const data = extensionAt + 40;
  [
    0xeaa42174,
    2,
    0,
    0,
    start + data + 4 * hwcaps.length,
    generator.length,
    1,
    0,
    start + data,
    4 * hwcaps.length,
  ].forEach((n, i) => bytes.writeUInt32LE(n, extensionAt + 4 * i));
  hwcaps.forEach((_, i) => bytes.writeUInt32LE(offsets[2 * libraries.length + i]!, data + 4 * i));
  bytes.write(generator, data + 4 * hwcaps.length, 'latin1');
  return bytes;
}

/** Two libraries, the first at this path. */
export function ldSoCacheSample(path: string): Uint8Array {
  return newLdSoCache(
    [
      { key: 'libc.so.6', value: path, hwcap: (1n << 62n) | 1n },
      { key: 'libm.so.6', value: '/lib/libm.so.6' },
    ],
    ['x86-64-v2', 'x86-64-v3'],
  );
}

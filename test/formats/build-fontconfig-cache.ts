/** A small cache of fontconfig, made in code. */

/**
 * A cache in memory order, every structure where the one before ends: one subdirectory, one font with a value of each
 * kind. Pointers are offsets from their structure, odd where fontconfig marks them.
 */
export function fontconfigCacheSample(wordSize: 4 | 8, littleEndian: boolean): Uint8Array {
  const bytes = Buffer.alloc(1024);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const int = (at: number, value: number): void => view.setInt32(at, value, littleEndian);
  const word = (at: number, value: number): void =>
    wordSize === 4 ? int(at, value) : view.setBigInt64(at, BigInt(value), littleEndian);
  let end = wordSize === 8 ? 64 : 40;
  const take = (length: number): number => {
    end = Math.ceil(end / 8) * 8 + length;
    return end - length;
  };
  const text = (value: string): number => {
    const at = take(value.length + 1);
    bytes.write(value, at, 'latin1');
    return at;
  };
  const directory = text('/usr/share/fonts');
  const list = take(wordSize);
  word(list, text('/usr/share/fonts/sub') - list);
  const set = take(8 + wordSize);
  const fonts = take(wordSize);
  int(set, 1);
  int(set + 4, 1);
  word(set + 8, fonts - set + 1);
  const font = take(8 + 2 * wordSize);
  word(fonts, font - set + 1);
  const kinds = ['string', 'int', 'double', 'bool', 'charset', 'langset', 'range', 'void'] as const;
  const elements = take(kinds.length * 2 * wordSize);
  int(font, kinds.length);
  int(font + 4, kinds.length);
  word(font + 8, elements - font);
  int(font + 8 + wordSize, -1);
  kinds.forEach((kind, i) => {
    const element = elements + i * 2 * wordSize;
    const node = take(wordSize + (wordSize === 8 ? 24 : 16));
    const value = node + wordSize;
    const union = value + (wordSize === 8 ? 8 : 4);
    int(element, i + 1);
    word(element + wordSize, node - element + 1);
    int(
      value,
      { string: 3, int: 1, double: 2, bool: 4, charset: 6, langset: 8, range: 9, void: 0 }[kind],
    );
    int(union + 8, 1);
    if (kind === 'string') word(union, text('DejaVu') - value + 1);
    if (kind === 'int' || kind === 'bool') int(union, 1);
    if (kind === 'double') view.setFloat64(union, 12.5, littleEndian);
    if (kind === 'range') word(union, take(16) - value + 1);
    if (kind === 'charset') {
      const charset = take(8 + 2 * wordSize);
      const [leaves, leaf, numbers] = [take(wordSize), take(32), take(2)];
      int(charset, -1);
      int(charset + 4, 1);
      word(charset + 8, leaves - charset);
      word(charset + 8 + wordSize, numbers - charset);
      word(leaves, leaf - leaves);
      word(union, charset - value + 1);
    }
    if (kind === 'langset') {
      const langset = take(wordSize + 12);
      int(langset + wordSize, 2);
      word(union, langset - value + 1);
    }
  });
  const tail = wordSize === 8 ? 40 : 28;
  view.setUint32(0, 0xfc02fc04, littleEndian);
  int(4, 8);
  word(8, end);
  word(8 + wordSize, directory);
  word(8 + 2 * wordSize, list);
  int(8 + 3 * wordSize, 1);
  word(tail - (wordSize === 8 ? 0 : 4), set);
  int(wordSize === 8 ? 48 : 28, 1700000000);
  view.setBigInt64(wordSize === 8 ? 56 : 32, 123456789n, littleEndian);
  return Uint8Array.from(bytes.subarray(0, end));
}

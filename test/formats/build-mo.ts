/** Compiled message catalogues made in code. */

export interface MoFields {
  readonly bigEndian?: boolean;
  /** Default: 0, without strings of the system; 1 writes an empty list of them. */
  readonly minor?: 0 | 1;
  readonly hashSize?: number;
}

/** The header entry has the empty id; ids and texts are latin1. */
export function buildMo(
  entries: readonly (readonly [string, string])[],
  fields: MoFields = {},
): Uint8Array {
  const { bigEndian = false, minor = 0, hashSize = 0 } = fields;
  const head = minor === 1 ? 48 : 28;
  const tables = [head, head + 8 * entries.length] as const;
  const hashAt = head + 16 * entries.length;
  const strings = [...entries.map(([id]) => id), ...entries.map(([, text]) => text)];
  const stringsAt = hashAt + 4 * hashSize;
  const bytes = Buffer.alloc(stringsAt + strings.reduce((sum, { length }) => sum + length + 1, 0));
  const u32 = (at: number, value: number): void =>
    void (bigEndian ? bytes.writeUInt32BE(value, at) : bytes.writeUInt32LE(value, at));
  const words = [0x950412de, minor, entries.length, ...tables, hashSize, hashAt];
  const system = minor === 1 ? [0, stringsAt, 0, stringsAt, stringsAt] : [];
  [...words, ...system].forEach((word, i) => u32(4 * i, word));
  let at = stringsAt;
  strings.forEach((text, i) => {
    u32(head + 8 * i, text.length);
    u32(head + 8 * i + 4, at);
    bytes.write(text, at, 'latin1');
    at += text.length + 1;
  });
  return new Uint8Array(bytes);
}

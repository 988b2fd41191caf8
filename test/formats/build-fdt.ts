/** Devicetree blobs, made in code. */

export interface BuildNode {
  readonly properties?: Readonly<Record<string, Uint8Array | string | number>>;
  readonly nodes?: Readonly<Record<string, BuildNode>>;
}

/** Version 17, blocks in the order in which dtc writes them. */
export function fdt(
  root: BuildNode,
  reservations: readonly (readonly [bigint, bigint])[] = [],
): Buffer {
  const names = new Map<string, number>();
  let strings = '';
  const nameOffset = (name: string): number => {
    const known = names.get(name);
    if (known !== undefined) return known;
    const offset = strings.length;
    names.set(name, offset);
    strings += `${name}\0`;
    return offset;
  };
  const node = (name: string, { properties = {}, nodes = {} }: BuildNode): Buffer =>
    Buffer.concat([
      words(1),
      padded(Buffer.from(`${name}\0`, 'latin1')),
      ...Object.entries(properties).flatMap(([key, value]) => {
        const bytes = valueOf(value);
        return [words(3, bytes.length, nameOffset(key)), padded(bytes)];
      }),
      ...Object.entries(nodes).map(([key, child]) => node(key, child)),
      words(2),
    ]);
  const structure = Buffer.concat([node('', root), words(9)]);
  const reserved = Buffer.alloc((reservations.length + 1) * 16);
  for (const [i, [address, size]] of reservations.entries()) {
    reserved.writeBigUInt64BE(address, i * 16);
    reserved.writeBigUInt64BE(size, i * 16 + 8);
  }
  const structureAt = 40 + reserved.length;
  const stringsAt = structureAt + structure.length;
  const total = stringsAt + strings.length;
  const header = words(
    0xd00dfeed,
    total,
    structureAt,
    stringsAt,
    40,
    17,
    16,
    0,
    strings.length,
    structure.length,
  );
  return Buffer.concat([header, reserved, structure, Buffer.from(strings, 'latin1')]);
}

function valueOf(value: Uint8Array | string | number): Buffer {
  if (typeof value === 'number') return words(value);
  return typeof value === 'string' ? Buffer.from(`${value}\0`, 'latin1') : Buffer.from(value);
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [i, value] of values.entries()) bytes.writeUInt32BE(value, i * 4);
  return bytes;
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
}

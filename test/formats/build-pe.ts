/** Small PE images for tests. */

export interface PeSectionSpec {
  readonly name: string;
  readonly content: Uint8Array;
  /** The length of the content unless said. */
  readonly virtualSize?: number;
  readonly rawSize?: number;
  readonly pointer?: number;
  readonly virtualAddress?: number;
}

export interface PeSpec {
  readonly plus?: boolean;
  readonly time?: number;
  readonly stub?: Uint8Array;
  readonly sections?: readonly PeSectionSpec[];
  /** By index: address and size. */
  readonly directories?: Readonly<Record<number, readonly [number, number]>>;
  /** Each becomes an entry of the certificate table. */
  readonly certificates?: readonly Uint8Array[];
  readonly trailing?: Uint8Array;
  /** Of the string table, without its length; there are no symbols. */
  readonly strings?: Uint8Array;
}

export const PE_ALIGNMENT = 512;

/** Raw data begins at 1024 and each section at an address of (index + 1) * 0x1000. */
export function buildPe(spec: PeSpec = {}): Buffer {
  const { plus = true, sections = [], stub = Buffer.from('stub of sixteen.') } = spec;
  const lfanew = 64 + stub.length;
  const optionalLength = (plus ? 112 : 96) + 16 * 8;
  const tableAt = lfanew + 24 + optionalLength;
  const header = Buffer.alloc(1024);
  header.write('MZ', 'latin1');
  header.writeUInt32LE(lfanew, 0x3c);
  header.set(stub, 64);
  header.write('PE\0\0', lfanew, 'latin1');
  header.writeUInt16LE(plus ? 0x8664 : 0x14c, lfanew + 4);
  header.writeUInt16LE(sections.length, lfanew + 6);
  header.writeUInt32LE(spec.time ?? 0, lfanew + 8);
  header.writeUInt16LE(optionalLength, lfanew + 20);
  header.writeUInt16LE(0x22e, lfanew + 22);
  const optional = lfanew + 24;
  header.writeUInt16LE(plus ? 0x20b : 0x10b, optional);
  header.writeUInt32LE(0x1000, optional + 32);
  header.writeUInt32LE(PE_ALIGNMENT, optional + 36);
  header.writeUInt32LE(1024, optional + 60);
  header.writeUInt16LE(10, optional + 68);
  header.writeUInt32LE(16, optional + (plus ? 108 : 92));
  const directory = (index: number, [address, size]: readonly [number, number]): void => {
    const at = optional + (plus ? 112 : 96) + index * 8;
    header.writeUInt32LE(address, at);
    header.writeUInt32LE(size, at + 4);
  };
  for (const [index, extent] of Object.entries(spec.directories ?? {}))
    directory(Number(index), extent);
  const body: Uint8Array[] = [];
  let at = header.length;
  for (const [index, section] of sections.entries()) {
    const raw = padded(section.content, PE_ALIGNMENT);
    const record = tableAt + index * 40;
    header.write(section.name, record, 8, 'latin1');
    header.writeUInt32LE(section.virtualSize ?? section.content.length, record + 8);
    header.writeUInt32LE(section.virtualAddress ?? 0x1000 * (index + 1), record + 12);
    header.writeUInt32LE(section.rawSize ?? raw.length, record + 16);
    header.writeUInt32LE(section.pointer ?? at, record + 20);
    body.push(raw);
    at += raw.length;
  }
  if (spec.strings !== undefined) {
    header.writeUInt32LE(at, lfanew + 12);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(spec.strings.length + 4);
    body.push(padded(Buffer.concat([length, spec.strings]), 8));
    at += body.at(-1)!.length;
  }
  const table = Buffer.concat((spec.certificates ?? []).map(winCertificate));
  if (table.length > 0) directory(4, [at, table.length]);
  return Buffer.concat([header, ...body, table, spec.trailing ?? Buffer.alloc(0)]);
}

function winCertificate(data: Uint8Array): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32LE(8 + data.length);
  header.writeUInt16LE(0x200, 4);
  header.writeUInt16LE(2, 6);
  return padded(Buffer.concat([header, data]), 8);
}

function padded(bytes: Uint8Array, unit: number): Buffer {
  const length = Math.ceil(bytes.length / unit) * unit;
  return Buffer.concat([bytes, Buffer.alloc(length - bytes.length)]);
}

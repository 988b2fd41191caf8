/** ELF files of both classes and byte orders, for tests: sections back to back, their headers at the end. */

export interface SectionSpec {
  readonly name: string;
  readonly type?: number;
  readonly flags?: number;
  readonly addr?: number;
  readonly link?: number;
  readonly info?: number;
  readonly align?: number;
  readonly data?: Uint8Array;
  /** In place of where the data are. */
  readonly offset?: number;
  /** In place of how long the data are. */
  readonly size?: bigint;
}

export interface SegmentSpec {
  readonly type: number;
  readonly offset: number;
  readonly filesz: number;
  readonly vaddr?: number;
  readonly align?: number;
}

export interface ElfSpec {
  readonly bits?: 32 | 64;
  readonly littleEndian?: boolean;
  readonly type?: number;
  readonly machine?: number;
  readonly sections?: readonly SectionSpec[];
  readonly segments?: readonly SegmentSpec[];
  readonly withoutSectionHeaders?: boolean;
  readonly trailing?: Uint8Array;
}

/** Numbers one after the other in one byte order. */
export class ByteWriter {
  private readonly parts: Uint8Array[] = [];
  private readonly littleEndian: boolean;
  length = 0;

  constructor(littleEndian: boolean) {
    this.littleEndian = littleEndian;
  }

  number(value: number | bigint, bytes: number): this {
    const out = new Uint8Array(bytes);
    let left = BigInt.asUintN(64, BigInt(value));
    for (let index = 0; index < bytes; index++, left >>= 8n)
      out[this.littleEndian ? index : bytes - 1 - index] = Number(left & 0xffn);
    return this.bytes(out);
  }

  bytes(bytes: Uint8Array): this {
    this.parts.push(bytes);
    this.length += bytes.length;
    return this;
  }

  text(text: string): this {
    return this.bytes(Buffer.from(`${text}\0`, 'latin1'));
  }

  uleb(value: number): this {
    const out: number[] = [];
    let left = value;
    do {
      out.push((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
      left >>>= 7;
    } while (left > 0);
    return this.bytes(Uint8Array.from(out));
  }

  align(to: number): this {
    return this.bytes(new Uint8Array((to - (this.length % to)) % to));
  }

  done(): Buffer {
    return Buffer.concat(this.parts);
  }
}

/** Section 0 is added in front, `.shstrtab` behind the others. */
export function buildElf(spec: ElfSpec = {}): Buffer {
  const bits = spec.bits ?? 64;
  const little = spec.littleEndian ?? true;
  const word = bits / 8;
  const headerBytes = bits === 64 ? 64 : 52;
  const segmentBytes = bits === 64 ? 56 : 32;
  const sectionBytes = bits === 64 ? 64 : 40;
  const segments = spec.segments ?? [];

  const names = new ByteWriter(little).text('');
  const sections = [...(spec.sections ?? []), { name: '.shstrtab', type: 3 } as SectionSpec];
  const nameAt = sections.map(({ name }) => {
    const at = names.length;
    names.text(name);
    return at;
  });
  const body = new ByteWriter(little);
  const bodyAt = headerBytes + segments.length * segmentBytes;
  const places = sections.map(({ name, data, align = 1 }) => {
    while ((bodyAt + body.length) % align !== 0) body.number(0, 1);
    const offset = bodyAt + body.length;
    const content = name === '.shstrtab' ? names.done() : (data ?? new Uint8Array(0));
    body.bytes(content);
    return { offset, size: content.length };
  });
  while ((bodyAt + body.length) % 8 !== 0) body.number(0, 1);
  const tableAt = bodyAt + body.length;
  const has = spec.withoutSectionHeaders !== true;

  const out = new ByteWriter(little)
    .bytes(Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, bits / 32, little ? 1 : 2, 1]))
    .bytes(new Uint8Array(9))
    .number(spec.type ?? 3, 2)
    .number(spec.machine ?? 62, 2)
    .number(1, 4)
    .number(0, word)
    .number(segments.length > 0 ? headerBytes : 0, word)
    .number(has ? tableAt : 0, word)
    .number(0, 4)
    .number(headerBytes, 2)
    .number(segmentBytes, 2)
    .number(segments.length, 2)
    .number(sectionBytes, 2)
    .number(has ? sections.length + 1 : 0, 2)
    .number(has ? sections.length : 0, 2);
  for (const { type, offset, filesz, vaddr = 0, align = 1 } of segments) {
    out.number(type, 4);
    if (bits === 64) out.number(4, 4);
    for (const value of [offset, vaddr, vaddr, filesz, filesz]) out.number(value, word);
    if (bits === 32) out.number(4, 4);
    out.number(align, word);
  }
  out.bytes(body.done());
  if (has) {
    out.bytes(new Uint8Array(sectionBytes));
    for (const [index, section] of sections.entries()) {
      const place = places[index]!;
      out
        .number(nameAt[index]!, 4)
        .number(section.type ?? 1, 4)
        .number(section.flags ?? 0, word)
        .number(section.addr ?? 0, word)
        .number(section.offset ?? place.offset, word)
        .number(section.size ?? place.size, word)
        .number(section.link ?? 0, 4)
        .number(section.info ?? 0, 4)
        .number(section.align ?? 1, word)
        .number(0, word);
    }
  }
  return out.bytes(spec.trailing ?? new Uint8Array(0)).done();
}

/** One note, padded. */
export function buildNote(
  owner: string,
  type: number,
  desc: Uint8Array,
  { littleEndian = true, align = 4 } = {},
): Buffer {
  return new ByteWriter(littleEndian)
    .number(owner.length + 1, 4)
    .number(desc.length, 4)
    .number(type, 4)
    .text(owner)
    .align(align)
    .bytes(desc)
    .align(align)
    .done();
}

/** Both classes in both byte orders. */
export const ELF_KINDS = [
  { bits: 32, littleEndian: true },
  { bits: 32, littleEndian: false },
  { bits: 64, littleEndian: true },
  { bits: 64, littleEndian: false },
] as const;

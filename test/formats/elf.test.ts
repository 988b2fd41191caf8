import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import fc from 'fast-check';

import { FormatError } from '../../src/core/errors.js';
import { bufferAccess, type RandomAccess } from '../../src/core/random-access.js';
import { structureFields } from '../../src/formats/elf-layout.js';
import { elfRegions } from '../../src/formats/elf-regions.js';
import { isElf, readElf, sectionNamed, type Elf } from '../../src/formats/elf.js';
import { assertPartition } from './assert-partition.js';
import { buildElf, ByteWriter, ELF_KINDS, type ElfSpec } from './build-elf.js';

const text = (value: string) => Buffer.from(value, 'latin1');
const open = (spec: ElfSpec) => readElf(bufferAccess(buildElf(spec)));

suite('the skeleton', () => {
  for (const kind of ELF_KINDS)
    test(`a file of ${kind.bits} bits, ${kind.littleEndian ? 'little' : 'big'}-endian, is read whole`, () => {
      const elf = open({
        ...kind,
        machine: 8,
        segments: [{ type: 1, offset: 0, filesz: 60, vaddr: 0x1000 }],
        sections: [
          { name: '.text', data: text('code'), addr: 0x1000, flags: 6 },
          { name: '.bss', type: 8, size: 4096n },
        ],
      });
      assert.deepEqual(elf.problems, []);
      assert.deepEqual([elf.bits, elf.littleEndian], [kind.bits, kind.littleEndian]);
      assert.deepEqual([elf.type, elf.machine], [3, 8]);
      assert.deepEqual(
        elf.sections.map(({ name, type, content }) => [name, type, content?.bytes ?? null]),
        [
          ['', 0, null],
          ['.text', 1, 4],
          ['.bss', 8, null],
          ['.shstrtab', 3, 22],
        ],
      );
      assert.equal(sectionNamed(elf, '.text')?.raw.sh_addr, 0x1000n);
      assert.equal(sectionNamed(elf, '.bss')?.raw.sh_size, 4096n);
      assert.deepEqual(elf.segments[0]?.content, { offset: 0, bytes: 60 });
      assert.equal(elf.segments[0]?.raw.p_vaddr, 0x1000n);
    });

  test('fields stand where they say and cover their structure', () => {
    for (const kind of ELF_KINDS) {
      const bytes = buildElf({ ...kind, segments: [{ type: 1, offset: 0, filesz: 9 }] });
      const elf = readElf(bufferAccess(bytes));
      const records = [
        ...structureFields('header', elf.bits, elf.header),
        ...elf.segments.flatMap((segment) => structureFields('segment', elf.bits, segment)),
      ];
      let at = 0;
      for (const { offset, bytes: width, value } of records) {
        assert.equal(offset, at);
        const raw = bytes.subarray(offset, offset + width);
        const digits = (kind.littleEndian ? Buffer.from(raw).reverse() : raw).toString('hex');
        assert.equal(value, BigInt(`0x${digits}`));
        at += width;
      }
      assert.equal(at, elf.segmentTable!.offset + elf.segmentTable!.bytes);
      const last = structureFields('section', elf.bits, elf.sections.at(-1)!).at(-1)!;
      assert.equal(last.offset + last.bytes, bytes.length);
    }
  });

  test('what is no ELF file is refused with a format error', () => {
    assert.equal(isElf(text('\x7fELF')), true);
    for (const bytes of [
      '',
      '\x7fEL',
      'MZ',
      '\x7fELF\x03\x01',
      '\x7fELF\x02\x03',
      '\x7fELF\x02\x01',
    ])
      assert.throws(() => readElf(bufferAccess(text(bytes))), FormatError);
  });

  test('numbers that do not fit the header come from section 0', () => {
    const bytes = buildElf({ sections: [{ name: '.a', data: text('a') }] });
    const at = Number(bytes.readBigUInt64LE(40));
    bytes.writeUInt16LE(0, 60);
    bytes.writeUInt16LE(0xffff, 62);
    bytes.writeBigUInt64LE(3n, at + 32);
    bytes.writeUInt32LE(2, at + 40);
    const elf = readElf(bufferAccess(bytes));
    assert.deepEqual(
      elf.sections.map(({ name }) => name),
      ['', '.a', '.shstrtab'],
    );
    assert.deepEqual(elf.problems, []);
  });

  test('huge counts, offsets and sizes are problems, not work', () => {
    const bytes = buildElf({
      segments: [{ type: 1, offset: 0, filesz: 9 }],
      sections: [{ name: '.lie', data: text('x'), size: 2n ** 64n - 1n }],
    });
    const first = readElf(bufferAccess(bytes));
    assert.equal(first.problems.length, 1);
    const lie = sectionNamed(first, '.lie')!.content!;
    assert.equal(lie.offset + lie.bytes, bytes.length);
    bytes.writeBigUInt64LE(2n ** 64n - 1n, Number(bytes.readBigUInt64LE(40)) + 32);
    bytes.writeUInt16LE(0, 60);
    bytes.writeUInt16LE(0xffff, 56);
    const second = readElf(bufferAccess(bytes));
    assert.equal(second.sections.length, 3);
    assert.ok(second.problems.length >= 2);
    bytes.writeBigUInt64LE(2n ** 63n, 40);
    const third = readElf(bufferAccess(bytes));
    assert.deepEqual(third.sections, []);
  });

  test('of a large file only a handful of pieces is read', () => {
    const sections = Array.from({ length: 40 }, (_, index) => ({ name: `.s${index}` }));
    const small = buildElf({ sections });
    const size = 100 * 1024 * 1024;
    small.writeBigUInt64LE(BigInt(size - 42 * 64), 40);
    const tableAt = small.length - 42 * 64;
    let reads = 0;
    let total = 0;
    const input: RandomAccess = {
      size,
      read(offset, length) {
        reads++;
        total += length;
        const start = offset >= size - 42 * 64 ? offset - size + small.length : offset;
        const there = small.subarray(
          start,
          Math.max(start, Math.min(small.length, start + length)),
        );
        return Buffer.concat([there, new Uint8Array(Math.max(0, length - there.length))]);
      },
    };
    const elf = readElf(input);
    assert.equal(elf.sections.length, 42);
    assert.equal(elf.sections[40]!.name, '.s39');
    assert.equal(elfRegions(elf).at(-2)!.kind, 'gap');
    assert.ok(reads <= 4, `${reads} reads`);
    assert.ok(total < 64 * 1024 && tableAt < total);
  });
});

suite('regions', () => {
  const summary = (elf: Elf) =>
    elfRegions(elf).map(({ kind, name, bytes }) => `${kind}/${name}/${bytes}`);

  test('sections, tables, gaps and what is behind all have names', () => {
    const elf = open({
      segments: [{ type: 1, offset: 0, filesz: 9 }],
      sections: [
        { name: '.a', data: text('123') },
        { name: '.b', data: text('45'), align: 16 },
      ],
      trailing: text('behind'),
    });
    assert.deepEqual(summary(elf), [
      'header/header/64',
      'program-headers/program headers/56',
      'section/.a/3',
      'gap/gap behind .a/5',
      'section/.b/2',
      'section/.shstrtab/17',
      'gap/gap behind .shstrtab/5',
      'section-headers/section headers/256',
      'trailing/trailing data/6',
    ]);
  });

  test('without section headers segments divide the file, the inner ones first', () => {
    const elf = open({
      withoutSectionHeaders: true,
      segments: [
        { type: 1, offset: 0, filesz: 260 },
        { type: 4, offset: 200, filesz: 20 },
      ],
      sections: [{ name: '.a', data: new Uint8Array(100) }],
    });
    assert.deepEqual(summary(elf), [
      'header/header/64',
      'program-headers/program headers/112',
      'segment/segment 0/24',
      'segment/segment 1/20',
      'segment/segment 0/40',
      'trailing/trailing data/36',
    ]);
    assert.deepEqual(
      elfRegions(elf).map(({ occurrence }) => occurrence),
      [0, 0, 0, 0, 1, 0],
    );
  });

  test('bytes claimed twice go to the smaller section, and the claim is counted', () => {
    const elf = open({
      sections: [
        { name: '.outer', data: text('0123456789') },
        { name: '.inner', offset: 66, size: 3n },
        { name: '.header', offset: 0, size: 10n },
      ],
    });
    assert.deepEqual(
      elfRegions(elf)
        .slice(0, 4)
        .map(({ name, bytes, alsoClaimed }) => [name, bytes, alsoClaimed]),
      [
        ['header', 64, 1],
        ['.outer', 2, 0],
        ['.inner', 3, 1],
        ['.outer', 5, 0],
      ],
    );
  });

  test('whatever the sections and segments say, regions are sorted, contiguous and the whole file', () => {
    const place = fc.record({ offset: fc.nat(900), size: fc.nat(900) });
    fc.assert(
      fc.property(
        fc.array(place, { maxLength: 12 }),
        fc.array(place, { maxLength: 6 }),
        fc.nat(40),
        fc.boolean(),
        fc.constantFrom(...ELF_KINDS),
        (sections, segments, trailing, withoutSectionHeaders, kind) => {
          const elf = open({
            ...kind,
            withoutSectionHeaders,
            sections: sections.map(({ offset, size }, index) => ({
              name: `.${index % 3}`,
              data: new Uint8Array(index * 7),
              offset,
              size: BigInt(size),
            })),
            segments: segments.map(({ offset, size }) => ({ type: 1, offset, filesz: size })),
            trailing: new Uint8Array(trailing),
          });
          assertPartition(elf);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('fifty thousand nested sections are divided', () => {
    const bytes = buildElf();
    const count = 50_000;
    const table = new ByteWriter(true).bytes(new Uint8Array(64));
    for (let index = 0; index < count; index++) {
      table.number(0, 4).number(1, 4).number(0, 16);
      table
        .number(200 + index, 8)
        .number(2 * (count - index), 8)
        .number(0, 24);
    }
    const headers = table.done();
    headers.writeBigUInt64LE(BigInt(count + 1), 32);
    bytes.writeBigUInt64LE(BigInt(bytes.length), 40);
    bytes.writeUInt16LE(0, 60);
    bytes.writeUInt16LE(0, 62);
    const elf = readElf(bufferAccess(Buffer.concat([bytes, headers])));
    assert.equal(elf.sections.length, count + 1);
    assertPartition(elf);
  });
});

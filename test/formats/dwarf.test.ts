import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { deflateSync } from 'node:zlib';

import { bufferAccess } from '../../src/core/random-access.js';
import { readDwarf } from '../../src/formats/dwarf.js';
import { readElf } from '../../src/formats/elf.js';
import { buildElf, ByteWriter, ELF_KINDS, type SectionSpec } from './build-elf.js';

type Kind = (typeof ELF_KINDS)[number];
const text = (value: string) => Buffer.from(value, 'latin1');
const read = (kind: Kind, sections: readonly SectionSpec[], limits = {}) =>
  readDwarf(readElf(bufferAccess(buildElf({ ...kind, sections }))), limits);

const EXPECTED_UNIT = ['x.c', '/tmp/build.1', 'GNU C17', 0];
const EXPECTED_LINE = [
  ['/tmp/build.1', '/usr/include'],
  [
    ['x.c', 0],
    ['y.h', 1],
  ],
];

suite('units and line tables built by hand', () => {
  for (const kind of ELF_KINDS) {
    const title = `${kind.bits} bits, ${kind.littleEndian ? 'little' : 'big'}-endian`;
    test(`DWARF 5 with indexed and line strings is read, ${title}`, () => {
      for (const offsetBytes of [4, 8] as const) {
        const { units, lineTables, problems, compression } = read(kind, dwarf5(kind, offsetBytes));
        assert.deepEqual(problems, []);
        assert.equal(compression, 'none');
        assert.deepEqual(units.map(unitOf), [EXPECTED_UNIT]);
        assert.deepEqual([units[0]!.version, units[0]!.offsetBytes], [5, offsetBytes]);
        assert.deepEqual(lineTables.map(linesOf), [EXPECTED_LINE]);
        assert.equal(lineTables[0]!.files[1]!.md5, '07'.repeat(16));
        assert.equal(lineTables[0]!.programAt, lineTables[0]!.bytes - 3);
      }
    });

    test(`offsets lead to the strings in the file, ${title}`, () => {
      const bytes = buildElf({ ...kind, sections: dwarf5(kind, 4) });
      const { units, lineTables } = readDwarf(readElf(bufferAccess(bytes)));
      const [unit] = units;
      for (const value of [
        unit!.name,
        unit!.compDir,
        unit!.producer,
        ...lineTables[0]!.directories,
        ...lineTables[0]!.files.map(({ name }) => name),
      ]) {
        assert.ok(value?.kind === 'string' && value.offset !== null);
        const raw = bytes.subarray(value.offset, value.offset + value.text.length + 1);
        assert.equal(raw.toString('latin1'), `${value.text}\0`);
      }
    });

    test(`sections packed with zlib are unpacked, ${title}`, () => {
      for (const pack of [chdr(kind, 1), zdebug]) {
        const { units, lineTables, problems, compression } = read(kind, dwarf5(kind, 4).map(pack));
        assert.deepEqual(problems, []);
        assert.equal(compression, pack === zdebug ? 'zdebug' : 'zlib');
        assert.deepEqual(units.map(unitOf), [EXPECTED_UNIT]);
        assert.deepEqual(lineTables.map(linesOf), [EXPECTED_LINE]);
        assert.equal(units[0]!.name!.offset, null);
      }
    });
  }

  const kind = ELF_KINDS[2];
  test('zstd is said to be unsupported, for each section once', () => {
    const { units, problems } = read(kind, dwarf5(kind, 4).map(chdr(kind, 2)));
    assert.deepEqual(units, []);
    assert.equal(problems.length, 2);
  });

  test('a stated size that is not the size, or beyond the limit, is a problem', () => {
    for (const lie of [-1, 1, 2 ** 40]) {
      const { units, problems } = read(kind, dwarf5(kind, 4).map(chdr(kind, 1, lie)));
      assert.deepEqual(units, []);
      assert.ok(problems.length > 0);
    }
    const bomb = { name: '.debug_info', data: new Uint8Array(4 * 1024 * 1024) };
    const limited = read(kind, [chdr(kind, 1)(bomb)], { maxMemoryBytes: 1024 * 1024 });
    assert.equal(limited.problems.length, 1);
  });

  test('what is left out because of a limit is a problem', () => {
    const sections = dwarf5(kind, 4);
    for (const limits of [{ maxUnits: 0 }, { maxTextBytes: 10 }, { maxSteps: 3 }])
      assert.ok(read(kind, sections, limits).problems.length > 0);
  });

  test('counts and cycles without bytes behind them end', () => {
    const header = (dirs: ByteWriter) => lineTable(kind, 4, dirs.done());
    const noBytes = new ByteWriter(true)
      .number(1, 1)
      .uleb(1)
      .uleb(0x19)
      .uleb(2 ** 31 - 1);
    assert.ok(read(kind, [{ name: '.debug_line', data: header(noBytes) }]).problems.length > 0);
    const noFields = new ByteWriter(true).number(0, 1).uleb(2 ** 31 - 1);
    assert.ok(read(kind, [{ name: '.debug_line', data: header(noFields) }]).problems.length > 0);
    // Forms that are indirect for ever.
    const abbrev = text('\x01\x11\0\x03\x16\0\0\0');
    const info = new ByteWriter(true).number(30, 4).number(4, 2).number(0, 4).number(8, 1).uleb(1);
    const data = info.bytes(new Uint8Array(22).fill(0x16)).done();
    const { units, problems } = read(kind, [
      { name: '.debug_info', data },
      { name: '.debug_abbrev', data: abbrev },
    ]);
    assert.deepEqual([units.length, problems.length], [1, 1]);
  });

  test('after a damaged unit the next one is read', () => {
    const sections = dwarf5(kind, 4).map((section) =>
      section.name === '.debug_info'
        ? {
            ...section,
            data: Buffer.concat([
              new ByteWriter(true).number(3, 4).number(9, 2).number(0, 1).done(),
              section.data!,
            ]),
          }
        : section,
    );
    const { units, problems } = read(kind, sections);
    assert.deepEqual([units.length, problems.length], [1, 1]);
    assert.deepEqual(unitOf(units[0]!), EXPECTED_UNIT);
  });

  test('sections cut or changed anywhere never throw', () => {
    const sections = dwarf5(kind, 4);
    for (const [index, { data }] of sections.entries())
      for (let at = 0; at < data!.length; at++) {
        const replaced = (changed: Uint8Array) =>
          sections.map((section, place) =>
            place === index ? { ...section, data: changed } : section,
          );
        read(kind, replaced(data!.subarray(0, at)));
        for (const value of [0, 1, 0x7f, 0x80, 0xff]) {
          const changed = Uint8Array.from(data!);
          changed[at] = value;
          read(kind, replaced(changed));
        }
      }
  });
});

type Dwarf = ReturnType<typeof readDwarf>;

function unitOf({ name, compDir, producer, lineAt }: Dwarf['units'][number]) {
  return [name?.text, compDir?.text, producer?.text, lineAt];
}

function linesOf({ directories, files }: Dwarf['lineTables'][number]) {
  const textOf = (value: (typeof files)[number]['name']) =>
    value?.kind === 'string' ? value.text : null;
  return [directories.map(textOf), files.map(({ name, directory }) => [textOf(name), directory])];
}

/** One unit: name strx1, producer strp, directory line_strp, with the base of its string offsets last. */
function dwarf5({ littleEndian }: Kind, offsetBytes: 4 | 8): readonly SectionSpec[] {
  const abbrev = new ByteWriter(littleEndian).uleb(1).uleb(0x11).number(1, 1);
  const attributes = [
    [0x25, 0x0e],
    [0x13, 0x21],
    [0x03, 0x25],
    [0x1b, 0x1f],
    [0x10, 0x17],
    [0x72, 0x17],
    [0, 0],
    [0, 0],
  ];
  for (const [name, form] of attributes) {
    abbrev.uleb(name!).uleb(form!);
    if (form === 0x21) abbrev.uleb(0x1d);
  }
  const unit = new ByteWriter(littleEndian).number(5, 2).number(1, 1).number(8, 1);
  unit.number(0, offsetBytes).uleb(1);
  unit.number(1, offsetBytes).number(1, 1).number(0, offsetBytes).number(0, offsetBytes);
  unit.number(offsetBytes === 4 ? 8 : 16, offsetBytes).number(0, 1);
  const offsets = new ByteWriter(littleEndian).number(5, 2).number(0, 2);
  offsets.number(0, offsetBytes).number(9, offsetBytes);

  const lists = new ByteWriter(littleEndian).number(1, 1).uleb(1).uleb(0x1f).uleb(2);
  lists.number(0, offsetBytes).number(13, offsetBytes);
  lists.number(3, 1).uleb(1).uleb(0x08).uleb(2).uleb(0x0b).uleb(5).uleb(0x1e).uleb(2);
  lists.text('x.c').number(0, 1).bytes(new Uint8Array(16).fill(7));
  lists.text('y.h').number(1, 1).bytes(new Uint8Array(16).fill(7));
  return [
    { name: '.debug_info', data: withLength({ littleEndian }, offsetBytes, unit.done()) },
    { name: '.debug_abbrev', data: abbrev.done() },
    { name: '.debug_str', data: text('\0GNU C17\0x.c\0') },
    { name: '.debug_line_str', data: text('/tmp/build.1\0/usr/include\0') },
    { name: '.debug_str_offsets', data: withLength({ littleEndian }, offsetBytes, offsets.done()) },
    { name: '.debug_line', data: lineTable({ littleEndian }, offsetBytes, lists.done()) },
  ];
}

interface Order {
  readonly littleEndian: boolean;
}

function lineTable({ littleEndian }: Order, offsetBytes: 4 | 8, lists: Uint8Array): Buffer {
  const rest = new ByteWriter(littleEndian);
  for (const value of [1, 1, 1, 0xfb, 14, 2, 0]) rest.number(value, 1);
  rest.bytes(lists);
  const table = new ByteWriter(littleEndian).number(5, 2).number(8, 1).number(0, 1);
  table.number(rest.length, offsetBytes).bytes(rest.done()).bytes(text('\x00\x01\x01'));
  return withLength({ littleEndian }, offsetBytes, table.done());
}

function withLength({ littleEndian }: Order, offsetBytes: 4 | 8, unit: Uint8Array): Buffer {
  const out = new ByteWriter(littleEndian);
  if (offsetBytes === 8) out.number(0xffffffff, 4);
  return out.number(unit.length, offsetBytes).bytes(unit).done();
}

function chdr({ bits, littleEndian }: Kind, type: number, lie = 0) {
  return (section: SectionSpec): SectionSpec => {
    const header = new ByteWriter(littleEndian).number(type, 4);
    if (bits === 64) header.number(0, 4);
    header.number(section.data!.length + lie, bits / 8).number(1, bits / 8);
    const data = Buffer.concat([header.done(), deflateSync(section.data!)]);
    return { ...section, flags: 0x800, data };
  };
}

function zdebug(section: SectionSpec): SectionSpec {
  const header = new ByteWriter(false).bytes(text('ZLIB')).number(section.data!.length, 8);
  const data = Buffer.concat([header.done(), deflateSync(section.data!)]);
  return { ...section, name: section.name.replace('.debug', '.zdebug'), data };
}

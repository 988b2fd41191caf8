import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { bufferAccess } from '../../src/core/random-access.js';
import { elfInterpreter, readElfDynamic } from '../../src/formats/elf-dynamic.js';
import { knownNote } from '../../src/formats/elf-known-notes.js';
import { readElfNotes } from '../../src/formats/elf-notes.js';
import { readElf } from '../../src/formats/elf.js';
import { buildElf, buildNote, ByteWriter, ELF_KINDS, type ElfSpec } from './build-elf.js';

const text = (value: string) => Buffer.from(value, 'latin1');
const open = (spec: ElfSpec) => readElf(bufferAccess(buildElf(spec)));

suite('notes', () => {
  test('build id, ABI tag, property, package metadata and Go build id are understood', () => {
    for (const { bits, littleEndian } of ELF_KINDS) {
      const order = { littleEndian };
      const abi = new ByteWriter(littleEndian);
      for (const value of [0, 3, 2, 0]) abi.number(value, 4);
      const property = new ByteWriter(littleEndian).number(0xc0000002, 4).number(4, 4).number(3, 4);
      property.align(bits / 8);
      const json = '{"type":"deb","os":"debian","name":"coreutils","version":"9.1-1"}\0';
      const elf = open({
        bits,
        littleEndian,
        sections: [
          {
            name: '.note.all',
            type: 7,
            data: Buffer.concat([
              buildNote('GNU', 3, Buffer.from('c0ffee', 'hex'), order),
              buildNote('GNU', 1, abi.done(), order),
              buildNote('FDO', 0xcafe1a7e, text(json), order),
              buildNote('Go', 4, text('action/content'), order),
              buildNote('Linux', 0x100, text('6.1.0\0'), order),
              buildNote('XX', 4, text(''), order),
            ]),
          },
          {
            name: '.note.gnu.property',
            type: 7,
            align: 8,
            data: buildNote('GNU', 5, property.done(), { littleEndian, align: 8 }),
          },
        ],
      });
      const { notes, problems } = readElfNotes(elf);
      assert.deepEqual(problems, []);
      assert.deepEqual(
        notes.map((note) => {
          const known = knownNote(elf, note);
          return known?.kind === 'properties'
            ? known.properties.map(({ type, data }) => [type, data.length])
            : known;
        }),
        [
          { kind: 'build-id', hex: 'c0ffee' },
          { kind: 'abi-tag', os: 0, version: '3.2.0' },
          { kind: 'package', text: json.slice(0, -1), value: JSON.parse(json.slice(0, -1)) },
          { kind: 'go-build-id', text: 'action/content' },
          { kind: 'linux-build-salt', text: '6.1.0' },
          null,
          [[0xc0000002, 4]],
        ],
      );
      for (const { desc, descOffset } of notes)
        assert.deepEqual(elf.input.read(descOffset, desc.length), desc);
      const [first, second] = notes;
      assert.equal(first!.end, second!.offset);
      assert.deepEqual([first!.container, first!.ownerOffset - first!.offset], ['.note.all', 12]);
    }
  });

  test('a note segment is read where no section has it, and only once', () => {
    const data = buildNote('GNU', 3, text('abcd'));
    const spec = {
      segments: [{ type: 4, offset: 120, filesz: data.length, align: 4 }],
      sections: [{ name: '.note', type: 7, data }],
    };
    assert.deepEqual(
      readElfNotes(open(spec)).notes.map(({ container }) => container),
      ['.note'],
    );
    assert.deepEqual(
      readElfNotes(open({ ...spec, withoutSectionHeaders: true })).notes.map(
        ({ container, desc }) => [container, Buffer.from(desc).toString()],
      ),
      [['segment 0', 'abcd']],
    );
  });

  test('a note that leaves its section is a problem, the ones before it remain', () => {
    const cut = buildNote('GNU', 3, text('abcd')).subarray(0, 17);
    const data = Buffer.concat([buildNote('GNU', 3, text('1234')), cut]);
    const { notes, problems } = readElfNotes(open({ sections: [{ name: '.n', type: 7, data }] }));
    assert.deepEqual([notes.length, problems.length], [1, 1]);
    assert.equal(problems[0]!.offset, notes[0]!.end);
  });

  test('metadata that are no JSON keep their text', () => {
    const data = buildNote('FDO', 0xcafe1a7e, text('{oops'));
    const elf = open({ sections: [{ name: '.note.package', type: 7, data }] });
    const known = knownNote(elf, readElfNotes(elf).notes[0]!);
    assert.deepEqual(known, { kind: 'package', text: '{oops', value: undefined });
  });
});

suite('the dynamic section', () => {
  const strings = text('\0libc.so.6\0libx.so\0/opt/build/lib\0');
  const entries = (kind: { bits: 32 | 64; littleEndian: boolean }, strtab = 0) => {
    const out = new ByteWriter(kind.littleEndian);
    const pairs = [
      [1, 1],
      [14, 11],
      [29, 19],
      [15, 19],
      [5, strtab],
      [10, strings.length],
      [0x6ffffffb, 8],
      [1, 999],
      [0, 0],
      [1, 1],
    ];
    for (const [tag, value] of pairs) out.number(tag!, kind.bits / 8).number(value!, kind.bits / 8);
    return out.done();
  };
  const expected = [
    ['NEEDED', 'libc.so.6'],
    ['SONAME', 'libx.so'],
    ['RUNPATH', '/opt/build/lib'],
    ['RPATH', '/opt/build/lib'],
    ['STRTAB', undefined],
    ['STRSZ', undefined],
    ['FLAGS_1', undefined],
    ['NEEDED', undefined],
  ];

  test('names, strings and their offsets are read up to the null entry', () => {
    for (const kind of ELF_KINDS) {
      const elf = open({
        ...kind,
        sections: [
          { name: '.dynstr', type: 3, data: strings },
          { name: '.dynamic', type: 6, link: 1, data: entries(kind) },
        ],
      });
      const { entries: found, problems } = readElfDynamic(elf);
      assert.deepEqual(
        found.map(({ name, string }) => [name, string?.text]),
        expected,
      );
      assert.equal(problems.length, 1);
      for (const { string } of found)
        if (string !== null)
          assert.equal(
            Buffer.from(elf.input.read(string.offset, string.text.length)).toString('latin1'),
            string.text,
          );
    }
  });

  test('without sections the segments say where entries and strings are', () => {
    for (const kind of ELF_KINDS) {
      const base = (kind.bits === 64 ? 64 + 3 * 56 : 52 + 3 * 32) + 0;
      const path = text('/lib/ld.so\0');
      const data = entries(kind, 0x4000 + base);
      const elf = open({
        ...kind,
        withoutSectionHeaders: true,
        segments: [
          { type: 1, offset: 0, filesz: 1000, vaddr: 0x4000 },
          { type: 2, offset: base + strings.length, filesz: data.length },
          { type: 3, offset: base + strings.length + data.length, filesz: path.length },
        ],
        sections: [
          { name: 'a', data: strings },
          { name: 'b', data },
          { name: 'c', data: path },
        ],
      });
      assert.deepEqual(
        readElfDynamic(elf).entries.map(({ name, string }) => [name, string?.text]),
        expected,
      );
      assert.equal(elfInterpreter(elf)?.text, '/lib/ld.so');
    }
  });
});

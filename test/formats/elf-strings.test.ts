import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { crc32 } from 'node:zlib';

import { FormatError } from '../../src/core/errors.js';
import { bufferAccess } from '../../src/core/random-access.js';
import { sectionStrings } from '../../src/formats/elf-content.js';
import { isDebugFileOf, readDebugAltLink, readDebugLink } from '../../src/formats/elf-debuglink.js';
import { readModinfo } from '../../src/formats/elf-modinfo.js';
import { readElfSymbols } from '../../src/formats/elf-symbols.js';
import { readElf, sectionNamed } from '../../src/formats/elf.js';
import { buildElf, ByteWriter, ELF_KINDS, type ElfSpec } from './build-elf.js';

const text = (value: string) => Buffer.from(value, 'latin1');
const open = (spec: ElfSpec) => readElf(bufferAccess(buildElf(spec)));

suite('strings and links', () => {
  test('comments and module information come with their offsets', () => {
    const elf = open({
      sections: [
        { name: '.comment', data: text('\0GCC: (Debian) 12.2.0\0\0second') },
        { name: '.modinfo', data: text('license=GPL\0vermagic=6.1 SMP mod=x\0lonely\0') },
      ],
    });
    const comments = sectionStrings(elf, sectionNamed(elf, '.comment'));
    assert.deepEqual(
      comments.map(({ text: found }) => found),
      ['GCC: (Debian) 12.2.0', 'second'],
    );
    assert.deepEqual(sectionStrings(elf, undefined), []);
    const info = readModinfo(elf);
    assert.deepEqual(
      info.map(({ key, value }) => [key, value]),
      [
        ['license', 'GPL'],
        ['vermagic', '6.1 SMP mod=x'],
        ['lonely', ''],
      ],
    );
    const { value, valueOffset } = info[1]!;
    assert.deepEqual(Buffer.from(elf.input.read(valueOffset, value.length)).toString(), value);
  });

  test('a debug link knows its file by the CRC', () => {
    const file = text('debug information');
    for (const kind of ELF_KINDS) {
      const data = new ByteWriter(kind.littleEndian)
        .text('a.debug')
        .align(4)
        .number(crc32(file), 4);
      const alt = Buffer.concat([text('../.dwz/x\0'), Buffer.from('abcdef', 'hex')]);
      const elf = open({
        ...kind,
        sections: [
          { name: '.gnu_debuglink', data: data.done() },
          { name: '.gnu_debugaltlink', data: alt },
        ],
      });
      const link = readDebugLink(elf)!;
      assert.deepEqual([link.name, link.crc], ['a.debug', crc32(file)]);
      assert.equal(link.crcOffset, link.offset + 8);
      assert.equal(isDebugFileOf(link, bufferAccess(file)), true);
      assert.equal(isDebugFileOf(link, bufferAccess(file.subarray(1))), false);
      const found = readDebugAltLink(elf)!;
      assert.deepEqual([found.name, found.buildId], ['../.dwz/x', 'abcdef']);
    }
    assert.equal(readDebugLink(open({})), null);
    assert.throws(
      () =>
        readDebugLink(open({ sections: [{ name: '.gnu_debuglink', data: text('name\0\0\0\0') }] })),
      FormatError,
    );
  });

  test('symbols are counted by kind, and the files among them named', () => {
    for (const kind of ELF_KINDS) {
      const table = new ByteWriter(kind.littleEndian);
      const symbol = (name: number, info: number, section: number) => {
        table.number(name, 4);
        if (kind.bits === 64) table.number(info, 1).number(0, 1).number(section, 2).number(0, 16);
        else table.number(0, 8).number(info, 1).number(0, 1).number(section, 2);
      };
      symbol(0, 0, 0);
      symbol(1, 4, 0xfff1);
      symbol(12, 0x12, 1);
      symbol(12, 0x20, 0);
      symbol(500, 4, 0xfff1);
      const elf = open({
        ...kind,
        sections: [
          { name: '.strtab', type: 3, data: text('\0ccXy12Ab.c\0main\0') },
          { name: '.symtab', type: 2, link: 1, data: table.done() },
        ],
      });
      const [symbols] = readElfSymbols(elf);
      assert.deepEqual(
        symbols!.files.map(({ text: name }) => name),
        ['ccXy12Ab.c'],
      );
      assert.deepEqual([symbols!.count, symbols!.undefinedCount], [5, 1]);
      assert.deepEqual(
        [...symbols!.byType],
        [
          [0, 2],
          [4, 2],
          [2, 1],
        ],
      );
      assert.deepEqual(
        [...symbols!.byBinding],
        [
          [0, 3],
          [1, 1],
          [2, 1],
        ],
      );
      assert.equal(symbols!.problems.length, 1);
    }
  });
});

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { readElf, sectionNamed } from '../../../src/formats/elf.js';
import { bufferAccess } from '../../../src/core/random-access.js';
import { buildElf, type ElfSpec, type SectionSpec } from '../../formats/build-elf.js';
import { needs } from '../../helpers/oracle.js';
import { tempFolder } from '../../helpers/temp-tree.js';
import { differences } from '../differences.js';
import { lookInto, proveEveryByte, proveTruncation } from '../prove.js';

const text = (value: string): Buffer => Buffer.from(value, 'latin1');

function note(owner: string, type: number, desc: Uint8Array): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt32LE(owner.length + 1);
  head.writeUInt32LE(desc.length, 4);
  head.writeUInt32LE(type, 8);
  const padded = (bytes: Uint8Array): Buffer =>
    Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
  return Buffer.concat([head, padded(text(`${owner}\0`)), padded(desc)]);
}

/** A file with one of everything. */
function sample(changes: Readonly<Record<string, Uint8Array>> = {}, spec: ElfSpec = {}): Buffer {
  const section = (name: string, data: Uint8Array, more: Partial<SectionSpec> = {}) => ({
    name,
    type: 1,
    data: changes[name] ?? data,
    ...more,
  });
  return buildElf({
    sections: [
      section('.text', Buffer.alloc(64, 0x90), { flags: 6, align: 16 }),
      section('.rodata', text('The quick brown fox jumps over the lazy dog, twice.\0'), {
        flags: 2,
        align: 8,
      }),
      section('.note.gnu.build-id', note('GNU', 3, Buffer.alloc(20, 7)), { type: 7, align: 4 }),
      section('.comment', text('GCC: 12.2.0\0'), { flags: 0x30 }),
      section('.gnu_debuglink', Buffer.concat([text('a.debug\0'), Buffer.from([1, 2, 3, 4])]), {
        align: 4,
      }),
      section('.GCC.command.line', text('gcc -O2\0')),
      section('.eh_frame_hdr', Buffer.alloc(12, 3)),
      section('.modinfo', text('license=GPL\0vermagic=6.1.0 SMP\0srcversion=ABCDEF\0')),
      section('.got', Buffer.alloc(16, 9)),
    ],
    ...spec,
  });
}

test('each field of an ELF file that changes alone is the only one that is told', async () => {
  const cases: readonly (readonly [string, Uint8Array, string])[] = [
    ['.text', Buffer.alloc(64, 0x91), 'section!.text!content opaque'],
    ['.note.gnu.build-id', note('GNU', 3, Buffer.alloc(20, 8)), 'build-id build-id'],
    ['.comment', text('GCC: 12.3.0\0'), 'compiler version'],
    ['.GCC.command.line', text('gcc -O3\0'), 'command line flags'],
    [
      '.gnu_debuglink',
      Buffer.concat([text('b.debug\0'), Buffer.from([1, 2, 3, 4])]),
      '.gnu_debuglink text',
    ],
    [
      '.gnu_debuglink',
      Buffer.concat([text('a.debug\0'), Buffer.from([1, 2, 3, 5])]),
      '.gnu_debuglink CRC checksum',
    ],
    [
      '.modinfo',
      text('license=GPL\0vermagic=6.1.1 SMP\0srcversion=ABCDEF\0'),
      'modinfo!vermagic!version version',
    ],
    [
      '.modinfo',
      text('license=MIT\0vermagic=6.1.0 SMP\0srcversion=ABCDEF\0'),
      'modinfo!license!value text',
    ],
    [
      '.modinfo',
      text('license=GPL\0vermagic=6.1.0 SMP\0srcversion=ABCDE0\0'),
      'modinfo!srcversion!digest digest',
    ],
    ['.got', Buffer.alloc(16, 8), 'section!.got!derived offset'],
    ['.eh_frame_hdr', Buffer.alloc(12, 4), 'section!.eh_frame_hdr!derived offset'],
  ];
  for (const [name, bytes, expected] of cases)
    assert.deepEqual(await differences('bin', sample(), sample({ [name]: bytes })), [expected]);
});

test('a header field that changes alone is the only one that is told', async () => {
  const before = sample();
  for (const [offset, expected] of [
    [0x10, 'e_type number'],
    [0x12, 'e_machine number'],
    [0x18, 'e_entry offset'],
    [0x30, 'e_flags flags'],
    [7, 'ei_osabi number'],
    [9, 'ei_pad slack'],
  ] as const) {
    const after = Buffer.from(before);
    after[offset]! ^= 4;
    assert.deepEqual(await differences('bin', before, after), [expected]);
  }
});

test('a section of data is looked into, and what is appended too', async () => {
  const before = sample({}, { trailing: Buffer.from('appended by hand\n') });
  const after = sample({}, { trailing: Buffer.from('appended by head\n') });
  assert.ok(
    (await differences('bin', before, after)).every((found) => found.startsWith('appended!')),
  );
  const data = sample({ '.rodata': text('The quick brown fox jumps over the lazy cat, twice.\0') });
  const found = await differences('bin', sample(), data);
  assert.ok(found.length === 1 && found[0]!.startsWith('section!.rodata!'), found.join());
});

test('sections in another order are told as that', async () => {
  const sections = ['.a', '.b'].map((name) => ({ name, type: 1, flags: 4, data: text(name) }));
  const found = await differences(
    'bin',
    buildElf({ sections }),
    buildElf({ sections: sections.toReversed() }),
  );
  assert.deepEqual(found, ['section!order order']);
});

test('every byte of an ELF file is in some fact', async () => {
  await proveEveryByte('bin', sample({}, { trailing: Buffer.from('behind\n') }));
  await proveEveryByte(
    'bin',
    buildElf({
      withoutSectionHeaders: true,
      sections: [{ name: '.text', type: 1, data: Buffer.alloc(100, 1) }],
      segments: [{ type: 1, offset: 0, filesz: 250 }],
    }),
  );
  await proveEveryByte('bin', sample({}, { bits: 32, littleEndian: false }));
  await proveTruncation('bin', sample());
});

test('every byte of what the compiler makes is in some fact', { skip: needs('gcc') }, async (t) => {
  const folder = tempFolder(t);
  for (const flags of [
    ['-g', '-gdwarf-5'],
    ['-g', '-gdwarf-4'],
    ['-c', '-g'],
    ['-g', '-gz'],
  ]) {
    const bytes = compiled(folder, flags);
    assert.deepEqual((await lookInto('a.out', bytes)).problems, []);
    await proveEveryByte('a.out', bytes, 700);
  }
});

test('the directory of the build is told from DWARF alone', { skip: needs('gcc') }, async (t) => {
  const folder = tempFolder(t);
  const map = (to: string): string[] => ['-g', `-ffile-prefix-map=${folder}=${to}`];
  const found = await differences(
    'a.out',
    compiled(folder, [...map('/build/aaaa'), '-Wl,--build-id=none']),
    compiled(folder, [...map('/build/bbbb'), '-Wl,--build-id=none']),
  );
  assert.deepEqual(found, ['DW_AT_comp_dir path', 'unit!a.c!DW_AT_name path']);
  const longer = await differences(
    'a.out',
    compiled(folder, map('/build/a')),
    compiled(folder, map('/build/longer-a/a')),
  );
  assert.deepEqual(longer, ['DW_AT_comp_dir path', 'unit!a.c!DW_AT_name path']);
});

test(
  'options of the compiler and names of temporary files are told',
  { skip: needs('gcc') },
  async (t) => {
    const folder = tempFolder(t);
    const cross = (flags: readonly string[]): Buffer => compiled(folder, ['-g', '-c', ...flags]);
    const found = await differences('a.o', cross(['-DX', '-fwrapv']), cross(['-DX']));
    assert.deepEqual(found, ['DW_AT_producer flags flags']);
  },
);

test(
  'symbols that only lie otherwise are layout, renamed ones are not',
  { skip: needs('gcc', 'objcopy') },
  async (t) => {
    const folder = tempFolder(t);
    const before = compiled(folder, ['-c']);
    const path = join(folder, 'renamed.o');
    writeFileSync(path, before);
    execFileSync('objcopy', ['--redefine-sym', 'main=niam', path]);
    const found = await differences('a.o', before, readFileSync(path));
    assert.ok(found.includes('symbols of .symtab opaque'), found.join());
    const elf = readElf(bufferAccess(before));
    const table = sectionNamed(elf, '.symtab')!.content!;
    const moved = Buffer.from(before);
    // st_value of the last symbol.
    moved[table.offset + table.bytes - 16]! ^= 1;
    assert.deepEqual(await differences('a.o', before, moved), ['section!.symtab!layout layout']);
  },
);

function compiled(folder: string, flags: readonly string[]): Buffer {
  const source = join(folder, 'a.c');
  const out = join(folder, 'out');
  writeFileSync(source, 'int main(void) { return sizeof(__FILE__) > 1000; }\n');
  execFileSync('gcc', [...flags, source, '-o', out], { cwd: folder });
  return readFileSync(out);
}

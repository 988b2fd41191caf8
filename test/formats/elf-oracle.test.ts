/** The ELF readers against readelf, on programs of this system and on what its compiler makes. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';

import { bufferAccess } from '../../src/core/random-access.js';
import { sectionStrings } from '../../src/formats/elf-content.js';
import { isDebugFileOf, readDebugLink } from '../../src/formats/elf-debuglink.js';
import { readElfDynamic } from '../../src/formats/elf-dynamic.js';
import { knownNote } from '../../src/formats/elf-known-notes.js';
import { readElfNotes } from '../../src/formats/elf-notes.js';
import { elfRegions } from '../../src/formats/elf-regions.js';
import { readElfSymbols } from '../../src/formats/elf-symbols.js';
import { readElf, sectionNamed } from '../../src/formats/elf.js';
import { needs } from '../helpers/oracle.js';
import { tempFolder } from '../helpers/temp-tree.js';
import { assertPartition } from './assert-partition.js';

const run = (program: string, ...args: readonly string[]) =>
  execFileSync(program, args, { encoding: 'latin1', stdio: ['ignore', 'pipe', 'ignore'] });
const open = (path: string) => readElf(bufferAccess(readFileSync(path)));

suite('readelf agrees', () => {
  const files = ['/bin/ls', '/bin/sh', '/usr/bin/python3', '/lib/x86_64-linux-gnu/libc.so.6']
    .filter((path) => existsSync(path))
    .map((path) => realpathSync(path));

  for (const path of files)
    test(`on the structure of ${path}`, { skip: needs('readelf') }, () => {
      compareStructure(path);
    });

  test(
    'on objects, stripped files and separate debug files',
    { skip: needs('gcc', 'readelf', 'objcopy', 'strip') },
    (t) => {
      const root = tempFolder(t);
      const at = (name: string) => join(root, name);
      writeFileSync(at('a.c'), '#include <stdio.h>\nint main(void) { return puts("x"); }\n');
      run(
        'gcc',
        '-g',
        '-frecord-gcc-switches',
        '-Wl,--build-id=sha1',
        '-Wl,-rpath,/opt/x',
        at('a.c'),
        '-o',
        at('a'),
      );
      run('gcc', '-g', '-ffunction-sections', '-c', at('a.c'), '-o', at('a.o'));
      run('objcopy', '--only-keep-debug', at('a'), at('a.debug'));
      run('strip', '-o', at('s'), at('a'));
      run('objcopy', `--add-gnu-debuglink=${at('a.debug')}`, at('s'), at('l'));
      for (const name of ['a', 'a.o', 'a.debug', 's', 'l']) compareStructure(at(name));

      const link = readDebugLink(open(at('l')))!;
      assert.equal(link.name, 'a.debug');
      assert.equal(isDebugFileOf(link, bufferAccess(readFileSync(at('a.debug')))), true);
      assert.equal(isDebugFileOf(link, bufferAccess(readFileSync(at('a')))), false);
      const elf = open(at('a'));
      const options = sectionStrings(elf, sectionNamed(elf, '.GCC.command.line'));
      assert.ok(options.some(({ text }) => text.includes(' -g ')));
      const comment = run('readelf', '-p', '.comment', at('a'));
      for (const { text } of sectionStrings(elf, sectionNamed(elf, '.comment')))
        assert.ok(comment.includes(text));

      appendFileSync(at('a'), 'behind');
      const last = elfRegions(open(at('a'))).at(-1)!;
      assert.deepEqual([last.kind, last.bytes], ['trailing', 6]);
    },
  );
});

function compareStructure(path: string): void {
  const elf = open(path);
  assert.deepEqual(elf.problems, []);
  assertPartition(elf);
  const printed = run('readelf', '-hSlndW', path);
  const header = (label: string) =>
    Number(new RegExp(`${label}:\\s+(\\S+)`).exec(printed)?.[1] ?? Number.NaN);
  assert.equal(Number(elf.header.raw.e_entry), header('Entry point address'));
  assert.equal(Number(elf.header.raw.e_shoff), header('Start of section headers'));
  assert.equal(Number(elf.header.raw.e_shstrndx), header('Section header string table index'));

  const sections = [
    ...printed.matchAll(
      /^ +\[ *(\d+)\] (.{17,}?) +(\S+) +([0-9a-f]{16}) ([0-9a-f]{6,}) ([0-9a-f]{6,}) ([0-9a-f]{2,}) .{0,5}? +(\d+) +(\d+) +(\d+)$/gm,
    ),
  ].map(([, index, , , addr, offset, size, entry, link, info, align]) =>
    [index, ...[addr, offset, size, entry].map((hex) => `0x${hex}`), link, info, align].map(Number),
  );
  assert.deepEqual(
    elf.sections
      .slice(1)
      .map(({ index, raw }) => [
        index,
        ...[raw.sh_addr, raw.sh_offset, raw.sh_size, raw.sh_entsize].map(Number),
        ...[raw.sh_link, raw.sh_info, raw.sh_addralign].map(Number),
      ]),
    sections.filter(([index]) => index !== 0),
  );
  for (const { name, index } of elf.sections.slice(1))
    assert.match(printed, new RegExp(`\\[ *${index}\\] ${name.replaceAll(/[.+]/g, '\\$&')} `));

  const segments = [
    ...printed.matchAll(
      /^  \S+ +0x(\S+) 0x(\S{16}) 0x(\S{16}) 0x(\S+) 0x(\S+) [RWE ]{3} 0x(\S+)$/gm,
    ),
  ].map((match) => match.slice(1).map((hex) => Number(`0x${hex}`)));
  assert.deepEqual(
    elf.segments.map(({ raw }) =>
      [raw.p_offset, raw.p_vaddr, raw.p_paddr, raw.p_filesz, raw.p_memsz, raw.p_align].map(Number),
    ),
    segments,
  );

  const { notes, problems } = readElfNotes(elf);
  assert.deepEqual(problems, []);
  for (const { owner, desc } of notes)
    assert.match(
      printed,
      new RegExp(`^  ${owner} +0x${desc.length.toString(16).padStart(8, '0')}`, 'm'),
    );
  const buildIds = [...printed.matchAll(/Build ID: ([0-9a-f]+)/g)].map(([, hex]) => hex);
  const found = notes.flatMap((note) => {
    const known = knownNote(elf, note);
    return known?.kind === 'build-id' ? [known.hex] : [];
  });
  assert.deepEqual(found, [...new Set(buildIds)]);

  const strings = [...printed.matchAll(/\((NEEDED|SONAME|RPATH|RUNPATH)\).*\[(.*)\]$/gm)];
  const dynamic = readElfDynamic(elf);
  assert.deepEqual(dynamic.problems, []);
  assert.deepEqual(
    dynamic.entries.flatMap(({ name, string }) => (string === null ? [] : [[name, string.text]])),
    strings.map(([, name, text]) => [name, text]),
  );

  const printedSymbols = run('readelf', '-sW', path);
  for (const { section, count, files, undefinedCount } of readElfSymbols(elf)) {
    const part = new RegExp(
      `'${section}' contains (\\d+) entr.*\\n[^]*?(?=\\nSymbol table|$)`,
    ).exec(printedSymbols)!;
    assert.equal(count, Number(part[1]));
    const printedFiles = [...part[0].matchAll(/ FILE .* ABS ?(.*)$/gm)].map(([, name]) =>
      name!.trim(),
    );
    assert.deepEqual(
      files.map(({ text }) => text),
      printedFiles,
    );
    assert.equal(undefinedCount, [...part[0].matchAll(/ UND /g)].length - 1);
  }
}

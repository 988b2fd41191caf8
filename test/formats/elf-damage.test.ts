import { suite, test } from 'node:test';

import { FormatError } from '../../src/core/errors.js';
import { bufferAccess } from '../../src/core/random-access.js';
import { readDwarf } from '../../src/formats/dwarf.js';
import { sectionStrings } from '../../src/formats/elf-content.js';
import { readDebugLink } from '../../src/formats/elf-debuglink.js';
import { elfInterpreter, readElfDynamic } from '../../src/formats/elf-dynamic.js';
import { knownNote } from '../../src/formats/elf-known-notes.js';
import { readModinfo } from '../../src/formats/elf-modinfo.js';
import { readElfNotes } from '../../src/formats/elf-notes.js';
import { readElfSymbols } from '../../src/formats/elf-symbols.js';
import { readElf, sectionNamed } from '../../src/formats/elf.js';
import { readModuleSignature } from '../../src/formats/module-signature.js';
import { assertPartition } from './assert-partition.js';
import { buildElf, buildNote, ByteWriter, ELF_KINDS } from './build-elf.js';

const text = (value: string) => Buffer.from(value, 'latin1');

suite('damage', () => {
  test('a file cut at any byte is refused with a format error or divided without a rest', () => {
    for (const kind of ELF_KINDS) {
      const bytes = sample(kind);
      for (let length = 0; length < bytes.length; length++) readAll(bytes.subarray(0, length));
    }
  });

  test('ten thousand changed files are read or refused, and divided without a rest', () => {
    const samples = ELF_KINDS.map(sample);
    let seed = 42;
    const random = (below: number) => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return seed % below;
    };
    for (let round = 0; round < 10_000; round++) {
      const bytes = Buffer.from(samples[round % samples.length]!);
      for (let change = 0; change <= random(3); change++)
        bytes[random(bytes.length)] = [0, 1, 0x7f, 0x80, 0xff, random(256)][random(6)]!;
      readAll(bytes);
    }
  });
});

/** A small file with something for every reader. */
function sample(kind: { readonly bits: 32 | 64; readonly littleEndian: boolean }): Buffer {
  const dynamic = new ByteWriter(kind.littleEndian);
  for (const value of [1, 1, 0, 0]) dynamic.number(value, kind.bits / 8);
  return buildElf({
    ...kind,
    segments: [
      { type: 1, offset: 0, filesz: 200 },
      { type: 4, offset: 180, filesz: 40, align: 4 },
    ],
    sections: [
      { name: '.note', type: 7, data: buildNote('GNU', 3, text('abcdefgh'), kind) },
      { name: '.dynstr', type: 3, data: text('\0libc.so\0') },
      { name: '.dynamic', type: 6, link: 2, data: dynamic.done() },
      { name: '.symtab', type: 2, link: 2, data: new Uint8Array(48).fill(4) },
      { name: '.comment', data: text('GCC\0') },
      { name: '.modinfo', data: text('a=b\0') },
      { name: '.gnu_debuglink', data: text('a\0\0\0crc!') },
      { name: '.debug_info', data: new Uint8Array(30).fill(3) },
    ],
  });
}

function readAll(bytes: Uint8Array): void {
  try {
    const elf = readElf(bufferAccess(bytes));
    assertPartition(elf);
    for (const note of readElfNotes(elf).notes) knownNote(elf, note);
    readElfDynamic(elf);
    elfInterpreter(elf);
    readElfSymbols(elf);
    readModinfo(elf);
    sectionStrings(elf, sectionNamed(elf, '.comment'));
    readDwarf(elf);
    readModuleSignature(elf.input);
    readDebugLink(elf);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}

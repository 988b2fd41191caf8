import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { FormatError } from '../../src/core/errors.js';
import { bufferAccess } from '../../src/core/random-access.js';
import { authenticodeExtents, peChecksum } from '../../src/formats/pe-checksum.js';
import { peRegions } from '../../src/formats/pe-regions.js';
import { ukiOf } from '../../src/formats/pe-uki.js';
import { isPe } from '../../src/formats/pe-headers.js';
import { readPe, type Pe } from '../../src/formats/pe.js';
import { mutations } from '../scrub/normalizers/mutations.js';
import { assertRegions } from './assert-regions.js';
import { buildPe } from './build-pe.js';

const bytes = (length: number, value: number): Buffer => Buffer.alloc(length, value);

/** Debug directory with CodeView, REPRO; resources of two levels; an export table: all in one section at 0x1000. */
function tables(): Buffer {
  const data = Buffer.alloc(512);
  const debug = (at: number, time: number, type: number, length: number, raw: number): void => {
    data.writeUInt32LE(time, at + 4);
    data.writeUInt32LE(type, at + 12);
    data.writeUInt32LE(length, at + 16);
    data.writeUInt32LE(1024 + raw, at + 24);
  };
  debug(0, 111, 2, 32, 64);
  debug(28, 222, 16, 4, 100);
  data.write('RSDS', 64, 'latin1');
  data.fill(0xab, 68, 84);
  data.writeUInt32LE(3, 84);
  data.write('a.pdb\0', 88, 'latin1');
  // Resources at 128: root -> id 16 -> leaf, and a name.
  data.writeUInt32LE(333, 128 + 4);
  data.writeUInt16LE(1, 128 + 12);
  data.writeUInt16LE(1, 128 + 14);
  data.writeUInt32LE(0x8000_0000 + 80, 128 + 16);
  data.writeUInt32LE(64, 128 + 20);
  data.writeUInt32LE(16, 128 + 24);
  data.writeUInt32LE(0x8000_0000 + 32, 128 + 28);
  data.writeUInt32LE(444, 128 + 32 + 4);
  data.writeUInt16LE(1, 128 + 32 + 14);
  data.writeUInt32LE(7, 128 + 48);
  data.writeUInt32LE(64, 128 + 52);
  data.writeUInt32LE(0x1000 + 300, 128 + 64);
  data.writeUInt32LE(5, 128 + 68);
  data.writeUInt16LE(2, 128 + 80);
  data.write('hi', 128 + 82, 'utf16le');
  data.writeUInt32LE(555, 256 + 4);
  data.writeUInt32LE(0x1000 + 296, 256 + 12);
  data.write('x.dll\0', 296, 'latin1');
  return data;
}

const rich = buildPe({
  time: 1_700_000_000,
  sections: [
    { name: '.text', content: tables() },
    { name: '.osrel', content: Buffer.from('ID=x\n') },
    { name: '.linux', content: bytes(700, 1), virtualSize: 699 },
    { name: '.initrd', content: bytes(3, 2) },
    { name: '.profile', content: Buffer.from('ID=main\n') },
    { name: '.cmdline', content: Buffer.from('quiet') },
    { name: '.profile', content: Buffer.from('ID=other\n') },
    { name: '.cmdline', content: Buffer.from('debug') },
    { name: '/4', content: bytes(1, 9) },
  ],
  strings: Buffer.from('.a-long-name\0'),
  directories: { 0: [0x1000 + 256, 40], 2: [0x1000 + 128, 100], 6: [0x1000, 56] },
  certificates: [bytes(13, 7), bytes(8, 8)],
  trailing: Buffer.from('behind'),
});
const narrow = buildPe({
  plus: false,
  stub: Buffer.alloc(0),
  sections: [{ name: 'a', content: bytes(600, 1) }],
});

/** Reads, or is a `FormatError`; the regions are a partition. */
function readOrRefuse(file: Uint8Array): Pe | null {
  const input = bufferAccess(file);
  let pe: Pe;
  try {
    pe = readPe(input);
  } catch (error) {
    assert.ok(error instanceof FormatError, String(error));
    return null;
  }
  assertRegions(file.length, peRegions(pe));
  ukiOf(pe);
  peChecksum(input, pe);
  authenticodeExtents(pe);
  return pe;
}

test('Every header, table and certificate of an image is read, with its place', () => {
  const pe = readPe(bufferAccess(rich));
  assert.deepEqual(pe.problems, []);
  assert.deepEqual(pe.coff.timeDateStamp, { offset: 88, length: 4, value: 1_700_000_000 });
  assert.equal(pe.optional?.kind, 'pe32+');
  assert.deepEqual(
    pe.debug.map(({ kind, header }) => [kind, header.timeDateStamp.value]),
    [
      ['codeview', 111],
      ['repro', 222],
    ],
  );
  assert.deepEqual(pe.debug[0]?.codeView, {
    form: 'RSDS',
    id: { offset: 1024 + 68, length: 16 },
    idHex: 'ab'.repeat(16),
    age: 3,
    path: 'a.pdb',
  });
  assert.deepEqual(
    pe.resources?.directories.map(({ path, header }) => [path, header.timeDateStamp.value]),
    [
      ['', 333],
      ['16', 444],
    ],
  );
  assert.deepEqual(
    pe.resources?.leaves.map(({ path, data }) => [path, data]),
    [
      ['hi', { offset: 1324, length: 5 }],
      ['16/7', { offset: 1324, length: 5 }],
    ],
  );
  assert.equal(pe.exports?.header.timeDateStamp.value, 555);
  assert.equal(pe.exports?.name, 'x.dll');
  assert.deepEqual(
    pe.certificates.map(({ kind, data, padding }) => [kind, data.length, padding.length]),
    [
      ['pkcs7', 13, 3],
      ['pkcs7', 8, 0],
    ],
  );
  assert.equal(pe.sections.at(-1)?.name, '.a-long-name');
});

test('Regions of an image cover it once and name sections, their padding, certificates and what follows', () => {
  const regions = peRegions(readPe(bufferAccess(rich)));
  assertRegions(rich.length, regions);
  const lengths = new Map(regions.map(({ name, length }) => [name, length]));
  assert.equal(lengths.get('.linux'), 699);
  assert.equal(lengths.get('padding of .linux'), 1024 - 699);
  assert.equal(lengths.get('.cmdline#2'), 5);
  assert.equal(lengths.get('dos-stub'), 16);
  assert.equal(lengths.get('string-table'), 17);
  assert.equal(lengths.get('certificate-table'), 40);
  assert.deepEqual([regions.at(-1)?.kind, regions.at(-1)?.length], ['trailing', 6]);
  const small = peRegions(readPe(bufferAccess(narrow)));
  assert.deepEqual(
    small.map(({ kind }) => kind),
    [
      'dos-header',
      'pe-signature',
      'coff-header',
      'optional-header',
      'data-directories',
      'section-table',
      'header-padding',
      'section',
      'section-padding',
    ],
  );
});

test('Sections of a unified kernel image are named by what they are, and by their profile', () => {
  const uki = ukiOf(readPe(bufferAccess(rich)));
  assert.equal(uki?.profileCount, 2);
  assert.deepEqual(
    uki?.sections.map(({ kind, profile, section }) => [kind, profile, section.key]),
    [
      ['osrel', null, '.osrel'],
      ['linux', null, '.linux'],
      ['initrd', null, '.initrd'],
      ['profile', 0, '.profile'],
      ['cmdline', 0, '.cmdline'],
      ['profile', 1, '.profile#2'],
      ['cmdline', 1, '.cmdline#2'],
    ],
  );
  assert.equal(ukiOf(readPe(bufferAccess(narrow))), null);
});

test('Sections that overlap, lie outside or have no raw data are dealt with in the order of the table', () => {
  const file = buildPe({
    sections: [
      { name: 'a', content: bytes(512, 1), pointer: 1100, rawSize: 100, virtualSize: 10 },
      { name: 'a', content: bytes(512, 2), pointer: 1024, rawSize: 512, virtualSize: 0 },
      { name: 'bss', content: bytes(0, 0), pointer: 0, rawSize: 4096 },
      { name: 'far', content: bytes(0, 0), pointer: 0xffff_fff0, rawSize: 0xffff_ffff },
      { name: 'head', content: bytes(0, 0), pointer: 1, rawSize: 200, virtualSize: 200 },
    ],
  });
  const pe = readPe(bufferAccess(file));
  const regions = peRegions(pe);
  assertRegions(file.length, regions);
  assert.deepEqual(
    regions
      .filter(({ kind }) => kind !== 'header-padding')
      .map(({ name, length }) => [name, length])
      .slice(-4),
    [
      ['a#2', 76],
      ['a', 10],
      ['a#2#2', 426],
      ['trailing', 512],
    ],
  );
  assert.deepEqual(
    pe.problems.map(({ offset }) => offset),
    [pe.sections[3]?.header.sizeOfRawData.offset],
  );
});

test('Images cut at any byte are refused or read with problems, never otherwise', () => {
  for (const sample of [rich, narrow])
    for (let length = 0; length < sample.length; length++) {
      const pe = readOrRefuse(sample.subarray(0, length));
      assert.ok(pe === null || length >= 64 + 24);
    }
});

test('Damaged images never break the parser, and their regions stay a partition', () => {
  for (const [i, sample] of [rich, narrow].entries())
    for (const mutant of mutations(sample.subarray(0, 2048), 5000, i + 1)) readOrRefuse(mutant);
});

test('Regions are a partition for any table of sections', () => {
  const section = fc.record({
    name: fc.constantFrom('.a', '.b', '.a#2', ''),
    content: fc.constant(new Uint8Array(1)),
    pointer: fc.nat(6000),
    rawSize: fc.nat(6000),
    virtualSize: fc.nat(6000),
  });
  fc.assert(
    fc.property(fc.array(section, { maxLength: 12 }), (sections) => {
      assert.ok(readOrRefuse(buildPe({ sections })) !== null);
    }),
  );
});

test('Counts that the file cannot hold cost nothing', () => {
  const file = Buffer.from(rich);
  file.writeUInt16LE(0xffff, 80 + 6);
  file.writeUInt32LE(0xffff_ffff, 80 + 24 + 108);
  file.writeUInt32LE(0xffff_ffff, 80 + 16);
  const pe = readOrRefuse(file);
  assert.ok(pe !== null && pe.problems.length > 0);
  const many = Buffer.concat([rich.subarray(0, 344), bytes(0xffff * 40, 0x11)]);
  many.writeUInt16LE(0xffff, 80 + 6);
  assert.equal(readOrRefuse(many)?.sections.length, 0xffff);
});

test('Resource directories that lead to one another end', () => {
  const data = tables();
  data.writeUInt32LE(0x8000_0000, 128 + 52);
  const file = buildPe({
    sections: [{ name: '.rsrc', content: data }],
    directories: { 2: [0x1000 + 128, 100] },
  });
  const pe = readPe(bufferAccess(file));
  assert.equal(pe.resources?.directories.length, 2);
  assert.equal(pe.problems.length, 1);
});

test('The checksum does not depend on its own field, and takes odd lengths', () => {
  for (const tail of [0, 1, 2, 3]) {
    const file = Buffer.concat([narrow, bytes(tail, 0xee)]);
    const before = peChecksum(bufferAccess(file), readPe(bufferAccess(file)));
    file.writeUInt32LE(0x1234_5678, 64 + 24 + 64);
    assert.equal(peChecksum(bufferAccess(file), readPe(bufferAccess(file))), before);
  }
});

test('Other files are no PE images', () => {
  for (const file of [Buffer.alloc(0), Buffer.from('MZ'), Buffer.alloc(4096, 0x4d)]) {
    assert.equal(isPe(bufferAccess(file)), false);
    assert.throws(() => readPe(bufferAccess(file)), FormatError);
  }
});

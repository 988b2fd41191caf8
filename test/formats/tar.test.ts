import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { FormatError } from '../../src/core/errors.js';
import { readTarHeader } from '../../src/formats/tar-header.js';
import { paxValue, readPaxRecords, writePaxRecords } from '../../src/formats/tar-pax.js';
import { tarEntryBlocks, type TarEntry } from '../../src/formats/tar-write.js';
import { isTar, tarMembers, type TarEnd, type TarMember } from '../../src/formats/tar.js';
import { base256, GNU, longName, paxHeader, tarArchive, tarMember } from './build-tar.js';

function read(bytes: Uint8Array): { members: TarMember[]; end: TarEnd } {
  const members: TarMember[] = [];
  const generator = tarMembers(bytes);
  for (let step = generator.next(); ; step = generator.next()) {
    if (step.done === true) return { members, end: step.value };
    members.push(step.value);
  }
}

test('A header gives every field with the way it is written', () => {
  const header = readTarHeader(
    tarMember({
      name: 'a',
      mode: '   644 \0',
      uid: base256(2n ** 31n, 8),
      gid: '\0\0\0\0\0\0\0\0',
      mtime: base256(-1n, 12),
      magic: GNU,
      uname: 'me',
      data: 'x',
    }),
    0,
  );
  assert.deepEqual(header.mode, { value: 0o644, form: 'octal', raw: '   644 \0' });
  assert.equal(header.uid.value, 2 ** 31);
  assert.equal(header.uid.form, 'base256');
  assert.equal(header.gid.form, 'blank');
  assert.equal(header.mtime.value, -1);
  assert.equal(header.dialect, 'gnu');
  assert.equal(header.uname, 'me');
  assert.equal(header.size.raw, '00000000001\0');
});

test('A checksum is right as unsigned or as signed sum', () => {
  const name = 'caf\xe9';
  assert.equal(readTarHeader(tarMember({ name }), 0).checksumKind, 'unsigned');
  assert.equal(readTarHeader(tarMember({ name, signedChecksum: true }), 0).checksumKind, 'signed');
  const wrong = tarMember({
    checksumText: (sum) => `${(sum + 1).toString(8).padStart(6, '0')}\0 `,
  });
  assert.throws(() => readTarHeader(wrong, 0), FormatError);
  assert.equal(isTar(wrong), false);
});

test('Names come from prefix, pax and GNU headers, and the last record counts', () => {
  const { members } = read(
    tarArchive([
      tarMember({ prefix: 'dir', name: 'a' }),
      longName('L', 'long'),
      longName('K', 'target'),
      tarMember({ name: 'short', typeflag: '2', linkname: 't', magic: GNU }),
      paxHeader([
        ['path', 'first'],
        ['path', 'second'],
        ['linkpath', ''],
      ]),
      tarMember({ name: 'b', typeflag: '1', linkname: 'kept' }),
    ]),
  );
  assert.deepEqual(
    members.map(({ path, linkTarget }) => [path, linkTarget]),
    [
      ['dir/a', ''],
      ['long', 'target'],
      ['second', 'kept'],
    ],
  );
  assert.deepEqual(
    members.map(({ extensions }) => extensions.map(({ kind }) => kind)),
    [[], ['long-name', 'long-link'], ['pax']],
  );
});

test('Data, padding and the end have their offsets', () => {
  const bytes = tarArchive([tarMember({ data: 'x'.repeat(513) }), tarMember({ data: 'y' })], 20);
  const { members, end } = read(bytes);
  assert.deepEqual(
    members.map(({ offset, dataOffset, dataBytes, end: after }) => [
      offset,
      dataOffset,
      dataBytes,
      after,
    ]),
    [
      [0, 512, 513, 1536],
      [1536, 2048, 1, 2560],
    ],
  );
  assert.equal(end.offset, 2560);
  assert.equal(end.zeroBlocks, 15);
  assert.equal(end.trailingOffset, null);
  const more = Buffer.concat([bytes, Buffer.from('x')]);
  assert.equal(read(more).end.trailingOffset, bytes.length);
});

test('A size record counts instead of the header', () => {
  const { members } = read(
    tarArchive([paxHeader([['size', '5']]), tarMember({ size: 0, data: 'hello' })]),
  );
  assert.equal(members[0]!.dataBytes, 5);
});

test('A sparse file has its map, whichever way it is written', () => {
  const regions = [
    { offset: 512, length: 5 },
    { offset: 1024, length: 0 },
  ];
  const old = tarMember({
    typeflag: 'S',
    magic: GNU,
    data: 'hole!',
    prefix: `${'\0'.repeat(41)}00000001000\x0000000000005\x0000000002000\x0000000000000\0${'\0'.repeat(49)}00000002000`,
  });
  const size = ['GNU.sparse.size', '1024'] as const;
  const pairs = paxHeader([
    size,
    ['GNU.sparse.offset', '512'],
    ['GNU.sparse.numbytes', '5'],
    ['GNU.sparse.offset', '1024'],
    ['GNU.sparse.numbytes', '0'],
  ]);
  const map = paxHeader([size, ['GNU.sparse.map', '512,5,1024,0']]);
  const inData = paxHeader([
    ['GNU.sparse.major', '1'],
    ['GNU.sparse.minor', '0'],
    ['GNU.sparse.realsize', '1024'],
  ]);
  const data = `2\n512\n5\n1024\n0\n`.padEnd(512, '\0') + 'hole!';
  const file = tarMember({ data: 'hole!' });
  const { members } = read(tarArchive([old, pairs, file, map, file, inData, tarMember({ data })]));
  assert.deepEqual(
    members.map(({ sparse }) => sparse),
    (['gnu', 'pax-0.0', 'pax-0.1', 'pax-1.0'] as const).map((kind) => ({
      kind,
      realSize: 1024,
      regions,
    })),
  );
});

test('A map that does not fit the data is refused', () => {
  for (const map of ['0,4', '0,6', '3,2,1,3', '1020,5', '1', 'x,5']) {
    const header = paxHeader([
      ['GNU.sparse.size', '1024'],
      ['GNU.sparse.map', map],
    ]);
    assert.throws(() => read(tarArchive([header, tarMember({ data: 'hole!' })])), FormatError, map);
  }
});

test('Records are read as they were written, any bytes in them', () => {
  const latin1 = fc.string({
    unit: fc.integer({ min: 0, max: 255 }).map((c) => String.fromCharCode(c)),
  });
  const key = latin1.filter((text) => text !== '' && !text.includes('='));
  fc.assert(
    fc.property(fc.array(fc.tuple(key, latin1)), (pairs) => {
      const records = pairs.map(([name, value]) => ({ key: name, value }));
      const bytes = writePaxRecords(records);
      const found = readPaxRecords(bytes, 0, bytes.length);
      assert.deepEqual(
        found.map(({ key: name, value }) => ({ key: name, value })),
        records,
      );
      for (const { key: name } of records)
        assert.equal(paxValue(found, name), records.findLast((r) => r.key === name)!.value || null);
    }),
  );
});

test('Records of a wrong length are refused', () => {
  for (const text of [
    '5 a=b\n',
    '7 a=b\n',
    '06 a=b\n',
    ' 6 a=b\n',
    '6 ab\n\n',
    '6 =ab\n',
    '3 \n',
    'a=b\n',
  ])
    assert.throws(() => readPaxRecords(Buffer.from(text), 0, text.length), FormatError, text);
});

test('What is written is read again, whatever does not fit a header', () => {
  const name = fc.stringMatching(/^[a-z\xe9]{1,120}(?:\/[a-z]{1,120}){0,3}$/);
  const entry = fc.record({
    path: name,
    linkTarget: fc.constant(''),
    typeflag: fc.constant('0'),
    mode: fc.integer({ min: 0, max: 0o7777 }),
    uid: fc.integer({ min: 0, max: 2 ** 32 }),
    gid: fc.integer({ min: 0, max: 2 ** 32 }),
    size: fc.constant(0),
    mtime: fc.integer({ min: -(2 ** 40), max: 2 ** 40 }).map(String),
    devmajor: fc.constant(0),
    devminor: fc.constant(0),
    records: fc.constant([{ key: 'comment', value: 'x' }]),
    recordPath: fc.boolean(),
    recordLink: fc.constant(false),
    headerName: fc.constant(null),
    gnuTail: fc.constant(null),
  });
  fc.assert(
    fc.property(entry, (written: TarEntry) => {
      const [member] = read(Buffer.concat([tarEntryBlocks(written), Buffer.alloc(1024)])).members;
      const records = member!.extensions.flatMap((e) => ('records' in e ? e.records : []));
      const value = (key: 'uid' | 'gid' | 'mtime'): string =>
        paxValue(records, key) ?? String(member!.header[key].value);
      assert.equal(member!.path, written.path);
      assert.equal(member!.header.mode.value, written.mode);
      assert.deepEqual(
        [value('uid'), value('gid'), value('mtime')],
        [String(written.uid), String(written.gid), written.mtime],
      );
    }),
  );
});

test('Cut anywhere, an archive gives FormatErrors with offsets and nothing else', () => {
  const bytes = tarArchive([
    paxHeader([['path', 'a']]),
    tarMember({ data: 'content' }),
    longName('L', 'b'),
    tarMember({ magic: GNU }),
  ]);
  for (let length = 0; length < bytes.length; length++)
    try {
      read(bytes.subarray(0, length));
    } catch (error) {
      assert.ok(error instanceof FormatError, String(error));
      assert.ok(error.offset <= length);
    }
});

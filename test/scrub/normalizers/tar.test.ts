import assert from 'node:assert/strict';
import { test } from 'node:test';

import { tarChecksum } from '../../../src/formats/tar-header.js';
import { normalizeTar, tar } from '../../../src/scrub/normalizers/tar.js';
import {
  base256,
  GNU,
  longName,
  paxHeader,
  tarArchive,
  tarMember,
  type TarFields,
} from '../../formats/build-tar.js';
import { proveNormalizer, type Pair, type Sample } from './harness.js';
import { mutations } from './mutations.js';
import { tarContent } from './tar-content.js';

const EPOCH = 1_600_000_000;
const LATE = EPOCH + 1000;
const LONG = `${'d'.repeat(90)}/${'e'.repeat(90)}/${'f'.repeat(90)}`;
const SPLIT = `${'d'.repeat(90)}/${'f'.repeat(90)}`;

const file = (fields: TarFields = {}): Buffer => tarMember({ data: 'content', ...fields });
const one = (fields: TarFields = {}, blocks = 1): Buffer => tarArchive([file(fields)], blocks);
const sample = (title: string, bytes: Uint8Array): Sample => ({
  title,
  name: 'a.tar',
  bytes,
  sourceDateEpoch: EPOCH,
});
const pair = (title: string, before: Uint8Array, after: Uint8Array): Pair => ({
  ...sample(title, before),
  before,
  after,
});

const linked = [
  file({ name: 'z' }),
  tarMember({ name: 'b', typeflag: '1', linkname: 'z' }),
  tarMember({ name: 'a', typeflag: '1', linkname: 'z' }),
];
const gnuSparse = tarMember({
  name: 'sparse',
  typeflag: 'S',
  magic: GNU,
  mode: 0o100644,
  mtime: LATE,
  data: 'hole!',
  // atime, ctime, offset, names, then pairs of offset and length, and the size with holes.
  prefix: `${'00000000001\0'.repeat(2)}${'\0'.repeat(17)}00000001000\x0000000000005\x0000000002000\x0000000000000\0${'\0'.repeat(49)}00000002000`,
});
const paxSparse = Buffer.concat([
  paxHeader(
    [
      ['GNU.sparse.major', '1'],
      ['GNU.sparse.minor', '0'],
      ['GNU.sparse.name', 'dir/sparse'],
      ['GNU.sparse.realsize', '1024'],
    ],
    { name: 'dir/PaxHeaders.31208/sparse' },
  ),
  tarMember({
    name: 'dir/GNUSparseFile.31208/sparse',
    data: `1\n512\n5\n${'\0'.repeat(504)}hole!`,
  }),
]);

proveNormalizer({
  normalizer: tar,
  samples: [
    sample('file type in the mode', one({ mode: 0o100644 })),
    sample('names of owners', one({ uname: 'builder', gname: 'users', uid: 1000, gid: 100 })),
    sample(
      'old GNU, long name and target',
      tarArchive([
        longName('L', LONG),
        file({ name: LONG, magic: GNU }),
        longName('K', LONG),
        tarMember({ name: 'link', typeflag: '2', linkname: LONG.slice(0, 100), magic: GNU }),
      ]),
    ),
    sample(
      'v7, a directory and a file',
      tarArchive([
        tarMember({ name: 'dir/', magic: '', typeflag: '\0' }),
        file({ name: 'dir/file', magic: '', typeflag: '\0', mtime: LATE }),
      ]),
    ),
    sample(
      'pax records of all kinds',
      tarArchive([
        paxHeader(
          [
            ['mtime', `${LATE}.5`],
            ['atime', '1.25'],
            ['ctime', '1.25'],
            ['SCHILY.xattr.user.b', 'x\0\n=y'],
            ['LIBARCHIVE.creationtime', '7'],
            ['SCHILY.xattr.user.a', '1'],
            ['path', 'caf\xc3\xa9'],
          ],
          { name: './PaxHeaders.4711/file', mtime: LATE },
        ),
        file({ name: 'caf' }),
      ]),
    ),
    sample('a sparse file of old GNU', tarArchive([gnuSparse])),
    sample('a sparse file of pax 1.0', tarArchive([paxSparse])),
    sample('hard links before their order', tarArchive(linked)),
    sample(
      'a device',
      tarArchive([
        tarMember({ name: 'null', typeflag: '3', mode: 0o20666, devmajor: 1, devminor: 3 }),
      ]),
    ),
    sample('two blocks at the end', one()),
    sample(
      'a name twice',
      tarArchive([file({ name: 'b' }), file({ name: 'a' }), file({ name: 'b', data: 'newer' })], 1),
    ),
  ],
  normal: [
    sample('one file', one({}, 20)),
    sample('a commit of git', tarArchive([gitHeader(), file({ name: 'p/a' })], 20)),
    sample(
      'an owner that only a record holds',
      tarArchive([paxHeader([['uid', '3000000']]), file()], 20),
    ),
  ],
  left: [
    sample('no end', file()),
    sample('one block at the end', Buffer.concat([file(), Buffer.alloc(512)])),
    sample('data behind the end', Buffer.concat([one(), Buffer.from('more')])),
    sample(
      'a wrong checksum later',
      tarArchive([file(), file({ checksumText: () => '000001\0 ' })]),
    ),
    sample('an unknown type', tarArchive([file(), file({ typeflag: 'V' })])),
    sample(
      'an incremental archive',
      tarArchive([tarMember({ name: 'd/', typeflag: 'D', magic: GNU })]),
    ),
    sample('star', one({ tail: '\0\0\0\0\0\0\0\0tar\0' })),
    sample('a record of an unknown kind', tarArchive([paxHeader([['VENDOR.x', '1']]), file()])),
    sample(
      'a global header with values',
      tarArchive([paxHeader([['uid', '5']], { typeflag: 'g' }), file()]),
    ),
    sample(
      'a hard link with data',
      tarArchive([tarMember({ typeflag: '1', linkname: 'x', size: 7 })]),
    ),
  ],
  pairs: [
    pair('mode: Go and GNU', one({ mode: 0o100644 }), one({ mode: 0o644 })),
    pair('mode: digits', one({ mode: '   644 \0' }), one({ mode: '0000644\0' })),
    pair('uname', one({ uname: 'alice' }), one({ uname: 'bob' })),
    pair('gname', one({ gname: 'alice' }), one({ gname: '' })),
    pair('mtime', one({ mtime: LATE }), one({ mtime: LATE + 5 })),
    pair(
      'mtime: base-256',
      one({ mtime: base256(9n, 12), magic: GNU }),
      one({ mtime: 9, magic: GNU }),
    ),
    pair('uid: base-256', one({ uid: base256(9n, 8) }), one({ uid: 9 })),
    pair('size: terminator', one({ size: '00000000007 ' }), one()),
    pair(
      'checksum: form',
      one({ checksumText: (n) => `0${n.toString(8).padStart(6, '0')}\0` }),
      one(),
    ),
    pair(
      'checksum: signed',
      one({ name: 'caf\xe9', signedChecksum: true }),
      one({ name: 'caf\xe9' }),
    ),
    pair('magic: GNU and ustar', one({ magic: GNU }), one()),
    pair('magic: v7 and ustar', one({ magic: '', typeflag: '\0' }), one()),
    pair('typeflag of a file', one({ typeflag: '\0' }), one({ typeflag: '0' })),
    pair('devmajor of a file', one({ devmajor: 8 }), one()),
    pair('devminor of a file: blank', one({ devminor: '' }), one()),
    pair('linkname of a file', one({ linkname: 'rest' }), one()),
    pair('padding', one({ padding: 0x55 }), one()),
    pair('end of the archive', one({}, 1), one({}, 20)),
    pair('GNU access time', one({ magic: GNU, prefix: '00000000017\0' }), one({ magic: GNU })),
    pair('prefix and pax', ...asPrefixAndPax(SPLIT)),
    pair('long names: GNU and pax', ...asGnuAndPax(LONG)),
    pair(
      'slash of a directory',
      tarArchive([tarMember({ name: 'd', typeflag: '5' })]),
      tarArchive([tarMember({ name: 'd/', typeflag: '5' })]),
    ),
    ...[
      'atime',
      'ctime',
      'LIBARCHIVE.creationtime',
      'SCHILY.dev',
      'SCHILY.ino',
      'SCHILY.nlink',
    ].map((key) => pair(`record ${key}`, withRecords([[key, '1']]), withRecords([[key, '2']]))),
    pair(
      'record mtime',
      withRecords([['mtime', `${LATE}.1`]]),
      withRecords([['mtime', `${LATE}.2`]]),
    ),
    pair(
      'order of records',
      withRecords([
        ['SCHILY.xattr.user.a', '1'],
        ['SCHILY.xattr.user.b', '2'],
      ]),
      withRecords([
        ['SCHILY.xattr.user.b', '2'],
        ['SCHILY.xattr.user.a', '1'],
      ]),
    ),
    pair(
      'process id in the name of a header',
      withRecords([['comment', 'x']], './PaxHeaders.1/file'),
      withRecords([['comment', 'x']], './PaxHeaders.22/file'),
    ),
    pair(
      'order of members',
      tarArchive([
        file({ name: 'd/', typeflag: '5', data: '' }),
        file({ name: 'd/x' }),
        file({ name: 'd.c' }),
      ]),
      tarArchive([
        file({ name: 'd.c' }),
        file({ name: 'd/x' }),
        file({ name: 'd/', typeflag: '5', data: '' }),
      ]),
    ),
    pair(
      'which name of a linked file comes first',
      tarArchive(linked),
      tarArchive([
        file({ name: 'b' }),
        tarMember({ name: 'a', typeflag: '1', linkname: 'b' }),
        tarMember({ name: 'z', typeflag: '1', linkname: 'b' }),
      ]),
    ),
  ],
  content: tarContent,
  outside: [{ command: ['tar', 'tvf'] }, { command: ['bsdtar', 'tvf'] }],
});

test('tar: mutants whose checksums are right again are left or keep their content', () => {
  const archives = [
    one({ magic: GNU, mode: 0o100644, uname: 'builder' }),
    tarArchive([...linked, gnuSparse]),
    tarArchive([paxSparse, paxHeader([['path', LONG]]), file({ name: 'f' })]),
    tarArchive([
      longName('L', LONG),
      file({ magic: GNU }),
      tarMember({ name: 'd/', typeflag: '5' }),
    ]),
  ];
  let changed = 0;
  for (const [seed, archive] of archives.entries())
    for (const mutant of mutations(archive, 2500, seed + 100)) {
      const bytes = repaired(mutant);
      const input = { bytes, name: 'a.tar', sourceDateEpoch: EPOCH };
      const result = tar.normalize(input);
      if (result.kind !== 'changed') continue;
      changed++;
      const where = Buffer.from(bytes).toString('base64');
      assert.equal(tar.normalize({ ...input, bytes: result.bytes }).kind, 'normal', where);
      assert.deepEqual(tarContent(result.bytes), tarContent(bytes), where);
    }
  assert.ok(changed > 2000, `only ${changed} of the mutants were changed`);
});

test('tar: without SOURCE_DATE_EPOCH times stay, fractions too', () => {
  const bytes = withRecords([['mtime', `${LATE}.500`]]);
  const result = tar.normalize({ bytes, name: 'a.tar', sourceDateEpoch: null });
  assert.ok(result.kind === 'changed');
  assert.ok(Buffer.from(result.bytes).includes(`mtime=${LATE}.5\n`));
});

test('tar: a time before SOURCE_DATE_EPOCH stays, also one before 1970', () => {
  for (const mtime of [EPOCH - 5, base256(-5n, 12)]) {
    const result = tar.normalize({
      bytes: one({ mtime, magic: GNU }),
      name: 'a.tar',
      sourceDateEpoch: EPOCH,
    });
    assert.ok(result.kind === 'changed');
    const text = Buffer.from(result.bytes).toString('latin1');
    assert.ok(
      typeof mtime === 'number' ? text.includes(mtime.toString(8)) : text.includes('mtime=-5\n'),
    );
  }
});

test('tar: owners stay, but for archives that say they are a release', () => {
  const archive = (...names: string[]): Buffer =>
    tarArchive(names.map((name) => file({ name, uid: 1000, gid: 100 })));
  const ownersOf = (bytes: Uint8Array, name: string, owners?: 'keep' | 'root'): string => {
    const result = normalizeTar(
      { bytes, name, sourceDateEpoch: null },
      owners === undefined ? {} : { owners },
    );
    const out = Buffer.from(result.kind === 'changed' ? result.bytes : bytes);
    assert.notEqual(result.kind, 'left');
    return out.toString('latin1', 108, 123).replaceAll('\0', ' ');
  };
  const [kept, root] = ['0001750 0000144', '0000000 0000000'];
  assert.equal(ownersOf(archive('home/app/file'), 'layer.tar'), kept);
  assert.equal(ownersOf(archive('package/index.js', 'package/package.json'), 'x.tgz'), root);
  assert.equal(ownersOf(archive('x-1.0/PKG-INFO', 'x-1.0/x.py'), 'any.tar'), root);
  assert.equal(ownersOf(archive('x-1.0/Makefile'), 'x-1.0.tar'), root);
  assert.equal(ownersOf(archive('x-1.0/Makefile'), 'y-1.0.tar'), kept);
  assert.equal(ownersOf(archive('x-1.0/Makefile'), 'y-1.0.tar', 'root'), root);
  assert.equal(ownersOf(archive('x-1.0/PKG-INFO'), 'x.tar', 'keep'), kept);
});

test('tar: archives whose content differs stay different', () => {
  const xattr = (value: string): Buffer => withRecords([['SCHILY.xattr.user.a', value]]);
  const device = (devminor: number): Buffer =>
    tarArchive([tarMember({ typeflag: '3', devmajor: 1, devminor })]);
  const symlink = (linkname: string): Buffer =>
    tarArchive([tarMember({ typeflag: '2', linkname })]);
  const [z, b] = linked as [Buffer, Buffer];
  const pairs: readonly (readonly [Buffer, Buffer])[] = [
    [one({ data: 'content1' }), one({ data: 'content2' })],
    [one({ mode: 0o644 }), one({ mode: 0o4644 })],
    [one({ uid: 1 }), one({ uid: 2 })],
    [one({ gid: 1 }), one({ gid: 2 })],
    [one({ name: 'a' }), one({ name: './a' })],
    [one({ mtime: EPOCH - 1 }), one({ mtime: EPOCH - 2 })],
    [symlink('a'), symlink('a/')],
    [device(3), device(5)],
    [xattr('1'), xattr('2')],
    [xattr('1'), one()],
    // Of two members of one name the later counts.
    [
      tarArchive([file({ data: '1' }), file({ data: '2' })]),
      tarArchive([file({ data: '2' }), file({ data: '1' })]),
    ],
    // A link and a copy.
    [tarArchive([z, b]), tarArchive([z, file({ name: 'b' })])],
    [tarArchive([gnuSparse]), tarArchive([file({ name: 'sparse', data: 'hole!' })])],
    [one({ typeflag: '0', data: '' }), one({ typeflag: '6', data: '' })],
    [
      tarArchive([file({ name: 'd/y' }), file({ name: 'd/.wh.y' })]),
      tarArchive([file({ name: 'd/.wh.y' }), file({ name: 'd/y' })]),
    ],
  ];
  for (const [i, pairOfTwo] of pairs.entries()) {
    const [x, y] = pairOfTwo.map((bytes) => {
      const result = tar.normalize({ bytes, name: 'a.tar', sourceDateEpoch: EPOCH });
      assert.notEqual(result.kind, 'left', `pair ${i}`);
      return Buffer.from(result.kind === 'changed' ? result.bytes : bytes);
    });
    assert.notDeepEqual(x, y, `pair ${i}`);
  }
});

test('tar: a whiteout comes first in its directory, and stays where it hides a sibling', () => {
  const names = (...list: string[]): string[] => {
    const bytes = tarArchive(list.map((name) => file({ name })));
    const result = tar.normalize({ bytes, name: 'a.tar', sourceDateEpoch: null });
    assert.notEqual(result.kind, 'left');
    const out = Buffer.from(result.kind === 'changed' ? result.bytes : bytes);
    return list.map((_, i) =>
      out.toString('latin1', i * 1024, i * 1024 + 100).replace(/\0.*/s, ''),
    );
  };
  assert.deepEqual(names('d/+x', 'd/.wh.y', 'c'), ['c', 'd/.wh.y', 'd/+x']);
  assert.deepEqual(names('d/y/z', 'd/.wh.y', 'c'), ['d/y/z', 'd/.wh.y', 'c']);
  assert.deepEqual(names('d/z', 'd/.wh..wh..opq'), ['d/.wh..wh..opq', 'd/z']);
});

test('tar: order stays where links differ from their file, or a path leads through one', () => {
  const orders: readonly Buffer[][] = [
    [file({ name: 'z' }), tarMember({ name: 'a', typeflag: '1', linkname: 'z', mode: 0o600 })],
    [
      tarMember({ name: 'z', typeflag: '2', linkname: 'y' }),
      file({ name: 'z/a' }),
      file({ name: 'b' }),
    ],
    [tarMember({ name: 'b', typeflag: '1', linkname: 'elsewhere' }), file({ name: 'a' })],
    [file({ name: 'b' }), file({ name: '../a' })],
  ];
  for (const members of orders)
    assert.deepEqual(
      tar.normalize({ bytes: tarArchive(members, 20), name: 'a.tar', sourceDateEpoch: null }),
      { kind: 'normal' },
    );
});

/** Gives every block that looks like a header its checksum. */
function repaired(mutant: Uint8Array): Uint8Array {
  for (let at = 0; at + 512 <= mutant.length; at += 512) {
    const block = Buffer.from(mutant.buffer, mutant.byteOffset + at, 512);
    if (!/^[0-7]{6}\0 $/.test(block.toString('latin1', 148, 156))) continue;
    block.write(`${tarChecksum(block).toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  }
  return mutant;
}

function gitHeader(): Buffer {
  return paxHeader([['comment', 'a'.repeat(40)]], {
    typeflag: 'g',
    name: 'pax_global_header',
    mode: 0o666,
  });
}

function withRecords(
  records: readonly (readonly [string, string])[],
  name = './PaxHeaders/file',
): Buffer {
  return tarArchive([paxHeader(records, { name }), file()]);
}

function asPrefixAndPax(path: string): [Buffer, Buffer] {
  const slash = path.indexOf('/');
  const split = { prefix: path.slice(0, slash), name: path.slice(slash + 1) };
  return [
    tarArchive([file(split)]),
    tarArchive([paxHeader([['path', path]]), file({ name: path.slice(0, 100) })]),
  ];
}

function asGnuAndPax(path: string): [Buffer, Buffer] {
  const name = path.slice(0, 100);
  return [
    tarArchive([longName('L', path), file({ name, magic: GNU })]),
    tarArchive([paxHeader([['path', path]]), file({ name })]),
  ];
}

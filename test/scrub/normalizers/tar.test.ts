import { tar } from '../../../src/scrub/normalizers/tar.js';
import {
  base256,
  GNU,
  longName,
  paxHeader,
  tarArchive,
  tarMember,
} from '../../formats/build-tar.js';
import { proveNormalizer, type Pair, type Sample } from './harness.js';
import { tarContent } from './tar-content.js';
import {
  EPOCH,
  LATE,
  LONG,
  SPLIT,
  file,
  one,
  linked,
  gnuSparse,
  paxSparse,
  withRecords,
} from './tar-samples.js';

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
function gitHeader(): Buffer {
  return paxHeader([['comment', 'a'.repeat(40)]], {
    typeflag: 'g',
    name: 'pax_global_header',
    mode: 0o666,
  });
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

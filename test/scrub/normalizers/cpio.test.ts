import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FormatError } from '../../../src/core/errors.js';
import { cpioMembers } from '../../../src/formats/cpio.js';
import { cpio } from '../../../src/scrub/normalizers/cpio.js';
import { cpioArchive, type CpioDialectName, type CpioFields } from '../../formats/build-cpio.js';
import { proveNormalizer, type Pair, type Sample } from './harness.js';

const EPOCH = 1_600_000_000;
const LATE = EPOCH + 1000;
const DIALECTS: readonly CpioDialectName[] = ['newc', 'crc', 'odc', 'bin-le', 'bin-be'];

const sample = (title: string, bytes: Uint8Array): Sample => ({
  title,
  name: 'a.cpio',
  bytes,
  sourceDateEpoch: EPOCH,
});
const pairOf = (
  title: string,
  dialect: CpioDialectName,
  before: readonly CpioFields[],
  after: readonly CpioFields[],
): Pair => ({
  ...sample(`${dialect}: ${title}`, Buffer.alloc(0)),
  before: cpioArchive(dialect, before),
  after: cpioArchive(dialect, after),
});

const tree = (seed: number): CpioFields[] => [
  { name: 'dir', mode: 0o40755, ino: seed, nlink: 3, mtime: LATE, dev: 5 },
  { name: 'dir/a', ino: seed + 1, nlink: 2, mtime: LATE, dev: 5 },
  { name: 'dir/b', ino: seed + 1, nlink: 2, mtime: LATE, data: 'linked', dev: 5 },
  { name: 'null', mode: 0o20666, ino: seed + 2, rdev: 3, mtime: 7, dev: 5 },
  { name: 'to', mode: 0o120777, ino: seed + 3, data: 'dir/a', mtime: LATE, dev: 5 },
];
const microcode = cpioArchive('newc', [{ name: 'kernel', data: 'code', ino: 99 }], 512);

proveNormalizer({
  normalizer: cpio,
  samples: [
    ...DIALECTS.map((dialect) => sample(`a tree, ${dialect}`, cpioArchive(dialect, tree(40)))),
    sample('two archives', Buffer.concat([microcode, cpioArchive('newc', tree(7), 512)])),
    sample('two dialects', Buffer.concat([microcode, cpioArchive('odc', tree(7))])),
    sample('lower case', cpioArchive('newc', [{ data: 'x', mtime: 0xabc, lowerCase: true }])),
  ],
  normal: [sample('one file', cpioArchive('newc', [{ data: 'x' }]))],
  left: [
    sample('a compressed archive behind', Buffer.concat([microcode, Buffer.from('\x1f\x8b\x08')])),
    sample('no trailer', microcode.subarray(0, 120)),
    sample('a digit that is none', Buffer.from(microcode).fill('g', 20, 21)),
  ],
  pairs: [
    ...DIALECTS.flatMap((dialect) => [
      pairOf('c_ino', dialect, [{ ino: 3 }], [{ ino: 4 }]),
      pairOf('c_ino of linked files', dialect, tree(10), tree(500)),
      pairOf('c_mtime', dialect, [{ mtime: LATE }], [{ mtime: LATE + 9 }]),
      pairOf('c_dev', dialect, [{ dev: 1 }], [{ dev: 2 }]),
      pairOf('c_rdev of a file', dialect, [{ rdev: 1 }], [{ rdev: 2 }]),
      pairOf(
        'c_nlink of a directory',
        dialect,
        [{ mode: 0o40755, nlink: 2 }],
        [{ mode: 0o40755, nlink: 9 }],
      ),
      pairOf('c_nlink of names outside', dialect, [{ nlink: 4 }], [{}]),
    ]),
    pairOf('c_devmajor', 'newc', [{ devmajor: 1 }], [{}]),
    pairOf('c_check', 'newc', [{ check: 1 }], [{}]),
    pairOf('digits', 'newc', [{ mtime: 0xabc, lowerCase: true }], [{ mtime: 0xabc }]),
    pairOf('padding', 'newc', [{ data: 'x', padding: 1 }], [{ data: 'x' }]),
  ],
  content,
  outside: [
    {
      command: ['sh', '-c', 'cpio -it <"$1" >/dev/null', 'sh'],
      // GNU cpio stops at the first trailer, and says so.
      reads: ({ title }) => !title.startsWith('two'),
    },
    { command: ['bsdcpio', '-itvF'] },
  ],
});

test('cpio: names that shared an inode share the new one, others do not', () => {
  const result = cpio.normalize({
    bytes: cpioArchive('newc', [...tree(1), { name: 'c', ino: 2 }, { name: 'd', ino: 2 }]),
    name: 'a.cpio',
    sourceDateEpoch: null,
  });
  assert.ok(result.kind === 'changed');
  assert.deepEqual(
    [...cpioMembers(result.bytes)].map(({ header }) => [header.ino, header.nlink, header.mtime]),
    [
      [1, 2, LATE],
      [2, 2, LATE],
      [2, 2, LATE],
      [3, 1, 7],
      [4, 1, LATE],
      [5, 1, 0],
      [6, 1, 0],
      [0, 1, 0],
    ],
  );
});

test('cpio: archives whose content differs stay different', () => {
  const linkedTo = (nlink: number): CpioFields[] => [
    { name: 'a', ino: 5, nlink },
    { name: 'b', ino: 5, nlink, data: 'x' },
  ];
  const pairs: readonly (readonly [CpioFields[], CpioFields[]])[] = [
    [[{ data: '1' }], [{ data: '2' }]],
    [[{ mode: 0o100644 }], [{ mode: 0o100600 }]],
    [[{ uid: 1 }], [{ uid: 2 }]],
    [[{ gid: 1 }], [{ gid: 2 }]],
    [[{ name: 'a' }], [{ name: 'b' }]],
    [[{ mode: 0o20666, rdev: 1 }], [{ mode: 0o20666, rdev: 2 }]],
    [
      [{ name: 'a' }, { name: 'b' }],
      [{ name: 'b' }, { name: 'a' }],
    ],
    [linkedTo(2), linkedTo(1)],
  ];
  for (const dialect of DIALECTS)
    for (const [i, pairOfTwo] of pairs.entries()) {
      const [x, y] = pairOfTwo.map((members) => {
        const bytes = cpioArchive(dialect, members);
        const result = cpio.normalize({ bytes, name: 'a.cpio', sourceDateEpoch: EPOCH });
        return Buffer.from(result.kind === 'changed' ? result.bytes : bytes);
      });
      assert.notDeepEqual(x, y, `${dialect}, pair ${i}`);
    }
});

/** Everything but what may vary; which names are one file, as numbers in order of appearance. */
function content(bytes: Uint8Array): unknown {
  const seen = new Map<string, number>();
  try {
    return [...cpioMembers(bytes)].map(
      ({ header, path, dialect, dataOffset, archive, isTrailer }) => {
        const { mode, uid, gid, nlink, ino, devmajor, devminor, rdevmajor, rdevminor } = header;
        const type = mode & 0o170000;
        const key =
          nlink > 1 && type !== 0o40000
            ? `${archive} ${devmajor} ${devminor} ${ino} ${type}`
            : `${seen.size}`;
        if (!seen.has(key)) seen.set(key, seen.size);
        const isDevice = type === 0o20000 || type === 0o60000;
        return {
          path,
          dialect,
          archive,
          about: isTrailer ? null : [mode, uid, gid, seen.get(key)],
          device: isDevice && !isTrailer ? [rdevmajor, rdevminor] : null,
          data: Buffer.from(bytes.subarray(dataOffset, dataOffset + header.sizeBytes)).toString(
            'hex',
          ),
        };
      },
    );
  } catch (error) {
    if (error instanceof FormatError) return null;
    throw error;
  }
}

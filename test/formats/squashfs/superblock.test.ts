import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { FormatError } from '../../../src/core/errors.js';
import { bufferAccess } from '../../../src/core/random-access.js';
import { readSquashfs, type SquashfsSuperblock } from '../../../src/formats/squashfs/superblock.js';
import { needs } from '../../helpers/oracle.js';
import { squashfsSample } from '../build-squashfs.js';
import { proveFlips, proveMutations, proveTruncation } from '../prove-parser.js';

const read = (bytes: Uint8Array): SquashfsSuperblock => readSquashfs(bufferAccess(bytes));

test('time, compressor, flags and tables are told', () => {
  const { account, dataStart, ...found } = read(squashfsSample());
  assert.deepEqual(account.problems, []);
  assert.deepEqual(
    [found.mkfsTime, found.compressor, found.flags],
    [1_767_225_700, 'gzip', ['duplicates', 'exportable', 'compressor-options']],
  );
  const options = account.fields.filter(({ name }) => name.startsWith('options.'));
  assert.deepEqual(
    options.map(({ name, value }) => [name, value]),
    [
      ['options.header', 0x8008],
      ['options.level', 9],
      ['options.window', 15],
      ['options.strategies', 1],
    ],
  );
  assert.equal(dataStart, 106);
});

test('an image stands cuts, flips and mutations', () => {
  proveTruncation(squashfsSample(), read);
  proveFlips(squashfsSample(), read);
  proveMutations(squashfsSample(), read);
});

test('other files are refused', () => {
  assert.throws(() => read(Buffer.alloc(200)), FormatError);
  assert.throws(() => read(Buffer.from('sqsh')), FormatError);
});

for (const [compressor, options] of [
  ['gzip', []],
  ['xz', ['-Xbcj', 'x86']],
  ['zstd', ['-Xcompression-level', '5']],
  ['gzip', ['-no-xattrs', '-no-fragments', '-noI']],
] as const)
  test(
    `unsquashfs tells the same of an image of mksquashfs with ${compressor} ${options.join(' ')}`,
    { skip: needs('mksquashfs', 'unsquashfs') },
    (t) => {
      const root = mkdtempSync(join(tmpdir(), 'squashfs-'));
      t.after(() => rmSync(root, { recursive: true, force: true }));
      mkdirSync(join(root, 'in'));
      for (const name of ['a', 'b', 'c']) writeFileSync(join(root, 'in', name), name.repeat(1000));
      const image = join(root, 'image');
      execFileSync(
        'mksquashfs',
        [
          join(root, 'in'),
          image,
          '-comp',
          compressor,
          ...options,
          '-mkfs-time',
          '1600000000',
          '-quiet',
          '-no-progress',
        ],
        { stdio: 'ignore' },
      );
      const bytes = readFileSync(image);
      const found = read(bytes);
      assert.deepEqual(found.account.problems, []);
      const told = execFileSync('unsquashfs', ['-s', image], { encoding: 'utf8' });
      const number = (label: RegExp): number => Number(label.exec(told)?.[1]);
      assert.equal(found.mkfsTime, 1600000000);
      assert.equal(found.compressor, /Compression (\w+)/.exec(told)?.[1]);
      assert.equal(found.blockSize, number(/Block size (\d+)/));
      assert.equal(found.inodeCount, number(/Number of inodes (\d+)/));
      assert.equal(found.idCount, number(/Number of ids (\d+)/));
      assert.equal(found.fragmentCount, number(/Number of fragments (\d+)/));
      assert.equal(found.bytesUsed, number(/Filesystem size (\d+) bytes/));
      assert.equal(found.flags.includes('duplicates'), told.includes('Duplicates are removed'));
      assert.equal(found.flags.includes('exportable'), told.includes('is exportable via NFS'));
      assert.equal(found.flags.includes('no-xattrs'), told.includes('Xattrs are not stored'));
      assert.equal(
        found.flags.includes('uncompressed-inodes'),
        told.includes('Inodes are uncompressed'),
      );
      proveFlips(bytes, read, 5);
    },
  );

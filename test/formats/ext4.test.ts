import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { FormatError } from '../../src/core/errors.js';
import { bufferAccess } from '../../src/core/random-access.js';
import { readExt4, type Ext4Image } from '../../src/formats/ext4.js';
import { needs } from '../helpers/oracle.js';
import { ext4Sample } from './build-ext4.js';
import { proveFlips, proveMutations, proveTruncation } from './prove-parser.js';

const read = (bytes: Uint8Array): Ext4Image => readExt4(bufferAccess(bytes));

test('times, uuid, names and kind are told', () => {
  const found = read(ext4Sample());
  assert.deepEqual(found.account.problems, []);
  assert.deepEqual(
    [
      found.kind,
      found.uuid,
      found.volumeName,
      found.lastMounted,
      found.blockSize,
      found.groupCount,
    ],
    ['ext2', '00112233-4455-6677-8899-aabbccddeeff', 'root', '/mnt', 1024, 1],
  );
  assert.equal(found.times.made, 1700000000 + 2 ** 32);
  assert.equal(
    found.account.fields.reduce((sum, { length }) => sum + length, 0),
    1024,
  );
});

test('an image stands cuts, flips and mutations', () => {
  proveTruncation(ext4Sample(), read, 11);
  proveFlips(ext4Sample(), read, 3);
  proveMutations(ext4Sample(), read);
});

test('other files are refused', () => {
  assert.throws(() => read(Buffer.alloc(3000)), FormatError);
});

for (const kind of ['ext2', 'ext3', 'ext4'])
  test(
    `dumpe2fs tells the same of an image of mkfs.${kind}`,
    { skip: needs('mkfs.ext4', 'dumpe2fs') },
    (t) => {
      const root = mkdtempSync(join(tmpdir(), 'ext4-'));
      t.after(() => rmSync(root, { recursive: true, force: true }));
      const image = join(root, 'image');
      writeFileSync(image, '');
      truncateSync(image, 40 << 20);
      execFileSync(
        `mkfs.${kind}`,
        ['-q', '-b', '1024', '-L', 'a label', '-M', '/somewhere', '-N', '64', image],
        {
          stdio: 'ignore',
        },
      );
      const bytes = readFileSync(image);
      const found = read(bytes);
      assert.deepEqual(found.account.problems, []);
      const told = execFileSync('dumpe2fs', [image], {
        encoding: 'utf8',
        env: { ...process.env, TZ: 'UTC', LC_ALL: 'C' },
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const field = (name: string): string | undefined =>
        new RegExp(`^${name}:\\s+(.*)$`, 'm').exec(told)?.[1];
      assert.equal(found.kind, kind);
      assert.equal(found.uuid, field('Filesystem UUID'));
      assert.equal(found.hashSeed, field('Directory Hash Seed'));
      assert.equal(found.volumeName, field('Filesystem volume name'));
      assert.equal(found.lastMounted, field('Last mounted on'));
      assert.equal(String(found.blockCount), field('Block count'));
      assert.equal(String(found.inodeCount), field('Inode count'));
      assert.equal(found.times.made * 1000, Date.parse(`${field('Filesystem created')} UTC`));
      assert.equal(found.times.written * 1000, Date.parse(`${field('Last write time')} UTC`));
      assert.equal(found.times.checked * 1000, Date.parse(`${field('Last checked')} UTC`));
      const backups = [...told.matchAll(/Backup superblock at (\d+)/g)].map(
        (line) => Number(line[1]) * 1024,
      );
      assert.deepEqual(found.backups, backups);
      assert.ok(backups.length > 0);
      assert.equal(found.checksumValid, kind === 'ext4' ? true : null);
    },
  );

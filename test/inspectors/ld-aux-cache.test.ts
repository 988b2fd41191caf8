import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { needs } from '../helpers/oracle.js';
import { tempFolder } from '../helpers/temp-tree.js';
import { everyDifference } from './every-difference.js';
import { lookInto, proveEveryByte, proveTruncation } from './prove.js';

interface Library {
  readonly ino?: bigint;
  readonly ctime?: bigint;
  readonly padding?: string;
}

const NAMES = '\0libone.so.1\0libtwo.so.2\0';

function buildCache(one: Library = {}): Buffer {
  const header = Buffer.alloc(32);
  header.write('glibc-ld.so.auxcache-2.0', 'latin1');
  header.writeUInt32LE(2, 24);
  header.writeUInt32LE(NAMES.length, 28);
  return Buffer.concat([header, entry(1, one), entry(13, {}), Buffer.from(NAMES, 'latin1')]);
}

function entry(
  soname: number,
  { ino = 7n, ctime = 1_795_000_000n, padding = '' }: Library,
): Buffer {
  const bytes = Buffer.alloc(48);
  for (const [i, value] of [ino, ctime, 4096n, 0xfe00n].entries())
    bytes.writeBigUInt64LE(value, 8 * i);
  bytes.writeUInt32LE(0x303, 32);
  bytes.writeUInt32LE(soname, 36);
  bytes.write(padding, 44, 'latin1');
  return bytes;
}

test('what the file system gave a library is told by its soname', async () => {
  const after = buildCache({ ino: 8n, ctime: 1_795_000_060n, padding: 'lib/' });
  assert.deepEqual((await everyDifference('aux-cache', buildCache(), after)).toSorted(), [
    'layout layout',
    'libone.so.1!ctime time',
    'libone.so.1!ino file-system',
    'libone.so.1!padding slack',
  ]);
});

test('every byte is in some fact, and no part gives the facts of the whole', async () => {
  await proveEveryByte('aux-cache', buildCache({ padding: 'lib/' }));
  await proveTruncation('aux-cache', buildCache());
});

test('names beyond the end and another length of them are problems', async () => {
  const far = buildCache();
  far.writeUInt32LE(5000, 32 + 36);
  const long = buildCache();
  long.writeUInt32LE(NAMES.length + 1, 28);
  for (const damaged of [far, long]) {
    const { format, problems } = await lookInto('aux-cache', damaged);
    assert.equal(format, 'ld-aux-cache');
    assert.equal(problems.length, 1);
  }
});

test(
  'a cache that ldconfig made has inode, time and size of the library',
  { skip: needs('ldconfig', 'ldd') },
  async (t) => {
    const root = tempFolder(t);
    for (const folder of ['etc', 'lib', 'usr/lib', 'var/cache/ldconfig'])
      mkdirSync(join(root, folder), { recursive: true });
    const shown = execFileSync('ldd', [process.execPath], { encoding: 'latin1' });
    const library = /=> (\S*\/libc\.so\.6) /.exec(shown)![1]!;
    copyFileSync(library, join(root, 'lib/libc.so.6'));
    execFileSync('ldconfig', ['-r', root]);
    const file = 'var/cache/ldconfig/aux-cache';
    const { format, facts, problems } = await lookInto(file, readFileSync(join(root, file)));
    assert.equal(format, 'ld-aux-cache');
    assert.deepEqual(problems, []);
    const { ino, size, ctimeMs } = statSync(join(root, 'lib/libc.so.6'));
    const [row] = facts.at(-1)!.facts.tables[0]!.rows;
    assert.equal(row!.key, 'libc.so.6');
    assert.deepEqual(
      [row!.values[0], row!.values[1], row!.values[3]],
      [Math.floor(ctimeMs / 1000), ino, size],
    );
  },
);

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';

import fc from 'fast-check';

import { AuditError } from '../../../src/core/errors.js';
import { directory } from '../../../src/sources/directory/index.js';
import { squashfs } from '../../../src/sources/squashfs/index.js';
import { squashfsSample, type SquashfsOptions } from '../../formats/build-squashfs.js';
import { needs, needsRoot } from '../../helpers/oracle.js';
import { tempFolder } from '../../helpers/temp-tree.js';
import { carriedBy, contractTree, manifestOf, runIn, type Manifest } from '../contract.js';
import { variedTree } from '../erofs/varied-tree.js';

function imageOf(root: string, options: string): string {
  const image = join(dirname(root), 'image');
  const flags = '-no-progress -quiet -noappend';
  runIn(root, `mksquashfs . "$1" ${flags} ${options} >/dev/null`, image);
  return image;
}

async function assertSame(root: string, image: string): Promise<void> {
  const expected = await manifestOf(directory.open(root));
  const actual = await manifestOf(squashfs.open(image));
  const captures = [expected.capture, actual.capture];
  assert.deepEqual(actual.diagnostics, []);
  assert.deepEqual(carriedBy(actual, captures), carriedBy(expected, captures));
}

for (const options of [
  '-comp gzip -b 4096',
  '-comp gzip -Xcompression-level 1 -Xwindow-size 8',
  '-comp xz -b 1M -Xbcj x86',
  '-comp zstd -b 16K -no-fragments',
  '-comp zstd -Xcompression-level 22 -always-use-fragments',
  '-comp lz4 -Xhc -b 8K',
  '-comp lzo -b 64K',
  '-comp lzo -Xalgorithm lzo1x_1 -b 4096',
  '-comp lzma',
])
  test(
    `files of all sizes come out of mksquashfs ${options} as they went in`,
    { skip: needs('mksquashfs') },
    async (t) => {
      const root = join(tempFolder(t), 'root');
      mkdirSync(root);
      variedTree(root);
      await assertSame(root, imageOf(root, options));
    },
  );

test(
  'a directory of 3,000 entries and one of none, names of 255 bytes, deep paths',
  { skip: needs('mksquashfs') },
  async (t) => {
    const root = join(tempFolder(t), 'root');
    mkdirSync(join(root, 'many'), { recursive: true });
    for (let i = 0; i < 3000; i++)
      writeFileSync(join(root, 'many', `entry ${i}`), i % 7 ? '' : 'x');
    mkdirSync(join(root, 'none'));
    writeFileSync(join(root, 'n'.repeat(255)), '');
    mkdirSync(join(root, ...Array.from({ length: 60 }, (_, i) => `level-${i}`)), {
      recursive: true,
    });
    await assertSame(root, imageOf(root, ''));
  },
);

test(
  'owners, xattrs that are stored once for all, and devices are those that unsquashfs tells',
  { skip: needs('mksquashfs', 'unsquashfs', 'setfattr', 'mkfifo') || needsRoot() },
  async (t) => {
    const root = contractTree(t);
    runIn(
      root,
      'for f in plain large sparse; do setfattr -n user.same -v "$1" "$f"; done',
      'v'.repeat(300),
    );
    runIn(root, 'setfattr -n trusted.t -v 1 folder; setfattr -n security.s -v 2 large');
    const image = imageOf(root, '-xattrs');
    const { entries } = await manifestOf(squashfs.open(image));
    assert.deepEqual(entries.get('folder')?.xattrs, ['trusted.t=1']);
    assert.deepEqual(entries.get('large')?.xattrs, [
      'security.s=2',
      `user.same=${'v'.repeat(300)}`,
    ]);
    const lines = execFileSync('unsquashfs', ['-lln', image], { encoding: 'latin1' });
    for (const [path, { uid, gid, size, type, rdev }] of entries) {
      if (path.includes('\n')) continue;
      const name = path === '' ? 'squashfs-root' : `squashfs-root/${path}`;
      const line = lines.split('\n').find((each) => each.includes(` ${name}`)) ?? '';
      assert.ok(line.includes(` ${uid}/${gid} `), path);
      if (type === 'file') assert.match(line, new RegExp(`/${gid} +${size} `));
      if (rdev !== null) assert.match(line, new RegExp(rdev.replace(':', ', *')));
    }
  },
);

test(
  'images with one owner for all, or without xattrs, say so',
  { skip: needs('mksquashfs', 'setfattr', 'mkfifo') },
  async (t) => {
    const root = contractTree(t);
    const { entries, capture } = await manifestOf(
      squashfs.open(imageOf(root, '-all-root -no-xattrs -all-time 1600000000')),
    );
    assert.equal(capture.xattrs, 'not-carried');
    const told = new Set(
      [...entries.values()].map(({ uid, gid, mtimeNs }) => `${uid}:${gid} ${mtimeNs}`),
    );
    assert.deepEqual([...told], ['0:0 1600000000000000000']);
  },
);

test('random trees come out as they went in', { skip: needs('mksquashfs') }, async (t) => {
  const name = fc
    .uint8Array({ minLength: 1, maxLength: 12 })
    .map((bytes) =>
      Buffer.from(bytes.map((byte) => (byte === 0 || byte === 47 ? 65 : byte))).toString('latin1'),
    )
    .filter((text) => !/^\.+$/.test(text));
  const content = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.tuple(fc.nat(40_000), fc.nat(255)).map(([length, byte]) => Buffer.alloc(length, byte)),
    fc
      .tuple(fc.nat(20_000), fc.uint8Array({ minLength: 1, maxLength: 600 }))
      .map(([length, fill]) => Buffer.alloc(length, fill)),
  );
  const entry = fc.record({
    name,
    folder: fc.option(name),
    mode: fc.nat(0o777),
    content: fc.option(content),
  });
  const way = fc.constantFrom('-comp gzip', '-comp lz4', '-comp lzo', '-comp zstd', '-comp xz');
  const block = fc.constantFrom(
    '-b 4096',
    '-b 8192',
    '-no-fragments',
    '-noI -noF',
    '-nopad -no-duplicates',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { maxLength: 15 }), way, block, async (all, ...options) => {
      const root = join(tempFolder(t), 'root');
      mkdirSync(root);
      for (const each of all) {
        const at = Buffer.from(join(root, each.folder ?? '', each.name), 'latin1');
        try {
          if (each.folder !== null)
            mkdirSync(Buffer.from(join(root, each.folder), 'latin1'), { recursive: true });
          if (each.content === null) symlinkSync('somewhere', at);
          else {
            writeFileSync(at, each.content, { flag: 'wx' });
            chmodSync(at, each.mode);
          }
        } catch {
          // Names that come twice, and a file where a folder should be.
        }
      }
      await assertSame(root, imageOf(root, options.join(' ')));
    }),
    { numRuns: 15 },
  );
});

/** The manifest of an image made in code; null when it is refused. */
async function read(file: string, image: Uint8Array): Promise<Manifest | null> {
  writeFileSync(file, image);
  try {
    return await manifestOf(squashfs.open(file));
  } catch (error) {
    assert.ok(error instanceof AuditError && error.code === 'SOURCE_UNUSABLE', String(error));
    return null;
  }
}

const ALL = [
  '',
  'block',
  'device',
  'file',
  'folder',
  'folder/empty',
  'folder/hard',
  'link',
  'pipe',
  'small',
  'socket',
  'sparse',
];

/** Paths that are there, and the code and path of each diagnostic. */
async function told(t: TestContext, spoil: SquashfsOptions['spoil']) {
  const file = join(tempFolder(t), 'image');
  const found = await read(file, squashfsSample(spoil === undefined ? {} : { spoil }));
  assert.ok(found !== null);
  const gone = ALL.filter((path) => !found.entries.has(path));
  return { found, gone, said: found.diagnostics.map(({ code, path }) => `${code} ${path}`) };
}

test('an image made in code has all kinds of inodes', async (t) => {
  const { found, gone, said } = await told(t, undefined);
  assert.deepEqual([gone, said], [[], []]);
  const { entries } = found;
  assert.deepEqual(
    [entries.get('block')?.rdev, entries.get('device')?.rdev, entries.get('link')?.target],
    ['7:200', '5:1', 'small'],
  );
  assert.deepEqual(entries.get('file')?.xattrs, ['security.ab=abc', 'trusted.there=value']);
  assert.equal(entries.get('small')?.links, 'folder/hard small');
  assert.deepEqual([entries.get('file')?.size, entries.get('file')?.mode], [4108, 0o4755]);
});

test('a directory below itself is left out', async (t) => {
  const { gone, said } = await told(t, ({ listings, places }) => {
    listings.writeUInt16LE(places.root, listings.indexOf('empty') - 8);
  });
  assert.deepEqual([gone, said], [['folder/empty'], ['format folder/empty']]);
});

test('a directory with the listing of another has its names as hard links', async (t) => {
  const { found, gone, said } = await told(t, ({ inodes, places }) => {
    inodes.copy(inodes, places.empty + 24, places.root + 20, places.root + 22);
    inodes.copy(inodes, places.empty + 26, places.root + 34, places.root + 36);
  });
  assert.deepEqual([gone, said], [[], ['format folder/empty/folder']]);
  assert.equal(found.entries.get('pipe')?.links, 'folder/empty/pipe pipe');
});

test('names that lead elsewhere, and names that come twice, are left out', async (t) => {
  for (const [name, path] of [
    ['ha/d', 'folder/?'],
    ['ha\0d', 'folder/?'],
  ] as const) {
    const { gone, said } = await told(
      t,
      ({ listings }) => void listings.write(name, listings.indexOf('hard')),
    );
    assert.deepEqual([gone, said], [['folder/hard'], [`format ${path}`]]);
  }
  const { gone, said } = await told(
    t,
    ({ listings }) => void listings.write('file', listings.indexOf('link')),
  );
  assert.deepEqual([gone, said], [['link'], ['format file']]);
});

test('an inode that makes no sense costs its path and nothing else', async (t) => {
  const { gone, said } = await told(
    t,
    ({ inodes, places }) => void inodes.writeUInt16LE(99, places.link),
  );
  assert.deepEqual([gone, said], [['link'], ['format link']]);
});

test('an owner that is in no table costs its path and nothing else', async (t) => {
  const { gone, said } = await told(
    t,
    ({ inodes, places }) => void inodes.writeUInt16LE(9, places.file + 4),
  );
  assert.deepEqual([gone, said], [['file'], ['format file']]);
});

test('xattrs that are in no table leave the rest of their file', async (t) => {
  const { found, said } = await told(
    t,
    ({ inodes, places }) => void inodes.writeUInt32LE(9, places.file + 52),
  );
  assert.deepEqual(said, ['unreadable file']);
  assert.notEqual(found.entries.get('file')?.sha256, null);
});

test('sizes and places of contents that make no sense leave the file without content', async (t) => {
  for (const spoil of [
    // A size of 2^52, one of 2^60, a block elsewhere, a fragment that there is not, a place behind its end.
    ({ inodes, places }) => void inodes.writeBigUInt64LE(1n << 52n, places.sparse + 24),
    ({ inodes, places }) => void inodes.writeBigUInt64LE(1n << 52n, places.file + 24),
    ({ inodes, places }) => void inodes.writeBigUInt64LE(1n << 40n, places.file + 16),
    ({ inodes, places }) => void inodes.writeUInt32LE(7, places.small + 20),
    ({ inodes, places }) => void inodes.writeUInt32LE(4000, places.small + 24),
  ] satisfies SquashfsOptions['spoil'][]) {
    const { gone, said, found } = await told(t, spoil);
    assert.deepEqual([gone, said.length], [[], 1]);
    assert.match(said[0]!, /^unreadable (?:sparse|file|small)$/);
    assert.equal(found.entries.get(said[0]!.split(' ')[1]!)?.sha256, null);
  }
});

test('a listing that is longer than its table is told up to its end', async (t) => {
  const { gone, said } = await told(
    t,
    ({ inodes, places }) => void inodes.writeUInt32LE(60_000, places.root + 20),
  );
  assert.deepEqual([gone, said], [[], ['unreadable ']]);
});

test('an image cut at any byte is refused or says what is missing', async (t) => {
  const whole = squashfsSample();
  const file = join(tempFolder(t), 'image');
  writeFileSync(file, whole);
  const used = Buffer.from(whole).readUInt32LE(40);
  for (let length = used - 1; length >= 0; length--) {
    truncateSync(file, length);
    try {
      const { diagnostics } = await manifestOf(squashfs.open(file));
      assert.notEqual(diagnostics.length, 0, `cut to ${length}`);
    } catch (error) {
      assert.ok(error instanceof AuditError && error.code === 'SOURCE_UNUSABLE', String(error));
    }
  }
});

test('an image with random damage is read or refused', async (t) => {
  const file = join(tempFolder(t), 'image');
  const whole = squashfsSample();
  const at = fc.oneof(fc.nat(whole.length - 1), fc.nat(105), fc.integer({ min: 150, max: 680 }));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(at, fc.nat(255)), { minLength: 1, maxLength: 6 }),
      async (changes) => {
        const changed = Uint8Array.from(whole);
        for (const [place, byte] of changes) changed[place] = byte;
        await read(file, changed);
      },
    ),
    { numRuns: 300 },
  );
});

test('inodes and listings with random damage are read or refused', async (t) => {
  const file = join(tempFolder(t), 'image');
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.boolean(), fc.nat(399), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      async (changes) => {
        const spoil: SquashfsOptions['spoil'] = ({ inodes, listings }) => {
          for (const [isInode, at, byte] of changes) {
            const part = isInode ? inodes : listings;
            part[at % part.length] = byte;
          }
        };
        await read(file, squashfsSample({ spoil }));
      },
    ),
    { numRuns: 300 },
  );
});

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { stMode } from '../../src/core/entry.js';
import { cpio } from '../../src/sources/cpio/index.js';
import { deb } from '../../src/sources/deb/index.js';
import type { Source } from '../../src/sources/define.js';
import { directory } from '../../src/sources/directory/index.js';
import { initramfs } from '../../src/sources/initramfs/index.js';
import { sources } from '../../src/sources/index.js';
import { squashfs } from '../../src/sources/squashfs/index.js';
import { tar } from '../../src/sources/tar/index.js';
import { zip } from '../../src/sources/zip/index.js';
import { needs } from '../helpers/oracle.js';
import { carriedBy, contractTree, manifestOf, runIn, type ContractOptions } from './contract.js';

interface Writer {
  readonly title: string;
  readonly needs: readonly string[];
  readonly source: Source;
  readonly file: string;
  /** In the tree; `$1` is the archive. */
  readonly script: string;
  readonly tree?: ContractOptions;
  /** Paths that this writer is known to leave out or to write otherwise. */
  readonly leaveOut?: (path: string) => boolean;
}

const GNU = 'tar --format=gnu --sparse -cf "$1" .';
const PYTHON = (format: string): string =>
  `python3 -c 'import tarfile,sys
with tarfile.open(sys.argv[1],"w",format=tarfile.${format},encoding="utf-8",errors="surrogateescape") as f: f.add(".")' "$1"`;
const CPIO = (format: string): string =>
  `find . -print0 | cpio --null --quiet -o -H ${format} >"$1"`;
/** The file with a time before 1970, which does not fit into cpio. */
const isEarly = (path: string): boolean => path === '-dash';

const WRITERS: readonly Writer[] = [
  { title: 'GNU tar', needs: ['tar'], source: tar, file: 'a.tar', script: GNU },
  {
    title: 'GNU tar in the pax format with xattrs',
    needs: ['tar'],
    source: tar,
    file: 'a.tar',
    script: 'tar --format=pax --xattrs --sparse -cf "$1" .',
  },
  {
    title: 'bsdtar in the pax format',
    needs: ['bsdtar'],
    source: tar,
    file: 'a.tar',
    script: 'bsdtar --format pax -cf "$1" .',
    // libarchive writes 1.5 s before 1970 as -2.5, and reads that as -2 + 0.5.
    leaveOut: isEarly,
  },
  {
    title: 'bsdtar in the GNU format',
    needs: ['bsdtar'],
    source: tar,
    file: 'a.tar',
    script: 'bsdtar --format gnutar -cf "$1" .',
    // It writes 0 for times before 1970.
    leaveOut: isEarly,
  },
  {
    title: "Python's tarfile in the GNU format",
    needs: ['python3'],
    source: tar,
    file: 'a.tar',
    script: PYTHON('GNU_FORMAT'),
    // Python rounds times before 1970 towards zero.
    leaveOut: isEarly,
  },
  ...['gzip', 'xz', 'zstd', 'lz4', 'bzip2'].map((codec): Writer => ({
    title: `GNU tar and ${codec}`,
    needs: ['tar', codec],
    source: tar,
    file: 'a.tar',
    script: `${GNU.replace('"$1"', '-')} | ${codec} -c >"$1"`,
  })),
  ...['newc', 'crc'].map((format): Writer => ({
    title: `GNU cpio ${format}`,
    needs: ['cpio'],
    source: cpio,
    file: 'a.cpio',
    script: CPIO(format),
    leaveOut: isEarly,
  })),
  {
    title: 'bsdtar newc and gzip',
    needs: ['bsdtar', 'gzip'],
    source: cpio,
    file: 'a.cpio.gz',
    script: 'bsdtar --format newc -cf - . | gzip >"$1"',
    leaveOut: isEarly,
  },
  {
    title: 'an initramfs of two segments',
    needs: ['cpio', 'gzip'],
    source: initramfs,
    file: 'initramfs.img',
    script: `find . -maxdepth 1 -name plain -print0 | cpio --null --quiet -o -H newc >"$1"
head -c 512 /dev/zero >>"$1"
find . -print0 | cpio --null --quiet -o -H newc | gzip >>"$1"`,
    leaveOut: isEarly,
  },
  ...[
    ['', ''],
    ['xz', '-comp xz'],
    ['xz and BCJ filters', '-comp xz -Xbcj x86,arm'],
    ['zstd', '-comp zstd'],
    ['lz4', '-comp lz4'],
    ['lzo', '-comp lzo'],
    ['lzma', '-comp lzma'],
    ['without fragments', '-no-fragments'],
    ['without compression', '-noI -noD -noF -noX -noId'],
    ['in blocks of 4 KiB, fragments throughout', '-b 4096 -always-use-fragments'],
    ['without padding and exports', '-nopad -no-exports -no-duplicates'],
  ].map(([title, options]): Writer => ({
    title: `mksquashfs ${title}`.trim(),
    needs: ['mksquashfs'],
    source: squashfs,
    file: 'a.sqfs',
    script: `mksquashfs . "$1" -no-progress -quiet -processors 1 ${options} >/dev/null`,
    leaveOut: isEarly,
  })),
  {
    title: 'Info-ZIP',
    needs: ['zip'],
    source: zip,
    file: 'a.zip',
    script: 'zip -qry "$1" .',
    tree: { special: false },
    // The root has no entry.
    leaveOut: (path) => path === '',
  },
];

for (const { title, needs: tools, source, file, script, tree, leaveOut } of WRITERS)
  test(
    `the same tree through ${title} gives the same manifest`,
    {
      skip: needs('setfattr', 'mkfifo', 'touch', ...tools),
    },
    async (t) => {
      const root = contractTree(t, tree);
      const archive = join(dirname(root), file);
      runIn(root, script, archive);
      await assertSame(root, source, archive, leaveOut);
    },
  );

async function assertSame(
  root: string,
  source: Source,
  archive: string,
  leaveOut?: (path: string) => boolean,
): Promise<void> {
  const expected = await manifestOf(directory.open(root));
  const actual = await manifestOf(source.open(archive));
  const captures = [expected.capture, actual.capture];
  assert.deepEqual(actual.diagnostics, []);
  assert.deepEqual(carriedBy(actual, captures, leaveOut), carriedBy(expected, captures, leaveOut));
}

/** Type bits in the mode field, as programs in Go write them. */
function withTypeBits(archive: Buffer): Buffer {
  for (let at = 0; at + 512 <= archive.length;) {
    const block = archive.subarray(at, at + 512);
    if (block[0] === 0) break;
    const types = { 0: 'file', 2: 'symlink', 5: 'directory' } as const;
    const type = types[Number(String.fromCharCode(block[156]!)) as keyof typeof types];
    const mode = Number.parseInt(block.toString('latin1', 100, 107), 8);
    if (type !== undefined)
      block.write(`${stMode({ type, mode }).toString(8).padStart(7, '0')}\0`, 100, 'latin1');
    block.write(' '.repeat(8), 148, 'latin1');
    const sum = block.reduce((total, byte) => total + byte, 0);
    block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    const size = Number.parseInt(block.toString('latin1', 124, 135), 8);
    const hasData = !'123456'.includes(String.fromCharCode(block[156]!));
    at += 512 + (hasData ? Math.ceil(size / 512) * 512 : 0);
  }
  return archive;
}

test(
  'type bits in the modes of a tar archive change nothing',
  {
    skip: needs('tar', 'setfattr', 'mkfifo'),
  },
  async (t) => {
    const root = contractTree(t);
    const archive = join(dirname(root), 'go.tar');
    runIn(root, 'tar --format=gnu -cf "$1" .', archive);
    writeFileSync(archive, withTypeBits(readFileSync(archive)));
    await assertSame(root, tar, archive);
  },
);

test(
  'a Debian package is its data, with the control files below DEBIAN',
  {
    skip: needs('dpkg-deb', 'tar', 'setfattr', 'mkfifo'),
  },
  async (t) => {
    const root = contractTree(t, { special: false });
    const archive = join(dirname(root), 'a.deb');
    const control =
      'Package: a\nVersion: 1\nArchitecture: all\nMaintainer: a <a@example.org>\nDescription: a\n';
    // Names with a newline are refused by dpkg-deb.
    runIn(root, "rm -f $'line\\nbreak'", archive);
    runIn(root, 'mkdir -m 0755 DEBIAN && printf %s "$2" >DEBIAN/control', archive, control);
    runIn(root, 'dpkg-deb -Zxz -b . "$1" && touch -d @1600000000.25 .', archive);
    await assertSame(root, deb, archive, (path) => path === '' || path === 'DEBIAN');
  },
);

test(
  'every kind of archive is told by looking at it',
  { skip: needs('tar', 'cpio', 'zip', 'mksquashfs') },
  (t) => {
    const root = contractTree(t, { special: false });
    const claimed = (script: string, name: string): string | undefined => {
      const archive = join(dirname(root), name);
      runIn(root, script, archive);
      return sources.find((source) => source.claims(archive))?.id;
    };
    assert.equal(claimed('tar cf "$1" plain', 'one'), 'tar');
    assert.equal(claimed('tar czf "$1" plain', 'two.tar.gz'), 'tar');
    assert.equal(claimed('echo plain | cpio --quiet -o -H newc >"$1"', 'three'), 'cpio');
    assert.equal(
      claimed('echo plain | cpio --quiet -o -H newc >"$1"', 'initrd.img-6.1'),
      'initramfs',
    );
    assert.equal(claimed('zip -q - plain >"$1"', 'four'), 'zip');
    assert.equal(claimed('mksquashfs folder "$1" -quiet -no-progress', 'five'), 'squashfs');
  },
);

test('an archive without bytes is none, and a damaged one says so', async (t: TestContext) => {
  const root = contractTree(t, { special: false });
  const empty = join(dirname(root), 'empty.tar');
  writeFileSync(empty, '');
  await assert.rejects(manifestOf(tar.open(empty)), { code: 'SOURCE_UNUSABLE' });
  const archive = join(dirname(root), 'cut.tar');
  runIn(root, 'tar --format=gnu -cf "$1" plain large', archive);
  writeFileSync(archive, readFileSync(archive).subarray(0, 100_000));
  const { diagnostics } = await manifestOf(tar.open(archive));
  assert.deepEqual(
    diagnostics.map(({ code, path }) => ({ code, path })),
    [{ code: 'format', path: null }],
  );
});

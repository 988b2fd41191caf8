import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { openSource } from '../../src/app/open-location.js';
import { cpioArchive, type CpioDialectName } from '../formats/build-cpio.js';
import { paxHeader, tarArchive, tarMember, type TarFields } from '../formats/build-tar.js';
import { buildZip } from '../formats/build-zip.js';
import { file, folder, hardLink, sha256, symlink } from '../helpers/build-image.js';
import { needs } from '../helpers/oracle.js';
import { tempFolder } from '../helpers/temp-tree.js';
import { scanImage, type Scanned } from './oci/scan-image.js';

/** Beside the archive nothing may appear. */
async function scanBytes(t: TestContext, prefix: string, bytes: Uint8Array): Promise<Scanned> {
  const at = join(tempFolder(t), 'deep/er');
  mkdirSync(at, { recursive: true });
  writeFileSync(join(at, 'archive'), bytes);
  const found = await scanImage(openSource(`${prefix}:${join(at, 'archive')}`));
  assert.deepEqual(readdirSync(join(at, '..'), { recursive: true, encoding: 'utf8' }).toSorted(), [
    'er',
    'er/archive',
  ]);
  return found;
}

const scanTar = (t: TestContext, ...members: readonly TarFields[]): Promise<Scanned> =>
  scanBytes(t, 'tar', tarArchive(members.map(tarMember)));

const told = ({ diagnostics }: Scanned): readonly string[] =>
  diagnostics.map(({ path }) => path ?? '').toSorted();

const digest = ({ entries }: Scanned, path: string): string =>
  Buffer.from(entries.get(path)!.sha256!).toString('hex');

test('names of a tar archive that lead out are left out and told, absolute ones are below the root', async (t) => {
  const found = await scanTar(
    t,
    file('../out'),
    file('a/../../out'),
    file('/etc/abs'),
    file('././/dot'),
    file('in/./er'),
    symlink('link', '../../../../etc'),
  );
  assert.deepEqual(found.paths, ['dot', 'etc', 'etc/abs', 'in', 'in/er', 'link']);
  assert.equal(found.diagnostics.length, 2);
  assert.equal(found.entries.get('link')!.target, '../../../../etc');
});

test('nothing of a tar archive is put through a link or a file, nor linked to what is not there', async (t) => {
  const found = await scanTar(
    t,
    symlink('up', '..'),
    file('up/through'),
    symlink('abs', '/'),
    file('abs/etc/passwd'),
    file('plain'),
    file('plain/below'),
    hardLink('h1', 'nowhere'),
    hardLink('h2', '../../etc/passwd'),
    hardLink('h3', 'h3'),
    folder('d'),
    hardLink('h4', 'd'),
  );
  assert.deepEqual(found.paths, ['abs', 'd', 'plain', 'up']);
  assert.equal(found.diagnostics.length, 7);
});

test('devices and pipes of archives are recorded as what they are, and members of no type are told', async (t) => {
  const found = await scanTar(
    t,
    { name: 'null', typeflag: '3', devmajor: 1, devminor: 3 },
    { name: 'disk', typeflag: '4', devmajor: 8, devminor: 0 },
    { name: 'pipe', typeflag: '6' },
    { name: 'volume', typeflag: 'V' },
  );
  assert.deepEqual(found.paths, ['disk', 'null', 'pipe']);
  assert.deepEqual(found.entries.get('null')!.rdev, { major: 1, minor: 3 });
  assert.deepEqual(told(found), ['volume']);
});

test('the last of several members of one name counts, whatever the others were', async (t) => {
  const found = await scanTar(
    t,
    folder('a'),
    file('a/x'),
    file('a', '1'),
    file('b', '1'),
    folder('b'),
    file('b/y', '2'),
    symlink('c', 'b'),
    file('c', '3'),
    hardLink('d', 'c'),
    file('c', '4'),
  );
  assert.deepEqual(found.paths, ['a', 'b', 'b/y', 'c', 'd']);
  assert.equal(digest(found, 'c'), sha256(Buffer.from('4')));
  assert.equal(digest(found, 'd'), sha256(Buffer.from('3')));
});

test('a size beyond the end of an archive takes no memory, and what was read before is there', async (t) => {
  for (const size of [2 ** 33 - 1, 10_000]) {
    const huge = tarMember({ ...file('huge', 'x'), size });
    const bytes = Buffer.concat([tarMember(file('a')), huge]);
    const found = await scanBytes(t, 'tar', bytes);
    assert.ok(found.paths.includes('a'));
    assert.ok(found.diagnostics.length > 0);
  }
});

test('deep paths and many links end', async (t) => {
  const deep = 'd/'.repeat(5000);
  const chain = Array.from({ length: 100 }, (_, i) => symlink(`l${i}`, `l${i + 1}`));
  const bytes = Buffer.concat([
    paxHeader([['path', deep + 'x']]),
    tarMember(file('short')),
    ...[...chain, file('l0/x')].map(tarMember),
    Buffer.alloc(1024),
  ]);
  const found = await scanBytes(t, 'tar', bytes);
  assert.equal(found.paths.length, 100);
  assert.equal(found.diagnostics.length, 2);
});

for (const dialect of ['newc', 'crc', 'odc', 'bin-le', 'bin-be'] satisfies CpioDialectName[])
  test(`hostile members of cpio archives (${dialect}) are left out and told`, async (t) => {
    const dir = 0o040755;
    const link = 0o120777;
    const members = [
      { name: '../out', data: 'x' },
      { name: '/etc', mode: dir },
      { name: '/etc/abs', data: 'x', ino: 2 },
      { name: 'up', mode: link, data: '..', ino: 3 },
      { name: 'up/through', data: 'x', ino: 4 },
      { name: 'twice', data: '1', ino: 5 },
      { name: 'twice', data: '2', ino: 6 },
      { name: 'null', mode: 0o020666, ino: 7 },
    ].map((each) =>
      dialect === 'crc' && each.data !== undefined
        ? { ...each, check: Buffer.from(each.data).reduce((sum, byte) => sum + byte, 0) }
        : each,
    );
    const found = await scanBytes(t, 'cpio', cpioArchive(dialect, members));
    assert.deepEqual(found.paths, ['etc', 'etc/abs', 'null', 'twice', 'up']);
    assert.equal(found.diagnostics.length, 2);
    assert.equal(digest(found, 'twice'), sha256(Buffer.from('2')));
  });

test('of an initramfs the later segment wins, as for the kernel', async (t) => {
  const dir = 0o040755;
  const segment = (data: string, more: readonly { name: string; data?: string }[]): Buffer =>
    cpioArchive('newc', [
      { name: 'etc', mode: dir },
      { name: 'etc/conf', data, ino: 2 },
      ...more.map((each, i) => ({ ...each, ino: 10 + i })),
    ]);
  const bytes = Buffer.concat([
    segment('first', [{ name: 'only-first', data: '1' }]),
    segment('second', [{ name: 'missing/dir', data: 'x' }]),
  ]);
  const found = await scanBytes(t, 'initramfs', bytes);
  assert.deepEqual(found.paths, ['etc', 'etc/conf', 'only-first']);
  assert.equal(digest(found, 'etc/conf'), sha256(Buffer.from('second')));
  assert.equal(found.diagnostics.length, 1);
});

test('of an initramfs microcode is there without its directories, or before them', async (t) => {
  const bytes = cpioArchive('newc', [
    { name: 'kernel/x86/microcode/GenuineIntel.bin', data: 'code', ino: 2 },
    { name: 'kernel/x86/microcode', mode: 0o040700, ino: 3 },
    { name: 'kernel/x86/microcode/deeper/x', data: 'x', ino: 4 },
  ]);
  const found = await scanBytes(t, 'initramfs', bytes);
  assert.deepEqual(found.paths, [
    'kernel',
    'kernel/x86',
    'kernel/x86/microcode',
    'kernel/x86/microcode/GenuineIntel.bin',
  ]);
  assert.equal(found.diagnostics.length, 1);
});

test('hostile entries of zip archives are left out and told', async (t) => {
  const bytes = buildZip([
    { name: '../out', content: 'x' },
    { name: '/etc/abs', content: 'x' },
    { name: 'plain', content: 'x' },
    { name: 'plain/below', content: 'x' },
    { name: 'lies', content: 'x', method: 99 },
  ]);
  const found = await scanBytes(t, 'zip', bytes);
  assert.ok(found.paths.includes('etc/abs') && found.paths.includes('plain'));
  assert.ok(!found.paths.includes('plain/below') && !found.paths.includes('out'));
  assert.ok(found.diagnostics.length >= 3);
});

test(
  'GNU tar: sparse files in all its forms, and incremental archives',
  { skip: needs('tar') },
  async (t) => {
    const at = tempFolder(t);
    mkdirSync(join(at, 'tree'));
    const hole = join(at, 'tree/hole');
    writeFileSync(hole, 'begin');
    truncateSync(hole, 300_000);
    writeFileSync(join(at, 'tree/plain'), 'plain');
    const expected = sha256(Buffer.concat([Buffer.from('begin'), Buffer.alloc(299_995)]));
    const tar = (...args: readonly string[]): void => {
      const { status, stderr } = spawnSync('tar', args, { cwd: at, encoding: 'utf8' });
      assert.equal(status, 0, stderr);
    };
    for (const form of [
      ['--format=gnu'],
      ['--format=pax', '--sparse-version=0.0'],
      ['--format=pax', '--sparse-version=0.1'],
      ['--format=pax', '--sparse-version=1.0'],
      ['--format=gnu', `--listed-incremental=${join(at, 'state')}`],
    ]) {
      tar('-c', '--sparse', ...form, '-f', 'x.tar', 'tree');
      const found = await scanImage(openSource(`tar:${join(at, 'x.tar')}`));
      assert.deepEqual(
        [found.paths, digest(found, 'tree/hole')],
        [['tree', 'tree/hole', 'tree/plain'], expected],
        form.join(' '),
      );
      assert.deepEqual(found.diagnostics, [], form.join(' '));
    }
  },
);

test(
  'archives of Python: times that are floats in pax records, and zip methods beyond DEFLATE',
  { skip: needs('python3') },
  async (t) => {
    const at = tempFolder(t);
    const script = `
import io, tarfile, zipfile
with tarfile.open('x.tar', 'w', format=tarfile.PAX_FORMAT) as tar:
    for name, mtime in (('a', 1700000000.25), ('b', -1.5), ('c', 1e-07), ('d', 1700000000.123456789)):
        info = tarfile.TarInfo(name)
        info.mtime = mtime
        tar.addfile(info, io.BytesIO())
for name, method in (('stored', 0), ('deflated', 8), ('bzip2', 12), ('lzma', 14)):
    with zipfile.ZipFile(name + '.zip', 'w', method) as zip:
        zip.writestr('file', 'content ' * 1000)
`;
    const { status, stderr } = spawnSync('python3', ['-c', script], { cwd: at, encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    const found = await scanImage(openSource(`tar:${join(at, 'x.tar')}`));
    assert.deepEqual(
      ['a', 'b', 'c'].map((name) => found.entries.get(name)!.mtimeNs),
      [1_700_000_000_250_000_000n, -1_500_000_000n, 100n],
    );
    for (const name of ['stored', 'deflated', 'bzip2']) {
      const zip = await scanImage(openSource(`zip:${join(at, `${name}.zip`)}`));
      assert.deepEqual(zip.diagnostics, [], name);
      assert.equal(digest(zip, 'file'), sha256(Buffer.from('content '.repeat(1000))), name);
    }
    // A method that is not read is told.
    assert.deepEqual(told(await scanImage(openSource(`zip:${join(at, 'lzma.zip')}`))), ['file']);
  },
);

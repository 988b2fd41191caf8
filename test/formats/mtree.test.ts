import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { mtreeReader } from '../../src/formats/mtree.js';
import { mtreeWriter } from '../../src/formats/mtree-write.js';
import { entries, EVERYTHING, proveHarmless, readAll, reread, treePaths } from './listings.js';

const SHA = 'ab'.repeat(32);

const SAMPLE = `#mtree v1
/set type=file uid=0 gname=root mode=0644
# a comment
.               type=dir mode=0755
    \\#odd \\
                size=1 time=5.25
    link        type=link link=a\\040b mode=777
    sub         type=dir
        inner   sha256=${SHA} nlink=2 flags=none
        dev     type=char device=native,1,3
    ..
/unset uid
    last        type=fifo
..
./sub/whole     type=file size=7 md5digest=00 xattr.user.a=Yg== optional
`.replace('..\n./sub', './sub');

test('indented and whole paths, settings, continued lines and comments are read as one tree', () => {
  const { entries: found, errors } = readAll(mtreeReader(), SAMPLE);
  assert.deepEqual(errors, []);
  assert.deepEqual(
    found.map(({ path, type, mode, uid, gid }) => [path, type, mode, uid, gid]),
    [
      ['.', 'directory', 0o755, 0, 0],
      ['#odd', 'file', 0o644, 0, 0],
      ['link', 'symlink', 0o777, 0, 0],
      ['sub', 'directory', 0o644, 0, 0],
      ['sub/inner', 'file', 0o644, 0, 0],
      ['sub/dev', 'char', 0o644, 0, 0],
      ['last', 'fifo', 0o644, null, 0],
      ['./sub/whole', 'file', 0o644, null, 0],
    ],
  );
  assert.equal(found[1]?.mtimeNs, 5_000_000_025n, 'behind the point stand nanoseconds');
  assert.equal(found[2]?.target, 'a b');
  assert.equal(Buffer.from(found[4]?.sha256 ?? []).toString('hex'), SHA);
  assert.deepEqual(found[5]?.rdev, { major: 1, minor: 3 });
  assert.deepEqual(found[7]?.otherDigests, ['md5']);
  assert.deepEqual(found[7]?.xattrs, [{ name: 'user.a', value: 'b' }]);
  assert.equal(found[7]?.isOptional, true);
});

test('what a value does not say is not known, and told', () => {
  const bad = 'f type=file mode=9 uid=x size=-1 time=1.2.3 sha256=00 link=\\q';
  const [entry] = readAll(mtreeReader(), bad).entries;
  const { mode, uid, size, mtimeNs, sha256 } = entry!;
  assert.deepEqual([mode, uid, size, mtimeNs, sha256], [null, null, null, null, null]);
  assert.equal(entry?.problems.length, 6);
});

test('names of owners have numbers for root alone, and numbers of devices only where their halves are told', () => {
  const [a, b] = readAll(
    mtreeReader(),
    'a type=block uname=root gname=wheel device=0x801\nb',
  ).entries;
  assert.deepEqual([a?.uid, a?.gid, a?.rdev], [0, null, null]);
  assert.equal(b?.type, null);
});

test('an entry that is not to be looked at says nothing but its type', () => {
  const [entry] = readAll(mtreeReader(), `a type=file mode=644 sha256=${SHA} nochange`).entries;
  assert.deepEqual([entry?.type, entry?.mode, entry?.sha256], ['file', null, null]);
});

test('lines that make no sense are refused one by one', () => {
  const { entries: found, errors } = readAll(
    mtreeReader(),
    '..\n/foo\na\\q type=file\nb type=file',
  );
  assert.equal(errors.length, 3);
  assert.deepEqual(
    found.map(({ path }) => path),
    ['b'],
  );
});

test('what is written is read again, whatever the name', () => {
  fc.assert(
    fc.property(treePaths, entries, (path, entry) => {
      const found = reread(mtreeWriter(EVERYTHING), mtreeReader(), path, entry);
      assert.equal(found?.path, `./${path}`);
      const { type, mode, uid, gid, mtimeNs, target, rdev } = entry;
      const { sha256, size } = found;
      assert.deepEqual(
        { ...found, sha256, size },
        { ...found, type, mode, uid, gid, mtimeNs, target, rdev, sha256, size },
      );
      assert.deepEqual(Buffer.from(sha256 ?? []), Buffer.from(entry.sha256 ?? []));
      assert.equal(size, type === 'file' ? entry.size : null);
    }),
  );
});

test('cut and changed lists do no harm', () => proveHarmless(mtreeReader, SAMPLE));

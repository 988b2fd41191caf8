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
} from '../../formats/build-tar.js';
import { mutations } from './mutations.js';
import { tarContent } from './tar-content.js';
import {
  EPOCH,
  LATE,
  LONG,
  file,
  one,
  linked,
  gnuSparse,
  paxSparse,
  withRecords,
} from './tar-samples.js';

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

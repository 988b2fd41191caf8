import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { FormatError } from '../../src/core/errors.js';
import type { RandomAccess } from '../../src/core/random-access.js';
import { arKind, arMembers } from '../../src/formats/ar.js';
import { needs } from '../helpers/oracle.js';
import { tempTree } from '../helpers/temp-tree.js';
import { arArchive } from './build-ar.js';

test('Names of every dialect are found, with what they are for', () => {
  const bytes = arArchive([
    { name: '/', data: 'symbols' },
    { name: '/SYM64/' },
    { name: '//', data: 'long-name-one.o/\nlong-name-two.o/\n' },
    { name: '/17' },
    { name: 'short.o/' },
    { name: 'common' },
    { name: '#1/8', data: 'bsd.o\0\0\0data' },
    { name: '__.SYMDEF SORTED' },
  ]);
  assert.deepEqual(
    [...arMembers(bytes)].map(({ name, role }) => [name, role]),
    [
      ['/', 'symbols'],
      ['/SYM64/', 'symbols'],
      ['//', 'names'],
      ['long-name-two.o', 'file'],
      ['short.o', 'file'],
      ['common', 'file'],
      ['bsd.o', 'file'],
      ['__.SYMDEF SORTED', 'symbols'],
    ],
  );
});

test('Fields are read as numbers and as they are written', () => {
  const [member] = [
    ...arMembers(arArchive([{ date: '17', uid: '', mode: '100644', data: 'odd' }])),
  ];
  assert.deepEqual(member!.date, { value: 17, raw: '17          ' });
  assert.deepEqual(member!.uid, { value: null, raw: '      ' });
  assert.equal(member!.mode.value, 0o100644);
  assert.deepEqual([member!.dataOffset, member!.dataBytes, member!.end], [68, 3, 72]);
});

test('The magic number tells plain from thin archives', () => {
  assert.equal(arKind(arArchive([])), 'plain');
  assert.equal(arKind(arArchive([], '!<thin>\n')), 'thin');
  assert.equal(arKind(Buffer.from('!<arch')), null);
});

test('What makes no sense is refused with its offset', () => {
  for (const fields of [
    { size: '' },
    { size: '9999' },
    { mode: '8' },
    { name: '/5' },
    { name: '#1/99' },
  ])
    assert.throws(() => [...arMembers(arArchive([fields]))], FormatError, JSON.stringify(fields));
  const bytes = arArchive([{ data: 'even' }]);
  for (let length = 9; length < bytes.length; length++)
    assert.throws(() => [...arMembers(bytes.subarray(0, length))], FormatError, String(length));
});

test(
  'A package of dpkg-deb is read from a file header by header',
  { skip: needs('dpkg-deb') },
  (t) => {
    const root = tempTree(t, {
      'DEBIAN/control':
        'Package: x\nVersion: 1\nArchitecture: all\nMaintainer: x <x@x>\nDescription: x\n',
      'opt/big': 'x'.repeat(100_000),
    });
    const path = `${root}.deb`;
    execFileSync('dpkg-deb', ['-Znone', '--root-owner-group', '-b', root, path], {
      stdio: 'ignore',
    });
    const bytes = readFileSync(path);
    let bytesRead = 0;
    const file: RandomAccess = {
      size: bytes.length,
      read: (offset, length) => {
        bytesRead += length;
        return bytes.subarray(offset, offset + length);
      },
    };
    const members = [...arMembers(file)];
    assert.deepEqual(
      members.map(({ name }) => name),
      ['debian-binary', 'control.tar', 'data.tar'],
    );
    assert.deepEqual(members, [...arMembers(bytes)]);
    assert.ok(bytesRead < 1000);
  },
);

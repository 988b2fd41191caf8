/** Libraries of binutils and packages of dpkg-deb. */

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { ar } from '../../../src/scrub/normalizers/ar.js';
import { needs } from '../../helpers/oracle.js';
import { tempFolder } from '../../helpers/temp-tree.js';
import { shell } from './archive-tree.js';

const LONG_NAME = 'an-object-with-a-long-name.o';

test('A library of ar becomes what ar D writes', { skip: needs('ar', 'gcc', 'nm') }, (t) => {
  const folder = tempFolder(t);
  shell(
    folder,
    `echo 'int f(void){return 1;}' >f.c; echo 'int g(void){return 2;}' >g.c
     gcc -c f.c; gcc -c g.c -o ${LONG_NAME}; chmod 600 f.o
     ar rcU told.a f.o ${LONG_NAME}; chmod 644 f.o; ar rcD silent.a f.o ${LONG_NAME}`,
  );
  const told = readFileSync(join(folder, 'told.a'));
  const fixed = change(told, 'told.a', null);
  assert.deepEqual(fixed, readFileSync(join(folder, 'silent.a')));
  writeFileSync(join(folder, 'fixed.a'), fixed);
  assert.equal(
    shell(folder, 'nm -s fixed.a; ar p fixed.a'),
    shell(folder, 'nm -s told.a | sed s/told/fixed/; ar p told.a'),
  );
});

test('A package of dpkg-deb keeps its members', { skip: needs('dpkg-deb') }, (t) => {
  const folder = tempFolder(t);
  mkdirSync(join(folder, 'p/DEBIAN'), { recursive: true });
  writeFileSync(
    join(folder, 'p/DEBIAN/control'),
    'Package: p\nVersion: 1\nArchitecture: all\nMaintainer: N <n@example.org>\nDescription: d\n',
  );
  writeFileSync(join(folder, 'p/file'), 'content');
  shell(folder, 'dpkg-deb -b --root-owner-group p p.deb', { SOURCE_DATE_EPOCH: '1700000000' });
  const before = readFileSync(join(folder, 'p.deb'));
  const fixed = change(before, 'p.deb', 1_600_000_000);
  writeFileSync(join(folder, 'fixed.deb'), fixed);
  const told = (name: string): string => shell(folder, `dpkg-deb -f ${name}; dpkg-deb -c ${name}`);
  assert.equal(told('fixed.deb'), told('p.deb'));
});

function change(bytes: Uint8Array, name: string, sourceDateEpoch: number | null): Buffer {
  const result = ar.normalize({ bytes, name, sourceDateEpoch });
  if (result.kind !== 'changed') assert.fail(JSON.stringify(result));
  return Buffer.from(result.bytes);
}

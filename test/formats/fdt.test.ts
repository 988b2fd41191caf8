import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import fc from 'fast-check';

import { FormatError } from '../../src/core/errors.js';
import { readFdt, type FdtNode } from '../../src/formats/fdt.js';
import { needs } from '../helpers/oracle.js';
import { tempFolder } from '../helpers/temp-tree.js';
import { fdt, type BuildNode } from './build-fdt.js';

const BLOB = fdt(
  {
    properties: { model: 'a board', cells: 2 },
    nodes: {
      'cpu@0': { properties: { reg: 0, odd: new Uint8Array([1, 2, 3]), empty: new Uint8Array() } },
      soc: { nodes: { 'uart@10': { properties: { reg: 16 } } } },
    },
  },
  [[0x1000n, 0x200n]],
);

function pathOf({ name, parent }: FdtNode): string {
  return parent === null ? name : `${pathOf(parent)}/${name}`;
}

function described(blob: Buffer): readonly string[] {
  return readFdt(blob).nodes.flatMap((node) => [
    `${pathOf(node)}/`,
    ...node.properties.map(({ name, offset, length }) => {
      const value = blob.subarray(offset, offset + length).toString('hex');
      return `${pathOf(node)}/${name}=${value}`;
    }),
  ]);
}

test('nodes and properties come with their places, and every byte has a region', () => {
  const { version, nodes, regions, totalSize } = readFdt(BLOB);
  assert.deepEqual([version, nodes.length, totalSize], [17, 4, BLOB.length]);
  assert.deepEqual(described(BLOB), [
    '/',
    '/model=6120626f61726400',
    '/cells=00000002',
    '/cpu@0/',
    '/cpu@0/reg=00000000',
    '/cpu@0/odd=010203',
    '/cpu@0/empty=',
    '/soc/',
    '/soc/uart@10/',
    '/soc/uart@10/reg=00000010',
  ]);
  const kinds = regions.map(({ kind }) => kind);
  assert.deepEqual(kinds, ['header', 'reservations', 'structure', 'strings']);
  const { regions: longer } = readFdt(Buffer.concat([BLOB, Buffer.from('data')]));
  assert.deepEqual(longer.at(-1), {
    kind: 'trailing',
    name: 'trailing',
    offset: BLOB.length,
    length: 4,
  });
});

test('cut off anywhere, it is no blob', () => {
  for (let length = 0; length < BLOB.length; length++)
    assert.throws(() => readFdt(BLOB.subarray(0, length)), FormatError, String(length));
});

test('random bytes in a blob give another blob or a format error, and regions cover it once', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat({ max: BLOB.length - 1 }), fc.nat({ max: 255 })), { maxLength: 4 }),
      (changes) => {
        const bytes = Buffer.from(BLOB);
        for (const [at, value] of changes) bytes[at] = value;
        try {
          let end = 0;
          for (const { offset, length } of readFdt(bytes).regions) {
            assert.equal(offset, end);
            end += length;
          }
          assert.equal(end, bytes.length);
        } catch (error) {
          if (!(error instanceof FormatError)) throw error;
        }
      },
    ),
    { numRuns: 5000 },
  );
});

test('nodes as deep as the bytes allow are read', () => {
  let node: BuildNode = {};
  for (let depth = 0; depth < 500; depth++) node = { nodes: { n: node } };
  assert.equal(readFdt(fdt(node)).nodes.length, 501);
});

test(
  'dtc reads what is built here, and writes what is read the same',
  { skip: needs('dtc', 'fdtget') },
  (t) => {
    const folder = tempFolder(t);
    const [mine, theirs] = [join(folder, 'a.dtb'), join(folder, 'b.dtb')];
    writeFileSync(mine, BLOB);
    const made = execFileSync('dtc', ['-q', '-I', 'dtb', '-O', 'dtb', '-p', '64', mine], {
      stdio: 'pipe',
    });
    assert.deepEqual(described(made), described(BLOB));
    writeFileSync(theirs, made);
    const got = execFileSync('fdtget', [theirs, '/', 'model'], { encoding: 'utf8' });
    assert.equal(got, 'a board\n');
  },
);

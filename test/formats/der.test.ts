import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import fc from 'fast-check';

import { FormatError } from '../../src/core/errors.js';
import { derRegions } from '../../src/formats/der-leaves.js';
import { childOf, oidOf, smallNumberOf, timeOf } from '../../src/formats/der-values.js';
import { readDer, type DerNode } from '../../src/formats/der.js';
import { needs } from '../helpers/oracle.js';
import { tempFolder } from '../helpers/temp-tree.js';
import { mutations } from '../scrub/normalizers/mutations.js';
import { assertRegions } from './assert-regions.js';

function readOrRefuse(bytes: Uint8Array): DerNode | null {
  try {
    const root = readDer(bytes, { base: 1000 });
    assertRegions(bytes.length, derRegions(root, bytes.length));
    return root;
  } catch (error) {
    assert.ok(error instanceof FormatError, String(error));
    return null;
  }
}

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

test('Definite and indefinite lengths and long tags are read, with places in the file', () => {
  const bytes = hex('30 80 02 01 05 bf 81 02 03 04 01 61 00 00 ff');
  const root = readDer(bytes, { base: 1000 });
  assert.deepEqual([root.indefinite, root.length, root.end], [true, 10, 1014]);
  const [number, tagged] = root.children;
  assert.equal(smallNumberOf(number!), 5);
  assert.deepEqual(
    [tagged?.tagClass, tagged?.tag, tagged?.offset, tagged?.children[0]?.offset],
    ['context', 130, 1005, 1009],
  );
  assert.deepEqual(
    derRegions(root, bytes.length).map(({ name, length }) => [name, length]),
    [
      ['header', 2],
      ['header 0', 2],
      ['value 0', 1],
      ['header 1', 4],
      ['header 1.0', 2],
      ['value 1.0', 1],
      ['end-mark', 2],
      ['trailing', 1],
    ],
  );
});

test('Nesting, numbers of elements and lengths beyond the input are refused', () => {
  const deep = hex('3080'.repeat(100_000));
  assert.throws(() => readDer(deep), FormatError);
  const many = Buffer.concat([hex('3083 0f4240'), hex('0500'.repeat(500_000))]);
  assert.throws(() => readDer(many), FormatError);
  assert.equal(readDer(many, { mostNodes: 600_000 }).children.length, 500_000);
  for (const bad of [
    '',
    '30',
    '3084ffffffff',
    '04ffffffffffffffff',
    '0480',
    '1fffffffffff01',
    '30800201',
  ])
    assert.throws(() => readDer(hex(bad)), FormatError, bad);
});

test('Times are read in UTC, and only those that exist', () => {
  const time = (tag: number, text: string): number | null =>
    timeOf(readDer(Buffer.concat([Buffer.from([tag, text.length]), Buffer.from(text)])));
  assert.equal(time(23, '491231235959Z'), Date.UTC(2049, 11, 31, 23, 59, 59) / 1000);
  assert.equal(time(23, '500101000000Z'), Date.UTC(1950, 0, 1) / 1000);
  assert.equal(time(24, '99991231235959Z'), Date.UTC(9999, 11, 31, 23, 59, 59) / 1000);
  assert.equal(time(24, '20230229000000Z'), null);
  assert.equal(time(24, '20230228000000+0100'), null);
  assert.equal(time(12, '20230228000000Z'), null);
});

test('Trees cut at any byte are refused; damaged ones are read or refused', () => {
  const sample = hex(
    '30 1c 30 80 02 01 05 00 00 a0 0c 04 02 61 62 24 80 04 01 63 00 00 00 06 06 2a 86 48 86 f7 0d',
  );
  const whole = Buffer.concat([
    hex('30 1d'),
    sample.subarray(2, 22),
    hex('06 06 2a 86 48 86 f7 0d 05'),
  ]);
  whole[1] = whole.length - 2;
  for (const bytes of [sample, whole])
    for (let length = 0; length < bytes.length; length++)
      assert.equal(readOrRefuse(bytes.subarray(0, length)), null);
  for (const mutant of mutations(whole, 10_000, 3)) readOrRefuse(mutant);
});

test('openssl finds the same elements', { skip: needs('openssl') }, () => {
  const bytes = execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'rsa:1024',
      '-nodes',
      '-keyout',
      '/dev/null',
      '-subj',
      '/CN=x',
      '-outform',
      'DER',
    ],
    { stdio: 'pipe' },
  );
  const shown = execFileSync('openssl', ['asn1parse', '-inform', 'DER'], {
    input: bytes,
    encoding: 'utf8',
  });
  const expected = [...shown.matchAll(/^ *(\d+):d=(\d+) +hl=(\d+) l= *(\d+) (cons|prim)/gm)].map(
    (row) => [...row.slice(1, 5).map(Number), row[5]],
  );
  const found: (string | number)[][] = [];
  const visit = (node: DerNode, depth: number): void => {
    found.push([
      node.offset,
      depth,
      node.headerLength,
      node.length,
      node.constructed ? 'cons' : 'prim',
    ]);
    for (const child of node.children) visit(child, depth + 1);
  };
  visit(readDer(bytes), 0);
  assert.ok(expected.length > 40);
  assert.deepEqual(found, expected);
});

test('openssl encodes object identifiers as they are read', { skip: needs('openssl') }, (t) => {
  const file = join(tempFolder(t), 'oid');
  const arc = fc.nat(2 ** 31 - 1);
  const first = fc.oneof(
    fc.tuple(fc.constantFrom(0, 1), fc.nat(39)),
    fc.tuple(fc.constant(2), fc.nat(100_000)),
  );
  fc.assert(
    fc.property(first, fc.array(arc, { maxLength: 4, minLength: 1 }), (start, rest) => {
      const name = [...start, ...rest].join('.');
      execFileSync('openssl', ['asn1parse', '-genstr', `OID:${name}`, '-noout', '-out', file], {
        stdio: 'pipe',
      });
      assert.equal(oidOf(readDer(readFileSync(file))), name);
    }),
    { numRuns: 20 },
  );
  assert.throws(() => oidOf(readDer(hex('0602 2a86'))), FormatError);
  assert.throws(() => childOf(readDer(hex('3000')), 0, null), FormatError);
});

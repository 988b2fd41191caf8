import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { buildJks, type JksEntryFields } from '../../formats/build-jks.js';
import { needs } from '../../helpers/oracle.js';
import { tempFolder } from '../../helpers/temp-tree.js';
import { everyDifference } from '../every-difference.js';
import { lookInto, proveEveryByte, proveTruncation } from '../prove.js';

const ENTRIES: readonly JksEntryFields[] = [
  { alias: 'one', createdMs: 1_790_000_000_000n, certificate: Buffer.from('certificate 1') },
  {
    alias: 'two',
    createdMs: 1_790_000_000_001n,
    certificate: Buffer.from('certificate 2'),
    key: Buffer.from('private bytes'),
  },
];

function changed(fields: Partial<JksEntryFields>): Uint8Array {
  return buildJks([ENTRIES[0]!, { ...ENTRIES[1]!, ...fields }]);
}

test('every byte of a Java key store is in some fact', async () => {
  await proveEveryByte('cacerts', buildJks(ENTRIES));
  await proveTruncation('cacerts', buildJks(ENTRIES));
});

test('time, certificate and key of an entry are told apart, and the digest follows', async () => {
  const store = buildJks(ENTRIES);
  const cases = [
    [{ createdMs: 1_790_000_000_002n }, 'entries!two!creation date time'],
    [{ certificate: Buffer.from('certificate 3') }, 'entries!two!certificates opaque'],
    [{ key: Buffer.from('private bites') }, 'entries!two!key secret'],
  ] as const;
  for (const [fields, expected] of cases)
    assert.deepEqual(await everyDifference('cacerts', store, changed(fields)), [
      'digest checksum',
      expected,
    ]);
  assert.deepEqual(await everyDifference('cacerts', store, buildJks(ENTRIES.toReversed())), [
    'digest checksum',
    'entries!order layout',
  ]);
});

test('times of entries are seconds with their fraction', async () => {
  const { facts, format } = await lookInto('cacerts', buildJks(ENTRIES));
  assert.equal(format, 'jks');
  assert.deepEqual(
    facts[0]!.facts.tables[0]!.rows.map(({ key, values }) => [key, values[1]]),
    [
      ['one', '1790000000'],
      ['two', '1790000000.001'],
    ],
  );
});

test('a PKCS #12 store is accounted for to the byte', { skip: needs('openssl') }, async (t) => {
  const folder = tempFolder(t);
  const openssl = (...args: readonly string[]): void =>
    void execFileSync('openssl', [...args], { cwd: folder, stdio: 'pipe' });
  const subject = ['-subj', '/CN=x', '-keyout', 'k.pem', '-out', 'c.pem'];
  openssl('req', '-x509', '-newkey', 'rsa:1024', '-nodes', ...subject);
  const store = (name: string): Buffer => {
    const files = ['-inkey', 'k.pem', '-in', 'c.pem', '-out', name];
    openssl('pkcs12', '-export', ...files, '-passout', 'pass:changeit', '-name', 'x');
    return readFileSync(join(folder, name));
  };
  const [first, second] = [store('1.p12'), store('2.p12')];
  const { format, problems } = await lookInto('1.p12', first);
  assert.equal(format, 'pkcs12');
  assert.deepEqual(problems, []);
  await proveEveryByte('1.p12', first, 3000);
  const found = await everyDifference('1.p12', first, second);
  assert.ok(found.includes('mac.salt random'));
  assert.ok(found.includes('safes!safe 0!salt random'));
});

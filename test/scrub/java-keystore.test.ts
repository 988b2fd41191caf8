import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { FormatError } from '../../src/core/errors.js';
import { jksDigest, readJks } from '../../src/formats/jks.js';
import { buildJks } from '../formats/build-jks.js';
import { needs } from '../helpers/oracle.js';
import { repositoryRoot } from '../helpers/repository-root.js';
import { tempFolder, tempTree } from '../helpers/temp-tree.js';
import { mutations } from './normalizers/mutations.js';
import { editsOf, EPOCH, plan, scrub } from './support.js';

const ONLY = { only: ['java-keystore'] };
const FILE = 'etc/pki/ca-trust/extracted/java/cacerts';
const EPOCH_MS = BigInt(EPOCH) * 1000n;

const certificate = Buffer.from('a certificate');
const stores = (createdMs: readonly [bigint, bigint]) =>
  [
    { alias: 'first', createdMs: createdMs[0], certificate },
    { alias: 'caf\xc3\xa9', createdMs: createdMs[1], certificate },
  ] as const;
const early = buildJks(stores([1n, 2n]));
const late = buildJks(stores([EPOCH_MS + 1n, EPOCH_MS + 123_456n]));
const fixed = buildJks(stores([EPOCH_MS, EPOCH_MS]));

test('all times of certificates become SOURCE_DATE_EPOCH, under a digest that fits', async (t) => {
  for (const bytes of [early, late]) {
    for (const file of [FILE, 'etc/ssl/certs/java/cacerts', 'usr/share/pki/trust/java-cacerts']) {
      const root = tempTree(t, { [file]: bytes });
      const { result } = await scrub(root, ONLY);
      assert.deepEqual(result.diagnostics, []);
      assert.deepEqual(new Uint8Array(readFileSync(join(root, file))), fixed);
      assert.deepEqual((await plan(root, ONLY)).edits, []);
    }
  }
  const version1 = { version: 1 } as const;
  const root = tempTree(t, { [FILE]: buildJks(stores([5n, 6n]), version1) });
  await scrub(root, ONLY);
  const after = new Uint8Array(readFileSync(join(root, FILE)));
  assert.deepEqual(after, buildJks(stores([EPOCH_MS, EPOCH_MS]), version1));
});

test('stores with another password or with private keys, owned ones and other formats stay', async (t) => {
  const keyed = buildJks([{ alias: 'k', createdMs: 1n, certificate, key: Buffer.from('key') }]);
  const cases: readonly (readonly [string, Uint8Array, readonly string[]])[] = [
    ['another password', buildJks(stores([1n, 2n]), { password: 'secret' }), ['not-rewritable']],
    ['a private key', keyed, ['not-rewritable']],
    ['cut off', late.subarray(0, -1), ['format']],
    ['PKCS #12', Buffer.from('3082', 'hex'), []],
    ['JCEKS', Buffer.from('cececece', 'hex'), []],
    ['empty', Buffer.alloc(0), []],
  ];
  for (const [what, bytes, codes] of cases) {
    const planned = await plan(tempTree(t, { [FILE]: bytes }), ONLY);
    assert.deepEqual(planned.edits, [], what);
    assert.deepEqual(
      planned.diagnostics.map(({ code }) => code),
      codes,
      what,
    );
  }
  const owned = { ...ONLY, ownership: { owned: [FILE] } };
  assert.deepEqual(editsOf(await plan(tempTree(t, { [FILE]: late }), owned)), []);
  assert.deepEqual(
    editsOf(await plan(tempTree(t, { [FILE]: late }), { ...ONLY, epoch: null })),
    [],
  );
});

test('a store that is cut off anywhere makes no sense, and a damaged one has no digest that fits', () => {
  const read = (bytes: Uint8Array): ReturnType<typeof readJks> | null => {
    try {
      return readJks(bytes);
    } catch (error) {
      assert.ok(error instanceof FormatError, String(error));
      return null;
    }
  };
  for (let length = 0; length < late.length; length++)
    assert.equal(read(late.subarray(0, length)), null);
  for (const mutant of mutations(late, 10_000, 1)) {
    const store = read(mutant);
    if (store === null || Buffer.compare(mutant, late) === 0) continue;
    const digest = jksDigest(mutant.subarray(0, store.digestAt), 'changeit');
    assert.notEqual(Buffer.compare(digest, mutant.subarray(store.digestAt)), 0);
  }
});

test(
  'keytool lists a real store with the new time, and the same certificates as before',
  { skip: needs('keytool', 'tar', 'gzip') },
  async (t) => {
    const folder = tempFolder(t);
    const name = 'etc/ssl/certs/java/cacerts';
    const archive = join(repositoryRoot(), 'fixtures/demo/a.tar.gz');
    execFileSync('tar', ['-xzf', archive, '-C', folder, name]);
    const list = (): string =>
      execFileSync(
        'keytool',
        ['-list', '-keystore', join(folder, name), '-storepass', 'changeit'],
        {
          env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'pipe'],
        },
      );
    const before = list();
    const { result } = await scrub(folder, ONLY);
    assert.equal(result.applied.length, 1);
    const after = list();
    const dates = after.match(/[A-Z][a-z]{2} \d+, \d{4}/g);
    assert.deepEqual([...new Set(dates)], ['Sep 13, 2020']);
    const masked = (text: string): string => text.replace(/[A-Z][a-z]{2} \d+, \d{4}/g, '');
    assert.notEqual(before, after);
    assert.equal(masked(after), masked(before));
  },
);

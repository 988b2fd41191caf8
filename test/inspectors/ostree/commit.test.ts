import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { needs } from '../../helpers/oracle.js';
import { tempFolder } from '../../helpers/temp-tree.js';
import { ostree } from '../../sources/ostree/support.js';
import { everyDifference } from '../every-difference.js';
import { lookInto, proveEveryByte, proveTruncation } from '../prove.js';

const skip = needs('ostree');

interface Made {
  readonly name: string;
  readonly bytes: Buffer;
  readonly repository: string;
}

function commit(t: TestContext, ...options: readonly string[]): Made {
  const folder = tempFolder(t);
  mkdirSync(join(folder, 'tree'));
  writeFileSync(join(folder, 'tree/file'), 'x');
  const repository = join(folder, 'repo');
  ostree(`--repo=${repository}`, 'init', '--mode=archive');
  const tree = `--tree=dir=${folder}/tree`;
  const always = ['-b', 'x', '-s', 'Größe', '-m', 'a body\nof lines', '--timestamp=@1767312000'];
  const checksum = ostree(`--repo=${repository}`, 'commit', tree, ...always, ...options);
  const file = join(repository, 'objects', checksum.slice(0, 2), `${checksum.slice(2)}.commit`);
  return { name: `${checksum}.commit`, bytes: readFileSync(file), repository };
}

const KEYS = [
  '--add-metadata-string=version=42.1',
  `--add-metadata-string=rpmostree.inputhash=${'ab'.repeat(32)}`,
  "--add-metadata=packages=[('bash', '5.2', uint64 7), ('glibc', '2.40', 9)]",
  "--add-metadata=nested={'one': <@ms 'x'>, 'two': <[byte 1, 2, 3]>, 'three': <(true, 1.5)>}",
  '--add-metadata-string=build-token=hunter2',
];

test('every byte of a commit is in some fact', { skip }, async (t) => {
  const { name, bytes } = commit(t, ...KEYS);
  await proveEveryByte(name, bytes);
  await proveTruncation(name, bytes);
});

test('fields have their names, kinds and values', { skip }, async (t) => {
  const { name, bytes, repository } = commit(t, ...KEYS);
  const { format, facts, problems } = await lookInto(name, bytes);
  assert.deepEqual([format, problems], ['ostree-commit', []]);
  const fields = Object.fromEntries(
    facts[0]!.facts.facts.map((fact) => [fact.name, `${fact.kind} ${fact.value}`]),
  );
  const [content] = /(?<=ContentChecksum:\s+)[0-9a-f]{64}/.exec(
    ostree(`--repo=${repository}`, 'show', 'x'),
  )!;
  assert.equal(fields['ostree-content-checksum'], `digest ${content}`);
  assert.equal(fields['timestamp'], 'time 1767312000');
  assert.equal(fields['subject'], `text ${Buffer.from('Größe').toString('latin1')}`);
  assert.equal(fields['parent'], 'digest null');
  const keys = facts[0]!.facts.tables[0]!.rows.map(({ key }) => key);
  for (const key of ['version', 'rpmostree.inputhash', 'packages/bash', 'packages/glibc'])
    assert.ok(keys.includes(key), `${key} in ${keys.join()}`);
  assert.ok(!JSON.stringify(facts).includes('hunter2'));
});

test('a commit of other metadata differs in that alone', { skip }, async (t) => {
  const [a, b] = [commit(t, KEYS[0]!), commit(t, '--add-metadata-string=version=42.2')];
  assert.deepEqual(await everyDifference(a.name, a.bytes, b.bytes), [
    'metadata!version!version version',
  ]);
});

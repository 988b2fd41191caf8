import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { needs } from '../helpers/oracle.js';
import { tempFolder, tempTree } from '../helpers/temp-tree.js';
import { editsOf, EPOCH, plan, scrub } from './support.js';

const FILE = 'lib/apk/db/scripts.tar';
const ONLY = { only: ['apk-scripts'] };

/** A root with two scripts, packed by tar in an order and at a time. */
function rootWith(t: TestContext, names: readonly string[], time: number, owner: number): string {
  const root = tempTree(t, { [dirname(FILE)]: null });
  const folder = join(tempFolder(t), 'scripts');
  mkdirSync(folder);
  for (const name of names)
    writeFileSync(join(folder, name), `#!/bin/sh\n: ${name}\n`, { mode: 0o755 });
  const options = [
    '--format=ustar',
    `--mtime=@${time}`,
    `--owner=u:${owner}`,
    `--group=g:${owner}`,
  ];
  execFileSync('tar', ['-cf', join(root, FILE), ...options, '-C', folder, ...names]);
  return root;
}

test(
  'Archives of the same scripts become one, which a second run leaves',
  { skip: needs('tar') },
  async (t) => {
    const names = ['b-1-r0.X1bb.post-install', 'a-1-r0.X1aa.pre-upgrade'];
    const roots = [
      rootWith(t, names, EPOCH + 100, 0),
      rootWith(t, names.toReversed(), EPOCH + 777, 1000),
    ];
    for (const root of roots) {
      const { plan: planned, result } = await scrub(root, ONLY);
      assert.deepEqual(
        [editsOf(planned), planned.diagnostics, result.diagnostics],
        [[`rewrite ${FILE}`], [], []],
      );
      assert.deepEqual((await plan(root, ONLY)).edits, []);
      const list = execFileSync('tar', ['-tf', join(root, FILE)], { encoding: 'utf8' });
      assert.deepEqual(list.trimEnd().split('\n'), names.toSorted());
    }
    const [one, other] = roots.map((root) => readFileSync(join(root, FILE)));
    assert.deepEqual(one, other);
  },
);

test('Something else under this name is reported and left, and so is the compressed archive', async (t) => {
  const root = tempTree(t, { [FILE]: 'no archive', 'usr/lib/apk/db/scripts.tar.gz': 'x' });
  const planned = await plan(root, ONLY);
  assert.deepEqual(planned.edits, []);
  assert.deepEqual(
    planned.diagnostics.map(({ code, path }) => [code, path]),
    [['format', FILE]],
  );
  assert.deepEqual((await plan(root, { ...ONLY, epoch: null })).diagnostics, []);
});

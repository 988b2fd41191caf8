import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { gzipMember } from '../formats/build-gzip.js';
import { tempTree } from '../helpers/temp-tree.js';
import { run } from './helpers.js';

const VARIES = gzipMember('x', { mtime: 1_700_000_000 });

test('normalize: 1 for what --check would change, 0 when done, 0 the second time', (t) => {
  const cwd = tempTree(t, { 'a.gz': VARIES, other: 'x' });
  const check = run(cwd, ['normalize', 'a.gz', 'other', '--check']);
  assert.equal(check.status, 1, check.stderr);
  assert.deepEqual(readFileSync(join(cwd, 'a.gz')), VARIES);
  const done = run(cwd, ['normalize', 'a.gz', 'other']);
  assert.equal(done.status, 0, done.stderr);
  assert.match(done.stdout, /MTIME: 2023-11-14T22:13:20Z -> 0/);
  assert.equal(run(cwd, ['normalize', 'a.gz', 'other', '--check']).status, 0);
});

test('normalize: 4 when something was left, whatever else was changed', (t) => {
  const cwd = tempTree(t, { 'a.gz': VARIES, 'b.gz': VARIES.subarray(0, -1) });
  const result = run(cwd, ['normalize', 'b.gz', 'a.gz', '--json']);
  assert.equal(result.status, 4);
  const { schemaVersion, files } = JSON.parse(result.stdout) as {
    schemaVersion: number;
    files: readonly { file: string; kind: string }[];
  };
  assert.equal(schemaVersion, 1);
  assert.deepEqual(
    files.map(({ file, kind }) => `${kind} ${file}`),
    ['left b.gz', 'changed a.gz'],
  );
});

test('normalize: enough work is done in threads, and nothing else is said', (t) => {
  const large = gzipMember(randomBytes(32_000_000), { mtime: 1_700_000_000 });
  const cwd = tempTree(t, { 'a.gz': large, 'b.gz': large, 'c.gz': large.subarray(0, -1) });
  const { status, stdout, stderr } = run(cwd, ['normalize', 'a.gz', 'b.gz', 'c.gz']);
  assert.equal(status, 4);
  assert.deepEqual(
    stdout.split('\n').filter((line) => line.startsWith('changed')),
    ['changed a.gz (gzip)', 'changed b.gz (gzip)'],
  );
  assert.equal(stderr.split('\n').length, 2, stderr);
});

test('normalize: 2 for usage and a malformed epoch, 3 for a missing file; nothing is written', (t) => {
  const cwd = tempTree(t, { 'a.gz': VARIES, d: null });
  assert.equal(run(cwd, ['normalize']).status, 2);
  assert.equal(run(cwd, ['normalize', 'a.gz', 'd']).status, 2);
  assert.equal(run(cwd, ['normalize', 'a.gz', '--only', 'gz']).status, 2);
  assert.equal(run(cwd, ['normalize', 'a.gz'], { SOURCE_DATE_EPOCH: '1e9' }).status, 2);
  assert.equal(run(cwd, ['normalize', 'a.gz', 'missing']).status, 3);
  assert.deepEqual(readFileSync(join(cwd, 'a.gz')), VARIES);
});

test('normalize: names and fields of others do not drive the terminal', (t) => {
  const name = 'a\x1b[31m\n.gz';
  const cwd = tempTree(t, { [name]: VARIES });
  const { stdout, status } = run(cwd, ['normalize', name]);
  assert.equal(status, 0);
  assert.ok(!stdout.includes('\x1b'));
});

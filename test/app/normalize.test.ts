import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { normalizeFiles, type NormalizedFile } from '../../src/app/normalize.js';
import { AuditError } from '../../src/core/errors.js';
import { gzipMember } from '../formats/build-gzip.js';
import { listTree } from '../helpers/list-tree.js';
import { needs, needsRoot } from '../helpers/oracle.js';
import { tempTree } from '../helpers/temp-tree.js';
import { setMtime, setXattr } from '../scrub/support.js';

const VARIES = gzipMember('x', { mtime: 1_700_000_000 });
const NORMAL = gzipMember('x');

interface Options {
  readonly check?: boolean;
  readonly follow?: boolean;
  readonly only?: readonly string[];
  readonly skip?: readonly string[];
  readonly signal?: AbortSignal;
}

function normalize(
  cwd: string,
  files: readonly string[],
  options: Options = {},
): Promise<readonly NormalizedFile[]> {
  return normalizeFiles({
    files,
    cwd,
    only: options.only ?? null,
    skip: options.skip ?? [],
    follow: options.follow ?? false,
    sourceDateEpoch: null,
    check: options.check ?? false,
    nonce: '0123456789abcdef',
    signal: options.signal ?? new AbortController().signal,
  });
}

const kinds = (files: readonly NormalizedFile[]): readonly string[] =>
  files.map(({ file, kind }) => `${kind} ${file}`);

test('what varies is changed and told, what is normal or unknown stays, a second run does nothing', async (t) => {
  const cwd = tempTree(t, { 'a.gz': VARIES, 'b.gz': NORMAL, 'c.gz': 'no gzip', 'd/e': VARIES });
  const files = ['a.gz', 'b.gz', 'c.gz', './d/e'];
  const before = listTree(cwd);
  const [first, ...rest] = await normalize(cwd, files);
  assert.ok(first?.kind === 'changed');
  assert.deepEqual(first.fields, [
    { member: '', field: 'MTIME', before: '2023-11-14T22:13:20Z', after: '0' },
  ]);
  assert.equal(first.otherNames, 0);
  assert.deepEqual(kinds(rest), ['normal b.gz', 'unknown c.gz', 'changed ./d/e']);
  assert.deepEqual(readFileSync(join(cwd, 'a.gz')), NORMAL);
  assert.deepEqual(readFileSync(join(cwd, 'd/e')), NORMAL);
  const after = listTree(cwd);
  for (const path of ['', 'b.gz', 'c.gz', 'd']) assert.deepEqual(after.get(path), before.get(path));
  assert.deepEqual(kinds(await normalize(cwd, files)), [
    'normal a.gz',
    'normal b.gz',
    'unknown c.gz',
    'normal ./d/e',
  ]);
  assert.deepEqual(listTree(cwd), after);
});

test('with check nothing is written', async (t) => {
  const cwd = tempTree(t, { 'a.gz': VARIES });
  const before = listTree(cwd);
  assert.deepEqual(kinds(await normalize(cwd, ['a.gz'], { check: true })), ['changed a.gz']);
  assert.deepEqual(listTree(cwd), before);
});

test(
  'owner, mode, times and attributes stay, of the folder too',
  { skip: needsRoot() },
  async (t) => {
    const cwd = tempTree(t, { 'd/a.gz': VARIES });
    const file = join(cwd, 'd/a.gz');
    chownSync(file, 12, 34);
    chmodSync(file, 0o4751);
    setXattr(file, 'user.note', Buffer.from([0, 1, 255]));
    setMtime(file, 1_500_000_000_123_456_789n);
    setMtime(join(cwd, 'd'), 1_400_000_000_987_654_321n);
    const before = listTree(cwd);
    await normalize(cwd, ['d/a.gz']);
    const after = listTree(cwd);
    assert.deepEqual(after.get('d'), before.get('d'));
    const { content, ino, ...kept } = after.get('d/a.gz')!;
    const { content: oldContent, ino: oldIno, ...was } = before.get('d/a.gz')!;
    assert.deepEqual(kept, was);
    assert.ok(content !== oldContent && ino !== oldIno);
  },
);

test('names of one inode are treated once and stay linked, in other folders too', async (t) => {
  const cwd = tempTree(t, { 'a.gz': VARIES, 'd/x': 'x' });
  linkSync(join(cwd, 'a.gz'), join(cwd, 'd/b.gz'));
  linkSync(join(cwd, 'a.gz'), join(cwd, 'c.gz'));
  const files = await normalize(cwd, ['d/b.gz', 'a.gz', './a.gz']);
  assert.deepEqual(kinds(files), ['changed d/b.gz']);
  assert.ok(files[0]?.kind === 'changed' && files[0].otherNames === 1);
  const inode = (name: string): number => lstatSync(join(cwd, name)).ino;
  assert.equal(inode('a.gz'), inode('d/b.gz'));
  assert.deepEqual(readFileSync(join(cwd, 'a.gz')), NORMAL);
  // A name that was not given keeps the old inode, bytes and all.
  assert.notEqual(inode('c.gz'), inode('a.gz'));
  assert.deepEqual(readFileSync(join(cwd, 'c.gz')), VARIES);
});

test('a link is passed over and nothing after it is skipped; --follow treats what it leads to', async (t) => {
  const cwd = tempTree(t, {
    'a.gz': VARIES,
    latest: { link: 'a.gz' },
    outside: { link: '../other.gz' },
    dangling: { link: 'nowhere' },
    'z.gz': VARIES,
  });
  const other = join(cwd, '../other.gz');
  writeFileSync(other, VARIES);
  const files = await normalize(cwd, ['latest', 'outside', 'dangling', 'a.gz', 'z.gz']);
  assert.deepEqual(kinds(files), [
    'changed a.gz',
    'changed z.gz',
    'link latest',
    'left outside',
    'left dangling',
  ]);
  assert.deepEqual(readFileSync(other), VARIES);
  assert.deepEqual(kinds(await normalize(cwd, ['latest', 'outside'], { follow: true })), [
    'normal latest',
    'changed outside',
  ]);
  assert.ok(lstatSync(join(cwd, 'outside')).isSymbolicLink());
  assert.deepEqual(readFileSync(other), NORMAL);
});

test('a folder or a missing name is an error before anything is changed', async (t) => {
  const cwd = tempTree(t, { 'a.gz': VARIES, d: null });
  for (const [name, code] of [
    ['d', 'USAGE'],
    ['missing', 'SOURCE_UNUSABLE'],
    ['a.gz/x', 'SOURCE_UNUSABLE'],
  ] as const)
    await assert.rejects(
      normalize(cwd, ['a.gz', name]),
      (error) => error instanceof AuditError && error.code === code,
    );
  await assert.rejects(
    normalize(cwd, ['a.gz'], { only: ['gzp'] }),
    (error) => error instanceof AuditError && error.code === 'USAGE' && /gzip/.test(error.hint!),
  );
  assert.deepEqual(readFileSync(join(cwd, 'a.gz')), VARIES);
});

test('formats are chosen by id', async (t) => {
  const cwd = tempTree(t, { 'a.gz': VARIES });
  assert.deepEqual(kinds(await normalize(cwd, ['a.gz'], { skip: ['gzip'] })), ['unknown a.gz']);
  assert.deepEqual(kinds(await normalize(cwd, ['a.gz'], { only: ['gzip'] })), ['changed a.gz']);
});

test('a damaged file is left byte for byte, with a reason', async (t) => {
  const cwd = tempTree(t, { 'a.gz': VARIES.subarray(0, -3), 'b.gz': VARIES });
  const files = await normalize(cwd, ['a.gz', 'b.gz']);
  assert.deepEqual(kinds(files), ['left a.gz', 'changed b.gz']);
  assert.ok(files[0]?.kind === 'left' && files[0].normalizer === 'gzip');
  assert.deepEqual(readFileSync(join(cwd, 'a.gz')), VARIES.subarray(0, -3));
});

test('a pipe blocks nothing and is left', { skip: needs('mkfifo') }, async (t) => {
  const cwd = tempTree(t, { 'a.gz': VARIES });
  assert.equal(spawnSync('mkfifo', [join(cwd, 'p')]).status, 0);
  assert.deepEqual(kinds(await normalize(cwd, ['p', 'a.gz'])), ['left p', 'changed a.gz']);
});

test('a signal stops it between two files', async (t) => {
  const cwd = tempTree(t, { 'a.gz': VARIES });
  const controller = new AbortController();
  controller.abort();
  await assert.rejects(
    normalize(cwd, ['a.gz'], { signal: controller.signal }),
    (error) => error instanceof AuditError && error.code === 'INTERRUPTED',
  );
  assert.deepEqual(readFileSync(join(cwd, 'a.gz')), VARIES);
});

test('names are bytes: spaces, newlines, and folders that are links', async (t) => {
  const cwd = tempTree(t, { 'd\u00fc/a b\n.gz': VARIES, l: { link: 'd\u00fc' } });
  assert.deepEqual(kinds(await normalize(cwd, ['l/a b\n.gz'])), ['changed l/a b\n.gz']);
  assert.deepEqual(readFileSync(join(cwd, 'd\u00fc/a b\n.gz')), NORMAL);
});

test('files on two devices are two files', { skip: deviceSkip() }, async (t) => {
  const { cwd, twin } = twinOnOtherDevice(t);
  const names = ['a.gz', twin];
  assert.deepEqual(
    kinds(await normalize(cwd, names)),
    names.map((name) => `changed ${name}`),
  );
});

function deviceSkip(): string | false {
  try {
    return lstatSync('/dev/shm').dev === lstatSync('/tmp').dev ? 'needs two devices' : false;
  } catch {
    return 'needs /dev/shm';
  }
}

function twinOnOtherDevice(t: TestContext): { cwd: string; twin: string } {
  const cwd = tempTree(t, { 'a.gz': VARIES });
  const folder = join('/dev/shm', `repro-audit-${process.pid}`);
  mkdirSync(folder);
  t.after(() => spawnSync('rm', ['-rf', folder]));
  writeFileSync(join(folder, 'a.gz'), VARIES);
  return { cwd, twin: join(realpathSync(folder), 'a.gz') };
}

test('nothing is left beside the file', async (t) => {
  const cwd = tempTree(t, { 'a.gz': VARIES });
  symlinkSync('a.gz', join(cwd, 'l'));
  await normalize(cwd, ['a.gz', 'l']);
  assert.deepEqual(readdirSync(cwd).sort(), ['a.gz', 'l']);
});

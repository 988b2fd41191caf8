import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { readPycTimestamp, withPycSourceMtime } from '../../src/formats/pyc.js';
import { applyPlan } from '../../src/scrub/apply.js';
import { listTree } from '../helpers/list-tree.js';
import { needs, needsRoot } from '../helpers/oracle.js';
import { tempFolder, tempTree } from '../helpers/temp-tree.js';
import {
  EPOCH,
  EPOCH_NS,
  NONCE,
  path,
  plan,
  scrub,
  setMtime,
  setXattr,
  type ScrubOptions,
} from './support.js';

const SECOND = 1_000_000_000n;
const LATE = EPOCH_NS + 1000n * SECOND;
const LATE_SECONDS = Number(LATE / SECOND);
/** Nobody owns anything, so that compiled modules stay. */
const unmanaged: ScrubOptions = { ownership: { managers: [] } };
const only = ['pyc-times', 'mtime-clamp'];

/** A header of Python 3.11 and a body. */
function pyc(mtime: number, size: number, flags = 0): Uint8Array {
  const bytes = new Uint8Array(24).fill(0x41);
  const view = new DataView(bytes.buffer);
  [0x0a0d0da7, flags, mtime, size].forEach((word, i) => view.setUint32(4 * i, word, true));
  return bytes;
}

const VALID = pyc(LATE_SECONDS, 3);
const FIXED = pyc(EPOCH, 3);
const MODULE = 'd/__pycache__/m.cpython-311.pyc';

function tree(t: TestContext, files: Readonly<Record<string, Uint8Array>>): string {
  const root = tempTree(t, { 'd/m.py': 'x=1', ...files });
  setMtime(join(root, 'd/m.py'), LATE + 7n);
  return root;
}

const edits = async (root: string, options: ScrubOptions = unmanaged): Promise<readonly string[]> =>
  (await plan(root, { ...options, only: ['pyc-times'] })).edits.map(
    ({ edit }) => `${edit.kind} ${edit.path}`,
  );

test('a late source and its modules get the epoch together, the modules first', async (t) => {
  const root = tree(t, {
    [MODULE]: VALID,
    'd/__pycache__/m.cpython-311.opt-1.pyc': VALID,
    'd/__pycache__/m.cpython-312.pyc': pyc(LATE_SECONDS, 3, 3),
    'd/__pycache__/other.cpython-311.pyc': VALID,
    'd/m.pyc': VALID,
  });
  assert.deepEqual(await edits(root), [
    'rewrite d/__pycache__/m.cpython-311.opt-1.pyc',
    `rewrite ${MODULE}`,
    'rewrite d/m.pyc',
    'set-mtime d/m.py',
  ]);
  const { result } = await scrub(root, { ...unmanaged, only });
  assert.deepEqual(result.diagnostics, []);
  for (const name of [MODULE, 'd/m.pyc'])
    assert.deepEqual(new Uint8Array(readFileSync(join(root, name))), FIXED, name);
  const other = readFileSync(join(root, 'd/__pycache__/other.cpython-311.pyc'));
  assert.deepEqual(new Uint8Array(other), VALID);
  for (const [name, { mtimeNs }] of listTree(root)) assert.ok(mtimeNs <= EPOCH_NS, name);
  assert.deepEqual((await plan(root, { ...unmanaged, only })).edits, []);
});

test('both stay where one may not change', async (t) => {
  const cases: readonly (readonly [string, Uint8Array, ScrubOptions])[] = [
    ['a module that is owned', VALID, { ownership: { owned: [MODULE] } }],
    ['a database that cannot be read', VALID, { ownership: { complete: false } }],
    [
      'a source with the time of its package',
      VALID,
      { ownership: { owned: ['d/m.py'], mtimes: { 'd/m.py': LATE_SECONDS } } },
    ],
    ['layout ostree', VALID, { ...unmanaged, layout: 'ostree' }],
    ['a stale module', pyc(LATE_SECONDS - 1, 3), unmanaged],
    ['another size', pyc(LATE_SECONDS, 4), unmanaged],
    ['a hash', pyc(LATE_SECONDS, 3, 1), unmanaged],
  ];
  for (const [what, bytes, options] of cases) {
    const root = tree(t, { [MODULE]: bytes });
    assert.deepEqual(await edits(root, options), [], what);
  }
  const shared = tree(t, { [MODULE]: VALID });
  linkSync(join(shared, MODULE), join(shared, 'd/__pycache__/n.cpython-311.pyc'));
  assert.deepEqual(await edits(shared), []);
  assert.deepEqual(
    (await plan(shared, { ...unmanaged, only })).edits
      .map(({ edit }) => edit.path)
      .includes(path('d/m.py')),
    false,
  );
});

test('modules that are one inode are written once, and so are sources', async (t) => {
  const root = tree(t, { [MODULE]: VALID });
  linkSync(join(root, MODULE), join(root, 'd/__pycache__/m.cpython-311.opt-1.pyc'));
  linkSync(join(root, 'd/m.py'), join(root, 'd/n.py'));
  writeFileSync(join(root, 'd/n.pyc'), VALID);
  const planned = await plan(root, { ...unmanaged, only });
  assert.deepEqual(
    planned.edits
      .map(({ edit }) => `${edit.kind} ${edit.path}`)
      .filter((one) => /m\.|n\./.test(one)),
    ['rewrite d/__pycache__/m.cpython-311.opt-1.pyc', 'rewrite d/n.pyc', 'set-mtime d/m.py'].concat(
      planned.edits.flatMap(({ edit }) =>
        edit.kind === 'set-mtime' && edit.path.endsWith('.pyc') ? [`set-mtime ${edit.path}`] : [],
      ),
    ),
  );
  await scrub(root, { ...unmanaged, only });
  assert.deepEqual((await plan(root, { ...unmanaged, only })).edits, []);
  assert.deepEqual(new Uint8Array(readFileSync(join(root, MODULE))), FIXED);
});

test('a module that changed meanwhile keeps its source from changing; a run that was cut off is finished by the next', async (t) => {
  const drifted = tree(t, { [MODULE]: VALID });
  const planned = await plan(drifted, { ...unmanaged, only: ['pyc-times'] });
  writeFileSync(join(drifted, MODULE), 'something else');
  const { applied, diagnostics } = await applyPlan(planned, { nonce: NONCE });
  assert.deepEqual([applied.length, diagnostics.length], [0, 2]);
  assert.equal(listTree(drifted).get('d/m.py')!.mtimeNs, LATE + 7n);

  const cut = tree(t, { [MODULE]: VALID });
  const whole = await plan(cut, { ...unmanaged, only: ['pyc-times'] });
  await applyPlan({ ...whole, edits: whole.edits.slice(0, 1) }, { nonce: NONCE });
  await scrub(cut, { ...unmanaged, only });
  assert.deepEqual(new Uint8Array(readFileSync(join(cut, MODULE))), FIXED);
  assert.equal(listTree(cut).get('d/m.py')!.mtimeNs, EPOCH_NS);
});

test('the time is written where each generation of Python has it', () => {
  for (const magic of [62211, 3379, 3495]) {
    const bytes = new Uint8Array(32);
    new DataView(bytes.buffer).setUint32(0, 0x0a0d0000 + magic, true);
    const changed = withPycSourceMtime(bytes, EPOCH);
    assert.equal(readPycTimestamp(changed)?.sourceMtime, EPOCH, String(magic));
    assert.equal(changed.filter((byte, i) => byte !== bytes[i]).length <= 4, true);
  }
});

/** Python's own account of how it imported a module. */
function verboseImport(root: string, module: string, ...flags: readonly string[]): string {
  const args = [
    ...flags,
    '-v',
    '-I',
    '-c',
    `import sys; sys.path.insert(0, ${JSON.stringify(root)}); import ${module}; assert ${module}.A == 1`,
  ];
  const { status, stderr } = spawnSync('python3', args, {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], PYTHONDONTWRITEBYTECODE: '1' },
  });
  assert.equal(status, 0, stderr);
  return stderr;
}

test(
  'Python takes the modules of two builds that became one, and compiles nothing',
  { skip: needs('python3') },
  async (t) => {
    const roots = await Promise.all(
      [LATE + 1n, LATE + 5n * SECOND].map(async (mtime) => {
        const root = tempTree(t, { 'pkg/m.py': 'A = 1\n', 'pkg/sub/n.py': 'A = 1\n' });
        for (const name of ['pkg/m.py', 'pkg/sub/n.py']) setMtime(join(root, name), mtime);
        const compile = ['-m', 'compileall', '-q', '-s', root];
        const env = { PATH: process.env['PATH'] };
        for (const level of ['0', '1', '2'])
          execFileSync('python3', [...compile, '-o', level, join(root, 'pkg')], { env });
        execFileSync('python3', [...compile, '-b', join(root, 'pkg/sub')], { env });
        const { result } = await scrub(root, { ...unmanaged, only });
        assert.deepEqual(result.diagnostics, []);
        return root;
      }),
    );
    const [a, b] = roots.map((root) =>
      [...listTree(root)].map(([name, { ino: _ino, ...rest }]) => [name, rest]),
    );
    assert.deepEqual(a, b);
    const [root] = roots;
    for (const flags of [[], ['-O'], ['-OO']]) {
      const said = verboseImport(join(root!, 'pkg'), 'm', ...flags);
      assert.match(said, /__pycache__\/m\.\S+\.pyc matches \S+\/m\.py/);
      assert.match(said, /code object from '\S+\/__pycache__\/m\.\S+\.pyc'/);
    }
    // Beside its source the old form is read once the source is gone.
    const sub = join(root!, 'pkg/sub');
    assert.ok(readdirSync(sub).includes('n.pyc'));
    assert.equal(readPycTimestamp(readFileSync(join(sub, 'n.pyc')))?.sourceMtime, EPOCH);
    rmSync(join(sub, 'n.py'));
    assert.match(verboseImport(sub, 'n'), /code object from '\S+\/sub\/n\.pyc'/);
  },
);

test(
  'on a full file system source and module stay as they are; an attribute needs no room to go',
  { skip: needsRoot() || needs('mount') },
  async (t) => {
    const folder = tempFolder(t);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', folder]);
    mkdirSync(join(folder, 'd/__pycache__'), { recursive: true });
    writeFileSync(join(folder, 'd/m.py'), 'x=1');
    writeFileSync(join(folder, MODULE), VALID);
    setXattr(join(folder, 'd/m.py'), 'trusted.overlay.origin', new Uint8Array([1]));
    assert.throws(() => writeFileSync(join(folder, 'rest'), new Uint8Array(1 << 20)));
    setMtime(join(folder, 'd/m.py'), LATE);
    for (const name of ['d/__pycache__', MODULE, 'd', 'rest', ''])
      setMtime(join(folder, name), EPOCH_NS);
    const before = listTree(folder);
    const rules = { ...unmanaged, only: ['pyc-times', 'mtime-clamp', 'overlay-xattrs'] };
    const { result } = await scrub(folder, rules);
    assert.deepEqual(
      result.applied.map(({ kind }) => kind),
      ['remove-xattr'],
    );
    assert.deepEqual(
      result.diagnostics.map((one) => one.path),
      [MODULE, 'd/m.py'],
    );
    const after = listTree(folder);
    assert.deepEqual(after.get('d/m.py')!.xattrs, []);
    const plain = (all: ReadonlyMap<string, object>): unknown =>
      [...all].map(([name, listed]) => [name, { ...listed, xattrs: [] }]);
    assert.deepEqual(plain(after), plain(before));
    execFileSync('umount', [folder]);
  },
);

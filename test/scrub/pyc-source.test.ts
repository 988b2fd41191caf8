import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { normalizeFiles } from '../../src/app/normalize.js';
import { readPycTimestamp } from '../../src/formats/pyc.js';
import { pycSource, pycSourcePath } from '../../src/scrub/pyc-source.js';
import { needs } from '../helpers/oracle.js';
import { tempTree } from '../helpers/temp-tree.js';
import { EPOCH, EPOCH_NS, NONCE, scrub, setMtime } from './support.js';

test('the source lies beside the module, or beside its cache', () => {
  const cases: readonly (readonly [readonly string[], string | null])[] = [
    [['a/__pycache__/x.cpython-311.pyc'], 'a/x.py'],
    [['__pycache__/x.cpython-311.opt-2.pyc'], 'x.py'],
    [['/a/__pycache__/x.cpython-34.pyo'], '/a/x.py'],
    [['a/x.pyc'], 'a/x.py'],
    [['x.pyo'], 'x.py'],
    [['a/__pycache__/x.pyc'], null],
    [['a/__pycache__/x.y.z.pyc'], null],
    [['a/x.py'], null],
    [[], null],
    [['a/__pycache__/x.t.pyc', 'a/__pycache__/x.t.opt-1.pyc', 'a/x.pyc'], 'a/x.py'],
    [['a/__pycache__/x.t.pyc', 'b/__pycache__/x.t.pyc'], null],
    [['a/x.pyc', 'a/x.py'], null],
  ];
  for (const [names, source] of cases) assert.equal(pycSourcePath(names), source, names.join());
  assert.deepEqual(pycSource({ mtimeNs: -1n, size: 3 }, 1_999_999_999n), {
    mtimeSeconds: -1,
    mtimeAfterSeconds: 1,
    sizeBytes: 3,
  });
});

const LATE_NS = EPOCH_NS + 1_000_000_000_000n;

const normalize = {
  command: async (root: string, cached: string): Promise<void> => {
    const [only] = await normalizeFiles({
      files: [cached],
      cwd: root,
      only: null,
      skip: [],
      follow: false,
      sourceDateEpoch: EPOCH,
      check: false,
      nonce: NONCE,
      signal: new AbortController().signal,
    });
    assert.ok(only?.kind === 'changed' || only?.kind === 'normal');
  },
  rule: async (root: string): Promise<void> => {
    const { result } = await scrub(root, { only: ['normalize-pyc', 'mtime-clamp'] });
    assert.deepEqual(result.diagnostics, []);
  },
};

for (const [way, run] of Object.entries(normalize))
  test(
    `Python finds a module up to date that the ${way} normalised, and one stale whose source has another time`,
    { skip: needs('python3') },
    async (t) => {
      for (const isClamped of [true, false]) {
        const root = tempTree(t, { 'pkg/m.py': 'A = {"x", "y"}\n' });
        const source = join(root, 'pkg/m.py');
        const python = (...args: readonly string[]): Buffer =>
          execFileSync('python3', args, {
            cwd: join(root, 'pkg'),
            env: { PATH: process.env['PATH'] },
          });
        setMtime(source, LATE_NS + 5n);
        python('-c', 'import m');
        const cached = `pkg/__pycache__/${readdirSync(join(root, 'pkg/__pycache__'))[0]}`;
        if (isClamped) setMtime(source, EPOCH_NS);
        await run(root, cached);
        const stamp = readPycTimestamp(readFileSync(join(root, cached)));
        assert.equal(stamp?.sourceMtime, EPOCH + 1000);
        // Its source may have been edited since it was compiled: nothing may call it valid.
        if (isClamped) continue;
        const was = lstatSync(join(root, cached), { bigint: true });
        python('-c', 'import m; assert m.A == {"x", "y"}');
        const now = lstatSync(join(root, cached), { bigint: true });
        assert.deepEqual([now.ino, now.mtimeNs], [was.ino, was.mtimeNs]);
        assert.deepEqual(readdirSync(join(root, 'pkg/__pycache__')).length, 1);
      }
    },
  );

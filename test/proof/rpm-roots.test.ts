/**
 * Roots that the system's own rpm installed at different times, in one transaction or in two and another order: after the hook
 * they are one, but for what scriptlets wrote, and rpm finds nothing wrong that it did not find before.
 */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test, type TestContext } from 'node:test';

import { expectOk, run as runProgram } from '../cli/helpers.js';
import { listTree } from '../helpers/list-tree.js';
import { needs, needsRoot } from '../helpers/oracle.js';
import { tempFolder } from '../helpers/temp-tree.js';
import { DATABASE, installRpms, RPM_FOLDER, rpm, rpmdb, run } from '../packages/rpm-root.js';
import { buildProofPackages, WRITTEN_BY_SCRIPTLETS } from './rpm-proof-packages.js';

const EPOCH = '1700000000';
const RPM_OPTIONS = ['--dbpath', `/${RPM_FOLDER}`, '--define', '_db_backend sqlite'];

test(
  'roots of the same packages become one, but for what scriptlets wrote',
  { skip: needs('rpm', 'rpmbuild', 'rpmdb', 'python3', 'cp') || needsRoot() },
  async (t) => {
    const packages = buildProofPackages();
    const reversed = packages.toReversed();
    const histories = {
      a: [packages],
      b: [packages],
      c: [reversed.slice(0, 2), reversed.slice(2)],
    };
    const roots: Record<string, string> = {};
    for (const [name, groups] of Object.entries(histories)) {
      roots[name] = installRpms(t, groups);
      addUnowned(roots[name]);
      // The times of two builds are never the same second.
      await sleep(1100);
    }
    const { a, b, c } = roots as { readonly a: string; readonly b: string; readonly c: string };
    assert.ok(differing(a, b).includes(DATABASE));
    assert.deepEqual(hooked(t, [a, b], []), WRITTEN_BY_SCRIPTLETS);
    // The order of installation stays in the database that is only patched.
    assert.ok(hooked(t, [a, c], []).includes(DATABASE));
    assert.deepEqual(hooked(t, [a, b, c], ['--rpmdb=canonical']), WRITTEN_BY_SCRIPTLETS);
  },
);

/** A module that no package owns, compiled now, and a file of the build. */
function addUnowned(root: string): void {
  const folder = join(root, 'usr/lib/python3/added');
  mkdirSync(folder);
  writeFileSync(join(folder, 'm.py'), 'A = {"a", "b"}\n');
  writeFileSync(join(root, 'usr/lib/built'), 'built\n');
  run('python3', ['-m', 'compileall', '-q', '-s', root, join(root, 'usr/lib/python3')]);
}

/** Hooks copies of the roots and returns the paths that differ between any of them; rpm has to be content with each. */
function hooked(
  t: TestContext,
  roots: readonly string[],
  flags: readonly string[],
): readonly string[] {
  const folder = tempFolder(t);
  const copies = roots.map((root, i) => {
    const copy = join(folder, String(i));
    run('cp', ['-a', root, copy]);
    const args = ['--build', `build-${i}`, '--db', join(folder, 'builds.db'), ...flags];
    expectOk(runProgram(folder, ['hook', copy, ...args], { SOURCE_DATE_EPOCH: EPOCH }));
    const again = ['scrub', copy, '--check', ...flags];
    const { status, stdout } = runProgram(folder, again, { SOURCE_DATE_EPOCH: EPOCH });
    assert.equal(status, 0, stdout);
    const before = saysOf(root, join(folder, `${i}-before`));
    const after = saysOf(copy, join(folder, `${i}-after`));
    const added = after.complaints.filter((line) => !before.complaints.includes(line));
    assert.deepEqual(added, []);
    assert.deepEqual(after.installed, before.installed);
    return copy;
  });
  const [first, ...others] = copies;
  return [...new Set(others.flatMap((other) => differing(first!, other)))].toSorted();
}

interface Says {
  readonly complaints: readonly string[];
  readonly installed: readonly string[];
}

/** What rpm says of a root, asked of a copy of it: asking leaves locks behind. */
function saysOf(root: string, copy: string): Says {
  run('cp', ['-a', root, copy]);
  assert.equal(rpmdb(copy, '--verifydb'), '');
  // Its status tells that there are complaints.
  const { stdout, error } = spawnSync('rpm', ['--root', copy, ...RPM_OPTIONS, '-Va', '--nodeps'], {
    encoding: 'latin1',
    env: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8' },
  });
  assert.equal(error, undefined);
  const installed = rpm(copy, '-qa', '--qf', '%{NEVRA} %{SIGMD5}\\n').split('\n');
  return { complaints: stdout.split('\n'), installed: installed.toSorted() };
}

/** Paths in one tree only, or with other attributes or bytes. */
function differing(a: string, b: string): readonly string[] {
  const [left, right] = [listTree(a), listTree(b)];
  const text = (
    entry: ReturnType<typeof listTree> extends ReadonlyMap<string, infer T> ? T : never,
  ): string => JSON.stringify({ ...entry, ino: 0, mtimeNs: String(entry.mtimeNs) });
  return [...new Set([...left.keys(), ...right.keys()])]
    .filter((path) => {
      const [one, other] = [left.get(path), right.get(path)];
      return one === undefined || other === undefined || text(one) !== text(other);
    })
    .toSorted();
}

/** hooks/rpm-ostree/postprocess: as an ordinary user on a folder, and as root inside chroots with almost nothing in them. */

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { needs, needsRoot } from '../helpers/oracle.js';
import { tempFolder } from '../helpers/temp-tree.js';
import { installBusybox, installCoreutils } from './chroots.js';
import { emptied, leftovers, settle, shadowAfter, shadowBefore, write } from './image.js';
import {
  below,
  bytePath,
  editedPaths,
  image,
  inside,
  installScript,
  sandbox,
  script,
} from './postprocess-run.js';
import { changedPaths, listTree } from './tree-listing.js';

const journal = 'var/log/journal/0123456789abcdef0123456789abcdef';
const expectedChanges = [
  ...leftovers.map((path) => `-${path}`),
  `-${journal}`,
  `-${journal}/system.journal`,
  ...[...emptied, 'etc/shadow'].map((path) => `~${path}`),
].sort();

const shells = [['dash'], ['bash', '--posix'], ['busybox', 'sh']] as const;
const targets = [
  { name: 'busybox', install: installBusybox, tools: ['busybox'] },
  { name: 'dash and coreutils', install: installCoreutils, tools: ['dash', 'ldd', 'stat'] },
];

for (const [shell, ...options] of shells) {
  test(
    `below a folder, ${shell} scrubs what it knows and nothing else`,
    { skip: needs(shell) },
    (t) => {
      const root = image(t);
      const before = listTree(root);
      const run = spawnSync(shell, [...options, script, root], { env: sandbox, encoding: 'utf8' });
      assert.equal(run.status, 0, run.stderr);
      assert.equal(run.stdout, '');
      assert.deepEqual(changedPaths(before, listTree(root)), expectedChanges);
      assert.equal(readFileSync(join(root, 'etc/shadow'), 'latin1'), shadowAfter);
      for (const path of emptied) assert.equal(statSync(join(root, path)).size, 0);
    },
  );
}

for (const { name, install, tools } of targets) {
  const skip = needsRoot() || needs(...tools);
  const target = (t: TestContext) => {
    const root = image(t);
    install(root);
    installScript(root);
    return root;
  };

  test(`inside a target of ${name} the same is scrubbed, once`, { skip }, (t) => {
    const root = target(t);
    const before = listTree(root);
    assert.equal(inside(root).status, 0);
    const once = listTree(root);
    assert.deepEqual(changedPaths(before, once), expectedChanges);
    assert.equal(readFileSync(join(root, 'etc/shadow'), 'latin1'), shadowAfter);
    const again = inside(root);
    assert.equal(again.status, 0);
    assert.deepEqual(editedPaths(again), []);
    assert.deepEqual(changedPaths(once, listTree(root)), []);
  });

  test(`inside a target of ${name} --check prints the edits and touches nothing`, { skip }, (t) => {
    const root = target(t);
    const before = listTree(root);
    const option = inside(root, ['--check']);
    const variable = inside(root, [], { REPRO_AUDIT_CHECK: '1' });
    assert.deepEqual(changedPaths(before, listTree(root)), []);
    assert.equal(option.status, 1);
    assert.equal(variable.status, 1);
    assert.equal(option.stderr, variable.stderr);
    assert.deepEqual(editedPaths(option), expectedFiles());
    inside(root);
    assert.equal(inside(root, ['--check']).status, 0);
  });

  test(
    `inside a target of ${name} owner, mode and mtime of a replaced file stay`,
    { skip },
    (t) => {
      const root = target(t);
      chownSync(join(root, 'etc/shadow'), 0, 42);
      chmodSync(join(root, 'etc/shadow'), 0o640);
      chownSync(join(root, 'var/log/wtmp'), 7, 43);
      chmodSync(join(root, 'var/log/wtmp'), 0o664);
      chmodSync(join(root, 'etc/machine-id'), 0o444);
      assert.equal(inside(root).status, 0);
      assert.deepEqual(ownership(join(root, 'etc/shadow')), [0, 42, 0o100640, 1577836800000]);
      assert.deepEqual(ownership(join(root, 'var/log/wtmp')), [7, 43, 0o100664, 1577836800000]);
      assert.deepEqual(ownership(join(root, 'etc/machine-id')), [0, 0, 0o100444, 1577836800000]);
    },
  );

  test(`inside a target of ${name} with /var read-only the rest is scrubbed`, { skip }, (t) => {
    const root = target(t);
    const before = listTree(root);
    const source = join(root, 'var');
    const run = mounted(['--bind', source, source], source, () => {
      execFileSync('mount', ['-o', 'remount,ro,bind', source]);
      return inside(root);
    });
    assert.equal(run.status, 0);
    assert.match(run.stderr, /^repro-audit: left var: /m);
    assert.deepEqual(
      changedPaths(before, listTree(root)),
      expectedChanges.filter((change) => !change.slice(1).startsWith('var/')),
    );
  });
}

test('links planted at the targets are not followed and stay', (t) => {
  const root = image(t);
  const outside = join(tempFolder(t), 'outside');
  const targets = [...leftovers, ...emptied, 'etc/shadow', `${journal}/system.journal`];
  for (const path of targets) {
    write(outside, path, shadowBefore);
    rmSync(join(root, path));
    symlinkSync(join(outside, path), join(root, path));
  }
  const untouched = listTree(outside);
  assert.equal(below(root).status, 0);
  assert.deepEqual(changedPaths(untouched, listTree(outside)), []);
  for (const path of targets) assert.equal(readlinkSync(join(root, path)), join(outside, path));
});

test('links planted in the place of folders are not followed', (t) => {
  const targets = [...leftovers, ...emptied, 'etc/shadow', `${journal}/system.journal`];
  const folders = [...new Set(targets.flatMap((path) => ancestors(path)))];
  for (const depth of [1, 2, 3, 4]) {
    const root = image(t);
    const outside = tempFolder(t);
    for (const folder of folders.filter((path) => path.split('/').length === depth)) {
      const place = join(outside, folder.replaceAll('/', '_'));
      renameSync(join(root, folder), place);
      symlinkSync(place, join(root, folder));
    }
    const untouched = listTree(outside);
    assert.ok(untouched.size > 1);
    assert.equal(below(root).status, 0);
    assert.deepEqual(changedPaths(untouched, listTree(outside)), [], `depth ${depth}`);
  }
});

test('names of any bytes below a cache or a log folder are removed, and shown without control characters', (t) => {
  const root = image(t);
  const names = [
    'new\nline',
    '-rf',
    '*',
    '[a-z]?',
    ' blanks  ',
    'quo\'te"$(touch pwned)`touch pwned`',
    '.hidden',
    '..dots',
    'back\\slash',
    'esc\x1b[31m',
    'latin1-\xe9\xff',
    'x'.repeat(255),
  ];
  for (const folder of ['var/cache/man', 'var/log/apt'])
    for (const name of names) writeFileSync(bytePath(join(root, folder), name), 'x');
  for (const name of names) {
    mkdirSync(bytePath(join(root, 'var/cache/dnf'), name));
    writeFileSync(bytePath(join(root, 'var/cache/dnf'), `${name}/inner`), 'x');
  }
  settle(join(root, 'etc'));
  const before = listTree(root);
  const run = below(root);
  assert.equal(run.status, 0);
  const removed = [...before.keys()].filter((path) => !listTree(root).has(path));
  for (const name of names) {
    assert.ok(removed.includes(`var/cache/man/${name}`), name);
    assert.ok(removed.includes(`var/log/apt/${name}`), name);
    assert.ok(removed.includes(`var/cache/dnf/${name}/inner`), name);
  }
  assert.match(run.stderr, /^[ -~\n]*$/);
  assert.deepEqual(
    changedPaths(before, listTree(root)).filter((change) => change.startsWith('~')),
    [...emptied, 'etc/shadow'].map((path) => `~${path}`).sort(),
  );
});

test('a root whose own name is hostile is handled', (t) => {
  const root = image(t);
  const hostile = join(dirname(root), '- $(x) *\n');
  renameSync(root, hostile);
  const before = listTree(hostile);
  assert.equal(below(hostile).status, 0);
  assert.deepEqual(changedPaths(before, listTree(hostile)), expectedChanges);
});

test('files that share their inode with a name outside are replaced, never written to', (t) => {
  const root = image(t);
  const pool = tempFolder(t);
  const shared = ['etc/machine-id', 'etc/shadow', 'var/log/wtmp'];
  shared.forEach((path, index) => linkSync(join(root, path), join(pool, String(index))));
  const untouched = listTree(pool);
  assert.equal(below(root).status, 0);
  assert.deepEqual(changedPaths(untouched, listTree(pool)), []);
  for (const path of shared) assert.equal(statSync(join(root, path)).nlink, 1);
});

test('the word uninitialized stays in machine-id, and so does a link', (t) => {
  const root = image(t);
  writeFileSync(join(root, 'etc/machine-id'), 'uninitialized\n');
  rmSync(join(root, 'var/lib/dbus/machine-id'));
  symlinkSync('/etc/machine-id', join(root, 'var/lib/dbus/machine-id'));
  assert.equal(below(root).status, 0);
  assert.equal(readFileSync(join(root, 'etc/machine-id'), 'utf8'), 'uninitialized\n');
  assert.equal(readlinkSync(join(root, 'var/lib/dbus/machine-id')), '/etc/machine-id');
});

test('a shadow without a newline at its end keeps it so; one with NUL bytes is left', (t) => {
  const root = image(t);
  const shadow = join(root, 'etc/shadow');
  writeFileSync(shadow, 'root:*:1:::::\nlast:!:2:::::');
  assert.equal(below(root).status, 0);
  assert.equal(readFileSync(shadow, 'utf8'), 'root:*::::::\nlast:!::::::');
  const damaged = 'root:*:1:::::\n\0\0last:!:2:::::\n';
  writeFileSync(shadow, damaged);
  assert.equal(below(root).status, 0);
  assert.equal(readFileSync(shadow, 'utf8'), damaged);
});

test('hashes are never printed', (t) => {
  assert.doesNotMatch(below(image(t)).stderr, /\$y\$|hash/);
});

test('without /var, /etc or anything else there is nothing to do', (t) => {
  const root = tempFolder(t);
  const run = below(root);
  assert.equal(run.status, 0);
  assert.equal(run.stderr, '');
});

test('a mount point below /var is not entered', { skip: needsRoot() || needs('mount') }, (t) => {
  const root = image(t);
  const mountPoint = join(root, 'var/cache/apt');
  mounted(['-t', 'tmpfs', 'tmpfs', mountPoint], mountPoint, () => {
    write(root, 'var/cache/apt/pkgcache.bin', 'of somebody else');
    assert.equal(below(root).status, 0);
    assert.ok(existsSync(join(mountPoint, 'pkgcache.bin')));
  });
  assert.ok(!existsSync(join(root, 'var/cache/man/index.db')));
});

test(
  'extended attributes of a replaced file stay',
  { skip: needsRoot() || needs('setfattr') },
  (t) => {
    const root = image(t);
    const shadow = join(root, 'etc/shadow');
    execFileSync('setfattr', ['-n', 'trusted.mark', '-v', 'kept', shadow]);
    assert.equal(below(root).status, 0);
    assert.equal(readFileSync(shadow, 'latin1'), shadowAfter);
    const value = execFileSync('getfattr', ['--only-values', '-n', 'trusted.mark', shadow]);
    assert.equal(value.toString(), 'kept');
  },
);

test(
  'a running system is refused unless it is said to be an image',
  { skip: needsRoot() || needs('busybox') },
  (t) => {
    const root = image(t);
    installBusybox(root);
    installScript(root);
    mkdirSync(join(root, 'run/systemd/system'), { recursive: true });
    const before = listTree(root);
    assert.equal(inside(root).status, 2);
    assert.deepEqual(changedPaths(before, listTree(root)), []);
    assert.equal(inside(root, ['--root-is-image']).status, 0);
    assert.deepEqual(changedPaths(before, listTree(root)), expectedChanges);
  },
);

test('wrong usage is exit 2 before anything is touched', (t) => {
  const root = image(t);
  const before = listTree(root);
  assert.equal(below(root, ['--unknown']).status, 2);
  assert.equal(below(root, ['/']).status, 2);
  assert.equal(below(join(root, 'none')).status, 2);
  assert.equal(below(join(root, 'etc/passwd')).status, 2);
  assert.deepEqual(changedPaths(before, listTree(root)), []);
});

/** Runs something while a file system is mounted; the mount is gone before the folder is removed. */
function mounted<T>(options: readonly string[], mountPoint: string, action: () => T): T {
  execFileSync('mount', options);
  try {
    return action();
  } finally {
    execFileSync('umount', [mountPoint]);
  }
}

/** What is edited, without the folders that go once they are empty. */
function expectedFiles(): string[] {
  return [...leftovers, ...emptied, 'etc/shadow', `${journal}/system.journal`].sort();
}

function ownership(path: string): number[] {
  const status = statSync(path);
  return [status.uid, status.gid, status.mode, status.mtimeMs];
}

function ancestors(path: string): string[] {
  const folder = dirname(path);
  return folder === '.' ? [] : [...ancestors(folder), folder];
}

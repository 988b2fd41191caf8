import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { AT_FDCWD, nativeCalls } from '../../src/fs/native.js';
import { applyPlan } from '../../src/scrub/apply.js';
import { scrubRules } from '../../src/scrub/index.js';
import { withBindMount } from '../helpers/bind-mount.js';
import { listTree } from '../helpers/list-tree.js';
import { needs, needsRoot } from '../helpers/oracle.js';
import { tempFolder, tempTree } from '../helpers/temp-tree.js';
import { SCRUB_PROCESS, type ProcessResult } from './scrub-process.js';
import { editsOf, EPOCH_NS, NONCE, path, plan, rewriteRule, scrub } from './support.js';

const native = nativeCalls()!;
const DEFAULT_RULES = scrubRules.filter((rule) => rule.defaultOn);
const REWRITE = { rules: [rewriteRule('f')] };

function setXattr(file: string, name: string, value: Uint8Array): void {
  assert.equal(native.setXattrAt(AT_FDCWD, file, name, value), 0, name);
}

function setMtime(file: string, ns: bigint): void {
  assert.equal(native.setMtimeAt(AT_FDCWD, file, ns), 0);
}

/** All but inode and link count, which a replaced file cannot keep. */
function kept(root: string, name: string): unknown {
  const { ino: _ino, nlink: _nlink, content: _content, ...rest } = listTree(root).get(name)!;
  return rest;
}

test(
  'a rewritten file keeps owner, mode, ns mtime, ACL, capabilities and binary attributes',
  { skip: needsRoot() || needs('setcap', 'setfacl') },
  async (t) => {
    const root = tempTree(t, { f: 'old' });
    const file = join(root, 'f');
    chownSync(file, 12, 34);
    chmodSync(file, 0o6751);
    setXattr(file, 'user.binary', new Uint8Array([0, 10, 255, 0]));
    setXattr(file, 'user.ostreemeta', new Uint8Array(300).fill(7));
    setXattr(file, 'trusted.t', new Uint8Array([1]));
    setXattr(file, 'user.odd\xff\nname', new Uint8Array(0));
    execFileSync('setfacl', ['-m', 'u:77:rwx', file]);
    execFileSync('setcap', ['cap_net_raw,cap_net_admin=ep', file]);
    chmodSync(file, 0o6751);
    execFileSync('setcap', ['cap_net_raw,cap_net_admin=ep', file]);
    setMtime(file, 1_234_567_890_123_456_789n);
    setMtime(root, 987_654_321_000_000_001n);
    const before = [kept(root, 'f'), kept(root, '')];
    assert.match(execFileSync('getcap', [file]).toString(), /cap_net_raw/);
    const { result } = await scrub(root, REWRITE);
    assert.deepEqual(result.diagnostics, []);
    assert.equal(readFileSync(file, 'utf8'), 'new');
    assert.deepEqual([kept(root, 'f'), kept(root, '')], before);
    assert.match(execFileSync('getcap', [file]).toString(), /cap_net_raw/);
  },
);

test(
  'attributes that the directory would give a new file are not given to a rewritten one',
  { skip: needsRoot() || needs('setfacl') },
  async (t) => {
    const root = tempTree(t, { 'd/f': 'old' });
    execFileSync('setfacl', ['-d', '-m', 'u:77:rwx', join(root, 'd')]);
    const before = kept(root, 'd/f');
    await scrub(root, { rules: [rewriteRule('d/f')] });
    assert.equal(readFileSync(join(root, 'd/f'), 'utf8'), 'new');
    assert.deepEqual(kept(root, 'd/f'), before);
  },
);

test('an applied edit carries digests, sizes and times, old and new', async (t) => {
  const root = tempTree(t, { f: 'old one' });
  setMtime(join(root, 'f'), 5n);
  const { result } = await scrub(root, REWRITE);
  const sha = (text: string): Uint8Array =>
    new Uint8Array(createHash('sha256').update(text).digest());
  assert.deepEqual(result.applied, [
    {
      rule: 'test-rewrite',
      ruleVersion: 3,
      path: 'f',
      kind: 'rewrite',
      reason: 'test',
      secret: false,
      oldSize: 7,
      newSize: 3,
      oldDigest: sha('old one'),
      newDigest: sha('new'),
      oldMtimeNs: 5n,
      newMtimeNs: 5n,
    },
  ]);
});

test('secrets leave their length and nothing else', async (t) => {
  const root = tempTree(t, {
    'etc/machine-id': `${'a'.repeat(32)}\n`,
    'var/lib/systemd/random-seed': 'seed',
    alias: '',
  });
  linkSync(join(root, 'etc/machine-id'), join(root, 'zz-alias'));
  const { result } = await scrub(root, { only: ['machine-id', 'random-seed'] });
  assert.deepEqual(
    result.applied.map(({ path: one, secret, oldSize, newSize, oldDigest, newDigest }) => [
      one,
      secret,
      oldSize,
      newSize,
      oldDigest,
      newDigest,
    ]),
    [
      ['etc/machine-id', true, 33, 0, null, null],
      ['var/lib/systemd/random-seed', true, 4, null, null, null],
    ],
  );
});

test('names of one inode in the tree stay one inode', async (t) => {
  const root = tempTree(t, { f: 'old', 'd/e/x': 'other' });
  linkSync(join(root, 'f'), join(root, 'd/e/g'));
  linkSync(join(root, 'f'), join(root, 'h'));
  for (const one of ['d/e', 'd', '']) utimesSync(join(root, one), 1, 1);
  const { result } = await scrub(root, REWRITE);
  assert.deepEqual(result.diagnostics, []);
  const tree = listTree(root);
  assert.equal(tree.get('f')!.nlink, 3);
  for (const one of ['f', 'h', 'd/e/g']) {
    assert.equal(tree.get(one)!.ino, tree.get('f')!.ino);
    assert.equal(readFileSync(join(root, one), 'utf8'), 'new');
  }
  for (const one of ['d/e', 'd', '']) assert.equal(tree.get(one)!.mtimeNs, 1_000_000_000n, one);
});

test('a rule that meets two names of one inode edits it once', async (t) => {
  const root = tempTree(t, { 'a/f': 'old', 'b/x': '' });
  linkSync(join(root, 'a/f'), join(root, 'b/f'));
  const { plan: planned } = await scrub(root, { rules: [rewriteRule('{a,b}/f')] });
  assert.deepEqual(editsOf(planned), ['rewrite a/f']);
  assert.equal(readFileSync(join(root, 'b/f'), 'utf8'), 'new');
  assert.deepEqual((await plan(root, { rules: [rewriteRule('{a,b}/f')] })).edits, []);
});

test('names outside the root keep the old content, time and inode', async (t) => {
  const cache = tempTree(t, { f: 'old', w: 'logins', m: 'late' });
  const root = tempTree(t, { 'var/log/x': '', 'm-dir/x': '' });
  linkSync(join(cache, 'f'), join(root, 'f'));
  linkSync(join(cache, 'w'), join(root, 'var/log/wtmp'));
  linkSync(join(cache, 'm'), join(root, 'm'));
  linkSync(join(cache, 'm'), join(root, 'm-dir/m2'));
  setMtime(join(cache, 'm'), EPOCH_NS + 5_000_000_000n);
  setXattr(join(cache, 'm'), 'user.k', new Uint8Array([0, 1]));
  const before = listTree(cache);
  const { result } = await scrub(root, { rules: [rewriteRule('f'), ...DEFAULT_RULES] });
  assert.deepEqual(result.diagnostics, []);
  for (const [name, entry] of listTree(cache))
    assert.deepEqual({ ...entry, nlink: 0 }, { ...before.get(name)!, nlink: 0 }, name);
  const tree = listTree(root);
  assert.equal(readFileSync(join(root, 'f'), 'utf8'), 'new');
  assert.equal(lstatSync(join(root, 'var/log/wtmp')).size, 0);
  assert.equal(tree.get('m')!.mtimeNs, EPOCH_NS);
  assert.equal(readFileSync(join(root, 'm'), 'utf8'), 'late');
  assert.deepEqual(tree.get('m')!.xattrs, ['user.k=0001']);
  assert.equal(tree.get('m')!.ino, tree.get('m-dir/m2')!.ino);
});

test(
  'the time of a link that is shared outside changes inside alone',
  { skip: needsRoot() },
  async (t) => {
    const cache = tempTree(t, { l: { link: 'odd\n target' } });
    const root = tempTree(t, { x: '' });
    setMtime(join(cache, 'l'), EPOCH_NS + 1n);
    execFileSync('chown', ['-h', '5:6', join(cache, 'l')]);
    linkSync(join(cache, 'l'), join(root, 'l'));
    const { result } = await scrub(root);
    assert.deepEqual(result.diagnostics, []);
    assert.equal(listTree(cache).get('l')!.mtimeNs, EPOCH_NS + 1n);
    const { mtimeNs, content, owner } = listTree(root).get('l')!;
    assert.deepEqual([mtimeNs, content, owner], [EPOCH_NS, 'odd\n target', '5:6']);
  },
);

test('holes of a large file survive the copy that its time needs', async (t) => {
  const cache = tempTree(t, { big: 'start' });
  const root = tempTree(t, {});
  truncateSync(join(cache, 'big'), 64 * 1024 * 1024);
  linkSync(join(cache, 'big'), join(root, 'big'));
  const digest = listTree(cache).get('big')!.content;
  await scrub(root);
  const copy = listTree(root).get('big')!;
  assert.equal(copy.mtimeNs, EPOCH_NS);
  assert.equal(copy.content, digest);
  assert.ok(lstatSync(join(root, 'big')).blocks * 512 < 4 * 1024 * 1024);
});

test('links that lead out of the root are never followed', async (t) => {
  const outside = tempTree(t, {
    'log/dpkg.log': 'x',
    'log/wtmp': 'x',
    'etc/machine-id': 'secret',
    'etc/shadow': 'a:!:1:::::\n',
    'py/x.py': '',
    'py/__pycache__/x.pyc': '',
    'machine-id': 'abc',
  });
  const root = tempTree(t, {
    'var/log': { link: join(outside, 'log') },
    etc: { link: join(outside, 'etc') },
    'usr/lib/py': { link: join(outside, 'py') },
    'usr/etc/machine-id': { link: join(outside, 'machine-id') },
    up: { link: '../../../../../..' },
  });
  const before = listTree(outside);
  const { plan: planned } = await scrub(root, { ownership: {} });
  assert.deepEqual(editsOf(planned), []);
  assert.deepEqual(listTree(outside), before);
});

test('odd names are edited like all others', async (t) => {
  const root = tempTree(t, {});
  const folder = Buffer.from(join(root, '-d\n\xff'), 'latin1');
  mkdirSync(folder);
  const names = ['new\nline', '\xff\xfe', 'n'.repeat(255), '-rf', ' ', '\\x', 'ä'];
  for (const name of names) {
    const full = Buffer.concat([folder, Buffer.from(`/${name}`, 'latin1')]);
    writeFileSync(full, 'old');
    setMtime(full.toString('latin1'), EPOCH_NS + 1n);
  }
  const { result } = await scrub(root, { rules: [rewriteRule('*/*'), ...DEFAULT_RULES] });
  assert.deepEqual(result.diagnostics, []);
  assert.deepEqual(readdirSync(folder, 'latin1').sort(), [...names].sort());
  for (const name of names) {
    const entry = listTree(root).get(`-d\n\xff/${name}`)!;
    assert.equal(entry.content, createHash('sha256').update('new').digest('hex'));
    assert.equal(entry.mtimeNs, EPOCH_NS);
  }
});

test(
  'a FIFO, a socket or a device is neither opened nor waited for',
  { skip: needsRoot() || needs('mkfifo', 'mknod') },
  async (t) => {
    const root = tempTree(t, { 'var/log/x': '', 'etc/x': '' });
    execFileSync('mkfifo', [
      join(root, 'var/log/wtmp'),
      join(root, 'etc/machine-id'),
      join(root, 'etc/shadow'),
      join(root, 'x.pyc'),
    ]);
    execFileSync('mknod', [join(root, 'var/log/dpkg.log'), 'c', '1', '3']);
    execFileSync('mknod', [join(root, 'var/log/btmp'), 'b', '7', '200']);
    const { plan: planned, result } = await scrub(root);
    assert.deepEqual(editsOf(planned), []);
    assert.deepEqual(result.diagnostics, []);
    for (const entry of listTree(root).values()) assert.ok(entry.mtimeNs <= EPOCH_NS);
  },
);

test('a mount point and what lies below it stay as they are', { skip: needsRoot() }, async (t) => {
  const root = tempTree(t, {
    'var/log/dpkg.log': 'x',
    'etc/machine-id': 'real',
    'etc/shadow': 'a:!:1:::::\n',
  });
  const other = tempTree(t, { 'dpkg.log': 'theirs', 'machine-id': 'theirs' });
  await withBindMount(other, join(root, 'var/log'), () =>
    withBindMount(join(other, 'machine-id'), join(root, 'etc/machine-id'), async () => {
      const before = listTree(other);
      for (const only of [undefined, ['dpkg-log', 'machine-id', 'shadow-lastchange']]) {
        const { result } = await scrub(root, only === undefined ? {} : { only });
        assert.deepEqual(result.diagnostics, []);
      }
      assert.deepEqual(listTree(other), before);
    }),
  );
  assert.equal(readFileSync(join(root, 'etc/machine-id'), 'utf8'), 'real');
  assert.equal(readFileSync(join(root, 'var/log/dpkg.log'), 'utf8'), 'x');
  assert.equal(readFileSync(join(root, 'etc/shadow'), 'utf8'), 'a:!::::::\n');
});

test('what changed after it was planned is left and reported', async (t) => {
  const changes: readonly ((root: string) => void)[] = [
    (root) => writeFileSync(join(root, 'f'), 'longer than before'),
    (root) => utimesSync(join(root, 'f'), 5, 5),
    (root) => {
      writeFileSync(join(root, 'g'), 'old');
      utimesSync(join(root, 'g'), 1577836800, 1577836800);
      renameSync(join(root, 'g'), join(root, 'f'));
    },
    (root) => linkSync(join(root, 'f'), join(root, 'h')),
    (root) => {
      renameSync(join(root, 'f'), join(root, 'g'));
      symlinkSync('/etc/passwd', join(root, 'f'));
    },
    (root) => renameSync(join(root, 'f'), join(root, 'g')),
  ];
  for (const [i, change] of changes.entries()) {
    const root = tempTree(t, { f: 'old' });
    const planned = await plan(root, REWRITE);
    change(root);
    const before = listTree(root);
    const result = await applyPlan(planned, { nonce: NONCE });
    assert.deepEqual(result.applied, [], `change ${i}`);
    assert.deepEqual(
      result.diagnostics.map(({ code, path: one }) => [code, one]),
      [['not-rewritable', 'f']],
    );
    assert.deepEqual(listTree(root), before);
  }
});

test('a directory that became a link to the outside after the plan is not entered', async (t) => {
  const outside = tempTree(t, { 'dpkg.log': 'theirs' });
  const root = tempTree(t, { 'var/log/dpkg.log': 'ours' });
  const planned = await plan(root, { only: ['dpkg-log'] });
  renameSync(join(root, 'var/log'), join(root, 'var/log.old'));
  symlinkSync(outside, join(root, 'var/log'));
  const result = await applyPlan(planned, { nonce: NONCE });
  assert.deepEqual(result.applied, []);
  assert.equal(readFileSync(join(outside, 'dpkg.log'), 'utf8'), 'theirs');
});

test('a file whose temporary name is taken is left, and the other file is untouched', async (t) => {
  const root = tempTree(t, { f: 'old', [`.repro-audit-${NONCE}-0.tmp`]: 'mine' });
  const { result } = await scrub(root, REWRITE);
  assert.deepEqual(result.applied, []);
  assert.equal(readFileSync(join(root, 'f'), 'utf8'), 'old');
  assert.equal(readFileSync(join(root, `.repro-audit-${NONCE}-0.tmp`), 'utf8'), 'mine');
});

test(
  'a signed file is not rewritten, but its time may change',
  { skip: needsRoot() },
  async (t) => {
    const root = tempTree(t, { f: 'old' });
    setXattr(join(root, 'f'), 'security.ima', new Uint8Array([3, 2]));
    const before = listTree(root).get('f');
    const { result } = await scrub(root, REWRITE);
    assert.deepEqual(
      result.diagnostics.map(({ code }) => code),
      ['not-rewritable'],
    );
    assert.deepEqual(listTree(root).get('f'), before);
  },
);

test(
  'a full or read-only file system leaves the old file and no other',
  { skip: needsRoot() || needs('mount') },
  async (t) => {
    const folder = tempFolder(t);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', folder]);
    try {
      writeFileSync(join(folder, 'f'), 'old');
      utimesSync(join(folder, 'f'), 1, 1);
      utimesSync(folder, 1, 1);
      const before = listTree(folder);
      const large = { rules: [rewriteRule('f', 'x'.repeat(1_000_000))] };
      const full = await scrub(folder, large);
      assert.deepEqual(
        full.result.diagnostics.map(({ code }) => code),
        ['not-rewritable'],
      );
      assert.deepEqual(listTree(folder), before);
      execFileSync('mount', ['-o', 'remount,ro', folder]);
      const readOnly = await scrub(folder, REWRITE);
      assert.deepEqual(
        readOnly.result.diagnostics.map(({ code }) => code),
        ['not-rewritable'],
      );
      assert.deepEqual(listTree(folder), before);
    } finally {
      execFileSync('umount', [folder]);
    }
  },
);

test('edits of one sequence stop at the first that cannot be made, others go on', async (t) => {
  const root = tempTree(t, { a: 'old', b: 'old', c: 'old' });
  const rule = rewriteRule('?');
  const inSequence = {
    ...rule,
    *plan(...args: Parameters<typeof rule.plan>) {
      for (const edit of rule.plan(...args))
        yield edit.path === 'c' ? edit : { ...edit, sequence: 's' };
    },
  };
  const planned = await plan(root, { rules: [inSequence] });
  writeFileSync(join(root, 'a'), 'changed meanwhile');
  const result = await applyPlan(planned, { nonce: NONCE });
  assert.deepEqual(
    result.applied.map((edit) => edit.path),
    ['c'],
  );
  assert.deepEqual(
    result.diagnostics.map((diagnostic) => diagnostic.path),
    ['a', 'b'],
  );
});

test('edits are applied in the order of the plan, and several of one file build on one another', async (t) => {
  const root = tempTree(t, { f: 'old', 'f-wal': 'log' });
  const first = rewriteRule('f', 'first');
  const planned = await plan(root, {
    rules: [
      {
        ...first,
        wants: ['f'],
        *plan({ path: found }) {
          const common = { rule: 'test-rewrite', reason: 'test' };
          yield { ...common, kind: 'rewrite', path: found, content: Buffer.from('first') };
          yield { ...common, kind: 'remove', path: path('f-wal') };
          yield { ...common, kind: 'rewrite', path: found, content: Buffer.from('second') };
        },
      },
    ],
  });
  const seen: string[] = [];
  const result = await applyPlan(planned, {
    nonce: NONCE,
    onEdit: (edit) => seen.push(`${edit.kind} ${edit.path} ${edit.oldSize}`),
  });
  assert.deepEqual(result.diagnostics, []);
  assert.deepEqual(seen, ['rewrite f 3', 'remove f-wal 3', 'rewrite f 5']);
  assert.equal(readFileSync(join(root, 'f'), 'utf8'), 'second');
  assert.deepEqual(readdirSync(root), ['f']);
});

test('an aborted run stops between two edits and says so', async (t) => {
  const files = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`f${i}`, 'old']));
  const root = tempTree(t, files);
  const planned = await plan(root, { rules: [rewriteRule('f*')] });
  const stop = new AbortController();
  const result = await applyPlan(planned, {
    nonce: NONCE,
    signal: stop.signal,
    onEdit: () => stop.abort(),
  });
  assert.equal(result.finished, false);
  assert.equal(result.applied.length, 1);
});

test('descriptors are closed again', async (t) => {
  const root = tempTree(
    t,
    Object.fromEntries(Array.from({ length: 80 }, (_, i) => [`d${i}/f`, 'old'])),
  );
  const open = (): number => readdirSync('/proc/self/fd').length;
  await scrub(root, { rules: [rewriteRule('*/f')] });
  const before = open();
  const again = await scrub(root, { rules: [rewriteRule('*/f', 'newer')] });
  assert.equal(again.result.applied.length, 80);
  assert.equal(open(), before);
});

test(
  'a process that may not give files away leaves those of others',
  { skip: needsRoot() || needs('setpriv') },
  (t) => {
    const root = tempTree(t, { 'd/f': 'old', 'd/f2': 'old' });
    chownSync(join(root, 'd/f'), 0, 55);
    const before = listTree(root);
    const withoutChown = ['--bounding-set=-chown', process.execPath, SCRUB_PROCESS, root, 'new'];
    const output = execFileSync('setpriv', withoutChown).toString();
    const expected: ProcessResult = { applied: 1, left: ['not-rewritable'] };
    assert.deepEqual(JSON.parse(output.replace('start\n', '')), expected);
    assert.deepEqual(listTree(root).get('d/f'), before.get('d/f'));
    assert.deepEqual(readdirSync(join(root, 'd')), ['f', 'f2']);
  },
);

test('without native calls nothing is edited, and that is said', (t) => {
  const root = tempTree(t, { 'd/f': 'old' });
  const before = listTree(root);
  const output = execFileSync(process.execPath, [SCRUB_PROCESS, root, 'new'], {
    env: { ...process.env, REPRO_AUDIT_NO_NATIVE: '1' },
  }).toString();
  const expected: ProcessResult = { applied: 0, left: ['not-rewritable'] };
  assert.deepEqual(JSON.parse(output.replace('start\n', '')), expected);
  assert.deepEqual(listTree(root), before);
});

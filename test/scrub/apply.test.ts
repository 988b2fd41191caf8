import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { applyPlan } from '../../src/scrub/apply.js';
import { withBindMount } from '../helpers/bind-mount.js';
import { listTree } from '../helpers/list-tree.js';
import { needs, needsRoot } from '../helpers/oracle.js';
import { tempTree } from '../helpers/temp-tree.js';
import {
  DEFAULT_RULES,
  editsOf,
  EPOCH_NS,
  NONCE,
  path,
  plan,
  rewriteRule,
  scrub,
  setMtime,
  setXattr,
} from './support.js';

const REWRITE = { rules: [rewriteRule('f')] };

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
    const root = tempTree(t, { 'var/log': null, 'etc/x': '' });
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

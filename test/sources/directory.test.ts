import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import type { Exclusion } from '../../src/core/capture.js';
import type { Diagnostic } from '../../src/core/diagnostic.js';
import type { RecordedEntry } from '../../src/core/packed-directory.js';
import { unpackDirectory, type PackedDirectory } from '../../src/core/packed-directory.js';
import { joinPath, type TreePath } from '../../src/core/path.js';
import { directory } from '../../src/sources/directory/index.js';
import type { ScanResult } from '../../src/sources/define.js';
import { needs, needsRoot } from '../helpers/oracle.js';
import { tempFolder, tempTree } from '../helpers/temp-tree.js';

interface Scan extends ScanResult {
  readonly entries: ReadonlyMap<string, RecordedEntry & { readonly mtimeNs: bigint }>;
  readonly linked: readonly { readonly path: string; readonly inode: string }[];
  readonly diagnostics: readonly Diagnostic[];
}

async function scan(
  root: string,
  options: {
    readonly exclusions?: readonly Exclusion[];
    readonly cache?: string;
    readonly now?: number;
  } = {},
): Promise<Scan> {
  const entries = new Map<string, RecordedEntry & { mtimeNs: bigint }>();
  const linked: { path: string; inode: string }[] = [];
  const diagnostics: Diagnostic[] = [];
  const take = (packed: PackedDirectory): void => {
    [...unpackDirectory(packed)].forEach((entry, i) =>
      entries.set(joinPath(packed.path, entry.name), { ...entry, mtimeNs: packed.mtimesNs[i]! }),
    );
    for (const { name, inode } of packed.multiplyLinked)
      linked.push({ path: joinPath(packed.path, name), inode });
  };
  const source = directory.open(root);
  try {
    const result = await source.scan(
      {
        digests: ['xxh64', 'sha256'],
        exclusions: options.exclusions ?? [],
        statCacheFile: options.cache ?? null,
        startedNs: BigInt(options.now ?? Date.now()) * 1_000_000n,
        signal: new AbortController().signal,
      },
      { directory: take, diagnostic: (d) => void diagnostics.push(d), progress: () => {} },
    );
    return { ...result, entries, linked, diagnostics };
  } finally {
    source.close();
  }
}

const hex = (bytes: Uint8Array | null | undefined): string | null =>
  bytes == null ? null : Buffer.from(bytes).toString('hex');

const sorted = ({ entries }: Scan): readonly (readonly [string, object])[] =>
  [...entries].toSorted(([a], [b]) => (a < b ? -1 : 1));

/** A tree that is large enough for the worker threads. */
function manyFiles(t: TestContext): string {
  const files: Record<string, string> = {};
  for (let i = 0; i < 3000; i++) files[`d${i % 60}/e${i % 7}/f${i}`] = `content ${i}`;
  return tempTree(t, files);
}

test(
  'every entry is there with what find and sha256sum say of it',
  { skip: needs('find', 'sha256sum') },
  async (t) => {
    const root = manyFiles(t);
    writeFileSync(join(root, 'large'), Buffer.alloc(700_001, 'x'));
    symlinkSync('../some where', join(root, 'link'));
    chmodSync(join(root, 'large'), 0o4755);
    const found = await scan(root);
    const listed = spawnSync(
      'find',
      [root, '-mindepth', '1', '-printf', '%P\t%y\t%m\t%U\t%G\t%T@\t%l\t%s\n'],
      { encoding: 'utf8' },
    )
      .stdout.trimEnd()
      .split('\n');
    assert.equal(found.entries.size, listed.length);
    for (const line of listed) {
      const [path, type, mode, uid, gid, time, target, size] = line.split('\t') as [
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
      ];
      const entry = found.entries.get(path)!;
      assert.equal({ file: 'f', directory: 'd', symlink: 'l' }[entry.type as 'file'], type);
      assert.equal(entry.mode.toString(8), mode);
      assert.deepEqual([entry.uid, entry.gid], [Number(uid), Number(gid)]);
      assert.equal(entry.mtimeNs, BigInt(time.replace('.', '').slice(0, -1)));
      assert.equal(entry.target ?? '', target);
      if (type === 'f') assert.equal(entry.size, Number(size));
    }
    const sums = spawnSync('sh', ['-c', 'find . -type f -exec sha256sum {} +'], {
      cwd: root,
      encoding: 'utf8',
    })
      .stdout.trimEnd()
      .split('\n');
    for (const line of sums)
      assert.equal(hex(found.entries.get(line.slice(68))!.sha256), line.slice(0, 64));
  },
);

test('XXH64 agrees with xxhsum', { skip: needs('xxhsum') }, async (t) => {
  const root = tempTree(t, { empty: '', small: 'abc', large: Buffer.alloc(1_000_003, 7) });
  const found = await scan(root);
  for (const name of ['empty', 'small', 'large']) {
    const sum = spawnSync('xxhsum', ['-H1', join(root, name)], { encoding: 'utf8' }).stdout.split(
      /\s/,
    )[0];
    assert.equal(hex(found.entries.get(name)!.xxh64), sum);
  }
});

test('any bytes are a legal name', async (t) => {
  const root = tempTree(t, { '-dash': 'x' });
  const names = [
    'new\nline',
    'bad\xff\xfe',
    'esc\x1b[31m',
    'n'.repeat(255),
    ' space ',
    'back\\slash',
    '\u0001',
  ];
  for (const name of names) {
    mkdirSync(Buffer.from(`${root}/dir-${name.slice(0, 200)}`, 'latin1'));
    writeFileSync(Buffer.from(`${root}/dir-${name.slice(0, 200)}/${name}`, 'latin1'), name);
  }
  const found = await scan(root);
  for (const name of names)
    assert.equal(
      found.entries.get(`dir-${name.slice(0, 200)}/${name}`)?.type,
      'file',
      JSON.stringify(name),
    );
  assert.deepEqual(found.diagnostics, []);
});

test('a path beyond PATH_MAX is recorded like any other', { skip: needs('bash') }, async (t) => {
  const root = tempTree(t, {});
  const component = 'c'.repeat(200);
  const script = `cd "$1" && for i in $(seq 30); do mkdir ${component} && cd ${component} || exit 1; done; echo deep > file`;
  assert.equal(spawnSync('bash', ['-c', script, '-', root]).status, 0);
  const found = await scan(root);
  const path = [...Array.from({ length: 30 }, () => component), 'file'].join('/');
  assert.equal(found.entries.get(path)?.size, 5);
});

test(
  'fifos, sockets and devices block nothing and are recorded',
  { skip: needsRoot() || needs('mkfifo', 'mknod') },
  async (t) => {
    const root = tempTree(t, { file: 'x' });
    spawnSync('mkfifo', [join(root, 'fifo')]);
    spawnSync('mknod', [join(root, 'char'), 'c', '1', '3']);
    spawnSync('mknod', [join(root, 'block'), 'b', '7', '259']);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(root, 'socket'), resolve));
    t.after(() => server.close());
    const found = await scan(root);
    assert.deepEqual(
      ['fifo', 'char', 'block', 'socket'].map((n) => found.entries.get(n)?.type),
      ['fifo', 'char', 'block', 'socket'],
    );
    assert.deepEqual(found.entries.get('block')?.rdev, { major: 7, minor: 259 });
  },
);

test(
  'xattrs of all namespaces are recorded with binary values, as getfattr reads them',
  { skip: needsRoot() || needs('setfattr', 'getfattr', 'setcap', 'setfacl') },
  async (t) => {
    const root = tempTree(t, { file: 'x', dir: null, link: { link: 'file' } });
    const run = (...command: string[]): void =>
      assert.equal(
        spawnSync(command[0]!, command.slice(1), { cwd: root }).status,
        0,
        command.join(' '),
      );
    run('setfattr', '-n', 'user.binary', '-v', '0x00ff0a00', 'file');
    run('setfattr', '-n', 'trusted.t', '-v', '0x01', 'dir');
    run('setfattr', '-h', '-n', 'trusted.link', '-v', 'abc', 'link');
    run('setcap', 'cap_net_raw=ep', 'file');
    run('setfacl', '-m', 'u:1234:rw', 'file');
    const found = await scan(root);
    const file = new Map(
      found.entries
        .get('file')!
        .xattrs.map(({ name, value }) => [name, Buffer.from(value, 'latin1').toString('hex')]),
    );
    assert.equal(file.get('user.binary'), '00ff0a00');
    assert.deepEqual(
      [...file.keys()],
      ['security.capability', 'system.posix_acl_access', 'user.binary'],
    );
    const dump = spawnSync('getfattr', ['-d', '-m', '-', '-e', 'hex', 'file'], {
      cwd: root,
      encoding: 'utf8',
    }).stdout;
    for (const [name, value] of file) assert.ok(dump.includes(`${name}=0x${value}`));
    assert.deepEqual(found.entries.get('dir')!.xattrs, [{ name: 'trusted.t', value: '\x01' }]);
    assert.deepEqual(found.entries.get('link')!.xattrs, [{ name: 'trusted.link', value: 'abc' }]);
  },
);

test('names of one inode are known as such', async (t) => {
  const root = tempTree(t, { 'a/x': 'x', 'b/y': 'y' });
  linkSync(join(root, 'a/x'), join(root, 'b/x2'));
  const found = await scan(root);
  assert.deepEqual(found.linked.map(({ path }) => path).toSorted(), ['a/x', 'b/x2']);
  assert.equal(new Set(found.linked.map(({ inode }) => inode)).size, 1);
});

test('an exclusion means what it says: of the directory the children, and of /d nothing of /d2', async (t) => {
  const root = tempTree(t, {
    'var/log/a': '',
    'var/log/sub/b': '',
    'var/log2/c': '',
    'var/other': '',
    'x/var/log/kept': '',
  });
  const reason = 'test';
  const paths = async (pattern: string): Promise<readonly string[]> =>
    [...(await scan(root, { exclusions: [{ pattern, reason }] })).entries.keys()].toSorted();
  assert.deepEqual(await paths('var/log/*'), [
    'var',
    'var/log',
    'var/log2',
    'var/log2/c',
    'var/other',
    'x',
    'x/var',
    'x/var/log',
    'x/var/log/kept',
  ]);
  assert.deepEqual(await paths('/var/log'), [
    'var',
    'var/log2',
    'var/log2/c',
    'var/other',
    'x',
    'x/var',
    'x/var/log',
    'x/var/log/kept',
  ]);
  assert.deepEqual((await paths('**/log')).includes('x/var/log'), false);
});

test(
  'what an unprivileged user cannot read becomes a diagnostic, and stays in the manifest',
  { skip: needsRoot() || needs('setpriv') },
  async (t) => {
    const root = tempTree(t, { 'open/file': 'x', 'shut/file': 'x', secret: 'x' });
    chmodSync(join(root, 'shut'), 0o700);
    chmodSync(join(root, 'secret'), 0o600);
    chmodSync(join(root, '..'), 0o755);
    const script = `
    import { directory } from ${JSON.stringify(new URL('../../src/sources/directory/index.js', import.meta.url).href)};
    const out = [];
    await directory.open(${JSON.stringify(root)}).scan(
      { digests: ['xxh64', 'sha256'], exclusions: [], statCacheFile: null, startedNs: 0n, signal: new AbortController().signal },
      { directory: () => {}, diagnostic: (d) => out.push([d.code, d.path]), progress: () => {} });
    console.log(JSON.stringify(out.sort()));`;
    const child = spawnSync(
      'setpriv',
      [
        '--reuid=65534',
        '--regid=65534',
        '--clear-groups',
        process.execPath,
        '--input-type=module',
        '-e',
        script,
      ],
      { encoding: 'utf8' },
    );
    assert.equal(
      child.stdout.trim(),
      JSON.stringify([
        ['unreadable', 'secret'],
        ['unreadable', 'shut'],
      ]),
      child.stderr,
    );
  },
);

test(
  'the scan stops at every mount point, files included, and names them',
  { skip: needsRoot() || needs('mount', 'umount') },
  async (t) => {
    const root = tempTree(t, { 'mnt/hidden': 'x', file: 'x', 'beside/file': 'x' });
    const outside = tempTree(t, { 'in the mount': 'x' });
    const mount = (from: string, to: string): void => {
      assert.equal(spawnSync('mount', ['--bind', from, to]).status, 0);
      t.after(() => spawnSync('umount', [to]));
    };
    mount(outside, join(root, 'mnt'));
    mount(join(outside, 'in the mount'), join(root, 'file'));
    const found = await scan(root);
    assert.deepEqual(found.capture.mountPoints, ['file', 'mnt']);
    assert.equal(found.entries.get('mnt')?.coverage, 'mount-point');
    assert.equal(found.entries.get('file')?.sha256, null);
    assert.equal(found.entries.has('mnt/in the mount' as TreePath), false);
    assert.equal(found.entries.get('beside/file')?.coverage, 'full');
  },
);

test('a second scan takes unchanged files from the stat cache and sees every change', async (t) => {
  const root = manyFiles(t);
  const cache = join(tempFolder(t), 'cache', 'stat.cache');
  const later = Date.now() + 60_000;
  const first = await scan(root, { cache, now: later });
  const second = await scan(root, { cache, now: later });
  assert.equal(first.cachedFiles, 0);
  assert.equal(second.cachedFiles, 3000);
  assert.deepEqual(sorted(second), sorted(first));
  writeFileSync(join(root, 'd1/e1/f1'), 'CONTENT 1');
  chmodSync(join(root, 'd2/e2/f2'), 0o600);
  const third = await scan(root, { cache, now: later });
  assert.equal(third.cachedFiles, 2998);
  assert.notEqual(
    hex(third.entries.get('d1/e1/f1')!.sha256),
    hex(first.entries.get('d1/e1/f1')!.sha256),
  );
  assert.equal(third.entries.get('d2/e2/f2')!.mode, 0o600);
});

test('a file that changed within two seconds of the last scan is read again, and a damaged cache is none', async (t) => {
  const root = tempTree(t, { a: 'a', b: 'b' });
  const cache = join(tempFolder(t), 'stat.cache');
  await scan(root, { cache });
  assert.equal((await scan(root, { cache })).cachedFiles, 0);
  await scan(root, { cache, now: Date.now() + 60_000 });
  assert.equal((await scan(root, { cache, now: Date.now() + 60_000 })).cachedFiles, 2);
  writeFileSync(cache, 'repro-audit stat cache 1 but not really');
  assert.equal((await scan(root, { cache })).cachedFiles, 0);
});

test(
  'without native calls the manifest is the same but for xattrs, which are declared as not examined',
  { skip: needs('env') },
  async (t) => {
    const root = manyFiles(t);
    const script = `
    import { directory } from ${JSON.stringify(new URL('../../src/sources/directory/index.js', import.meta.url).href)};
    let n = 0, bytes = 0; const sums = [];
    const r = await directory.open(${JSON.stringify(root)}).scan(
      { digests: ['xxh64', 'sha256'], exclusions: [], statCacheFile: null, startedNs: 0n, signal: new AbortController().signal },
      { directory: (d) => { n += d.count; bytes += d.records.length; }, diagnostic: (d) => sums.push(d), progress: () => {} });
    console.log(JSON.stringify([n, bytes, r.capture.xattrs, sums.length]));`;
    const run = (env: NodeJS.ProcessEnv): readonly unknown[] =>
      JSON.parse(
        spawnSync(process.execPath, ['--input-type=module', '-e', script], {
          encoding: 'utf8',
          env: { ...process.env, ...env },
        }).stdout,
      ) as unknown[];
    const native = run({});
    assert.deepEqual(run({ REPRO_AUDIT_NO_NATIVE: '1' }), [native[0], native[1], 'none', 0]);
  },
);

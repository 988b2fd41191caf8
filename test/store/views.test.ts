import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'node:test';

import type { Entry } from '../../src/core/entry.js';
import { treePathBytes, type TreePath } from '../../src/core/path.js';
import { openStore } from '../../src/store/index.js';
import { needs } from '../helpers/oracle.js';
import { tempFolder } from '../helpers/temp-tree.js';
import {
  complete,
  directory,
  file,
  mapTree,
  save,
  SOME_TIME,
  symlink,
  wideTree,
  type Tree,
} from './sample-build.js';

type Row = Readonly<Record<string, string | number | null>>;

/** Runs a query with the stock program; numbers beyond 2^53 must be cast to text. */
function query(location: string, sql: string): Row[] {
  const output = execFileSync('sqlite3', ['-readonly', '-json', location, sql], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  return output === '' ? [] : (JSON.parse(output) as Row[]);
}

const ODD: Tree = {
  'bin/su': file('su', {
    mode: 0o4755,
    xattrs: [
      { name: 'security.capability', value: '\x01\0' },
      { name: 'user.x', value: '' },
    ],
  }),
  'dev/sda': {
    ...file(''),
    type: 'block',
    rdev: { major: 8, minor: 1 },
    xxh64: null,
    sha256: null,
  },
  'etc/link': symlink('../bin/su'),
  'etc/caf\xc3\xa9/x': file('x'),
  'etc/\xff\n"/\xc3\xa9': file('y'),
  a: file('one', { link: 'a' as TreePath }),
  'b/a': file('one', { link: 'a' as TreePath }),
  'etc/shadow': file('', { coverage: 'unreadable', xxh64: null, sha256: null, mode: 0 }),
  proc: directory({ coverage: 'mount-point' }),
  ...wideTree(12, 9),
};

let last = SOME_TIME;
const BUILDS: Readonly<Record<string, Tree>> = {
  plain: ODD,
  changed: { ...ODD, 'usr/share/d3/dir-10/file-7': file('changed'), 'bin/sv': file('sv') },
  uniform: mapTree(ODD, (_path, entry) => ({ ...entry, mtimeNs: -5n })),
  copied: mapTree(ODD, (path, entry) => ({
    ...entry,
    mtimeNs: (last += BigInt(path.length) * 40_000n),
  })),
  ticks: mapTree(ODD, (path, entry) => ({
    ...entry,
    mtimeNs: SOME_TIME + BigInt(path.length % 3) * 9_999_999_999_999n,
  })),
  some: mapTree(ODD, (path, entry) =>
    path.length % 4 === 0 ? { ...entry, mtimeNs: 2n ** 62n + BigInt(path.length) } : entry,
  ),
  mixed: mapTree(ODD, (path, entry) =>
    path.length % 2 === 0
      ? { ...entry, mtimeNs: path.length % 3 === 0 ? -(2n ** 40n) : 2n ** 61n }
      : entry,
  ),
};

test(
  'the manifest view shows every entry as it was recorded',
  { skip: needs('sqlite3') },
  async (t) => {
    const location = join(tempFolder(t), 's.db');
    const store = await openStore(location, { mode: 'write' });
    for (const [name, tree] of Object.entries(BUILDS)) await save(store, name, tree);
    await store.close();
    for (const [name, tree] of Object.entries(BUILDS)) {
      const rows = query(
        location,
        `SELECT *, hex(path) AS path, hex(target) AS target, hex(link) AS link,
         CAST(mtime_ns AS TEXT) AS mtime_ns FROM manifest WHERE build = '${name}'`,
      );
      const shown = new Map(rows.map((row) => [row['path'], row]));
      const expected = Object.entries(complete(tree));
      assert.equal(rows.length, expected.length);
      for (const [path, entry] of expected)
        assert.deepEqual(shown.get(hex(path)), rowOf(name, path, entry), `${name} ${path}`);
    }
  },
);

test(
  'a path is text where it is UTF-8 and a blob where it is not',
  { skip: needs('sqlite3') },
  async (t) => {
    const location = join(tempFolder(t), 's.db');
    const store = await openStore(location, { mode: 'write' });
    await save(store, 'plain', ODD);
    await store.close();
    const typeOf = (path: string): unknown =>
      query(
        location,
        `SELECT typeof(path) AS t FROM manifest WHERE hex(path) = '${hex(path)}'`,
      )[0]?.['t'];
    assert.equal(typeOf('etc/caf\xc3\xa9/x'), 'text');
    assert.equal(typeOf('etc/\xff\n"'), 'blob');
    assert.equal(typeOf('etc/\xff\n"/\xc3\xa9'), 'blob');
    assert.deepEqual(query(location, "SELECT size FROM manifest WHERE path = 'etc/café/x'"), [
      { size: 1 },
    ]);
  },
);

test('a query for one build walks no other', { skip: needs('sqlite3') }, async (t) => {
  const location = join(tempFolder(t), 's.db');
  const store = await openStore(location, { mode: 'write' });
  await save(store, 'one', wideTree(20, 20));
  await save(store, 'broken', { ...wideTree(20, 20), only: file('here') });
  await store.close();
  // A build whose tree cannot be walked shows whether it was.
  execFileSync('sqlite3', [
    location,
    "UPDATE tree SET entries = 'no JSON' WHERE id = (SELECT tree FROM artifact ORDER BY id DESC LIMIT 1)",
  ]);
  assert.throws(() => query(location, "SELECT count(*) FROM manifest WHERE build = 'broken'"));
  for (const where of ["build = 'one'", "build = 'one' AND path LIKE 'usr/%'", "build IN ('one')"])
    assert.equal(
      query(location, `SELECT count(*) AS n FROM manifest WHERE ${where} AND type = 'file'`)[0]?.[
        'n'
      ],
      400,
    );
});

test('the other views show what goes with a build', { skip: needs('sqlite3') }, async (t) => {
  const location = join(tempFolder(t), 's.db');
  const store = await openStore(location, { mode: 'write' });
  const packages = [
    { manager: 'dpkg', name: 'a', version: '1', architecture: 'amd64' },
    { manager: 'dpkg', name: 'b', version: '2', architecture: 'all' },
  ];
  const artifact = await save(store, 'one', ODD, {
    diagnostics: [{ code: 'unreadable', path: 'etc/shadow' as TreePath, detail: 'EACCES' }],
    description: {
      packages,
      meta: { ref: 'x' },
      edits: [
        {
          rule: 'machine-id',
          ruleVersion: 1,
          path: 'etc/machine-id' as TreePath,
          kind: 'truncate',
          reason: 'differs',
          secret: true,
          oldSize: 33,
          newSize: 0,
          oldDigest: null,
          newDigest: Buffer.alloc(32, 0xab),
          oldMtimeNs: 5n,
          newMtimeNs: null,
        },
      ],
    },
  });
  await save(store, 'two', ODD, { description: { packages: [packages[1]!] } });
  await store.setKeep('two', true);
  await store.close();
  assert.deepEqual(
    query(
      location,
      "SELECT build, stream, keep, entry_count, diagnostic_count, edit_count, json_extract(facts, '$.hostName') AS host, json_extract(meta, '$.ref') AS ref FROM builds",
    ),
    [
      {
        build: 'one',
        stream: 'main',
        keep: 0,
        entry_count: artifact.entryCount,
        diagnostic_count: 1,
        edit_count: 1,
        host: 'builder',
        ref: 'x',
      },
      {
        build: 'two',
        stream: 'main',
        keep: 1,
        entry_count: artifact.entryCount,
        diagnostic_count: 0,
        edit_count: 0,
        host: 'builder',
        ref: null,
      },
    ],
  );
  assert.deepEqual(
    query(location, 'SELECT content_digest, full_digest FROM artifacts'),
    [1, 2].map(() => ({
      content_digest: Buffer.from(artifact.contentDigest).toString('hex'),
      full_digest: Buffer.from(artifact.fullDigest).toString('hex'),
    })),
  );
  assert.deepEqual(query(location, 'SELECT build, name FROM packages'), [
    { build: 'one', name: 'a' },
    { build: 'one', name: 'b' },
    { build: 'two', name: 'b' },
  ]);
  assert.deepEqual(
    query(location, 'SELECT path, old_digest, new_digest, old_mtime_ns FROM edits'),
    [{ path: 'etc/machine-id', old_digest: null, new_digest: 'ab'.repeat(32), old_mtime_ns: 5 }],
  );
  assert.deepEqual(query(location, 'SELECT * FROM diagnostics'), [
    { build: 'one', artifact: 'rootfs', code: 'unreadable', path: 'etc/shadow', detail: 'EACCES' },
  ]);
});

function hex(latin1: string): string {
  return treePathBytes(latin1).toString('hex').toUpperCase();
}

function rowOf(build: string, path: string, entry: Entry): Row {
  const lower = (bytes: Uint8Array | null): string | null =>
    bytes === null ? null : Buffer.from(bytes).toString('hex');
  const xattrs = entry.xattrs.map(({ name, value }) => [
    name,
    treePathBytes(value).toString('hex'),
  ]);
  return {
    build,
    artifact: 'rootfs',
    path: hex(path),
    type: entry.type,
    mode: entry.mode.toString(8).padStart(4, '0'),
    uid: entry.uid,
    gid: entry.gid,
    size: entry.size,
    mtime_ns: String(entry.mtimeNs),
    target: entry.target === null ? '' : hex(entry.target),
    rdev: entry.rdev === null ? null : `${entry.rdev.major}:${entry.rdev.minor}`,
    link: entry.link === null ? '' : hex(entry.link),
    xxh64: lower(entry.xxh64),
    sha256: lower(entry.sha256),
    coverage: entry.coverage,
    xattrs: xattrs.length === 0 ? null : JSON.stringify(Object.fromEntries(xattrs)),
  };
}

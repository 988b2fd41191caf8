import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { file, folder, layoutFiles, sha256, writeLayout } from '../helpers/build-image.js';
import { needs } from '../helpers/oracle.js';
import { tempFolder } from '../helpers/temp-tree.js';
import { ostree, shownChecksum, writeSample } from '../sources/ostree/support.js';
import { expectOk, run } from './helpers.js';

const SAMPLE = {
  children: {
    etc: { children: { conf: { content: 'a=1\n', mode: 0o600 }, 'odd\nname': { content: 'x' } } },
    usr: { mode: 0o700, children: { link: { link: '../etc/conf' }, empty: { children: {} } } },
    suid: { content: '#!/bin/sh\n', mode: 0o4755 },
  },
};

const digestIn = (stdout: string): string => stdout.split('  ')[0]!;

test('digest prints the tree digest, which is the SHA-256 of the text that composefs-dump prints', (t) => {
  const at = tempFolder(t);
  writeSample(join(at, 'tree'), SAMPLE);
  const tree = expectOk(run(at, ['digest', './tree'])).stdout;
  assert.match(tree, /^[0-9a-f]{64} {2}tree\n$/);
  const dump = expectOk(run(at, ['digest', './tree', '--kind', 'composefs-dump'])).stdout;
  assert.equal(createHash('sha256').update(dump, 'latin1').digest('hex'), digestIn(tree));
  assert.match(dump, /^\/ 4?\d* 40755 /);
  expectOk(run(at, ['digest', './tree', '-k', 'composefs-dump', '-o', 'dump.txt']));
  assert.equal(readFileSync(join(at, 'dump.txt'), 'latin1'), dump);
  assert.deepEqual(JSON.parse(expectOk(run(at, ['digest', './tree', '--json'])).stdout), {
    kind: 'tree',
    variant: null,
    digest: digestIn(tree),
  });
  expectOk(run(at, ['snapshot', './tree', '--build', 'a', '--db', 'x.db']));
  assert.equal(expectOk(run(at, ['digest', 'a', '--db', 'x.db'])).stdout, tree);
});

test(
  'digest prints the checksums that ostree shows: as is, canonical, and of the commit',
  { skip: needs('ostree') },
  (t) => {
    const at = tempFolder(t);
    writeSample(join(at, 'tree'), SAMPLE);
    const repo = join(at, 'repo');
    ostree(`--repo=${repo}`, 'init', '--mode=archive');
    const commit = (branch: string, ...args: readonly string[]): string =>
      ostree(`--repo=${repo}`, 'commit', '-b', branch, `--tree=dir=${join(at, 'tree')}`, ...args);
    const plain = commit('plain');
    commit('canonical', '--canonical-permissions');
    const content = (...args: readonly string[]): string =>
      expectOk(run(at, ['digest', ...args, '--kind', 'ostree-content'])).stdout;
    const asIs = `${shownChecksum(repo, 'plain')}  ostree-content (as-is)\n`;
    const canonical = `${shownChecksum(repo, 'canonical')}  ostree-content (canonical)\n`;
    assert.equal(content('./tree'), asIs);
    assert.equal(content('ostree:repo@plain'), asIs);
    assert.equal(content('./tree', '--canonical'), canonical);
    assert.equal(content('ostree:repo@plain', '--canonical'), canonical);
    const named = ['digest', 'ostree:repo@plain', '--kind', 'ostree-commit'];
    assert.equal(expectOk(run(at, named)).stdout, `${plain}  ostree-commit\n`);
    const snapshot = ['snapshot', 'ostree:repo@plain', '--build', 'a', '--db', 'x.db'];
    expectOk(run(at, snapshot));
    assert.equal(content('a', '--db', 'x.db'), asIs);
    assert.equal(
      expectOk(run(at, ['digest', 'a', '--db', 'x.db', '-k', 'ostree-commit'])).stdout,
      `${plain}  ostree-commit\n`,
    );
    const refused = run(at, ['digest', 'a', '--db', 'x.db', '-k', 'ostree-content', '--canonical']);
    assert.equal(refused.status, 3);
  },
);

test(
  'digest --kind oci prints the digest that skopeo has of an image',
  { skip: needs('skopeo') },
  (t) => {
    const at = tempFolder(t);
    const layers = [{ members: [folder('etc'), file('etc/a')] }, { members: [file('b')] }];
    writeLayout(join(at, 'image'), layoutFiles({ layers, tag: 'v1' }));
    const { stdout } = spawnSync('skopeo', ['inspect', 'oci:image:v1'], {
      cwd: at,
      encoding: 'utf8',
    });
    const { Digest, Layers } = JSON.parse(stdout) as { Digest: string; Layers: string[] };
    const words = ['digest', 'oci:image:v1', '--kind', 'oci'];
    assert.equal(expectOk(run(at, words)).stdout, `${Digest}  oci\n`);
    const json = JSON.parse(expectOk(run(at, [...words, '--json'])).stdout) as {
      digest: string;
      manifest: string;
      layers: { digest: string; diffId: string }[];
    };
    assert.deepEqual([json.digest, json.manifest], [Digest, Digest]);
    assert.deepEqual(
      json.layers.map(({ digest }) => digest),
      Layers,
    );
    expectOk(run(at, ['snapshot', 'oci:image:v1', '--build', 'a', '--db', 'x.db']));
    const recorded = ['digest', 'a', '--db', 'x.db', '-k', 'oci'];
    assert.equal(expectOk(run(at, recorded)).stdout, `${Digest}  oci\n`);
  },
);

test('digest --kind oci ends as incomplete when a blob is not what its digest says, or not there', (t) => {
  const layers = [{ members: [file('a', 'x'.repeat(2000))] }, { members: [file('b')] }];
  const files = layoutFiles({ layers });
  const manifest = [...files.values()].find((bytes) => bytes.includes('"layers":[{'))!;
  for (const [name, bytes] of files) {
    if (bytes[0] !== 0x1f) continue;
    for (const other of [null, Buffer.concat([bytes, Buffer.from([0])])]) {
      const changed = new Map(files);
      if (other === null) changed.delete(name);
      else changed.set(name, other);
      const at = tempFolder(t);
      writeLayout(join(at, 'image'), changed);
      const found = run(at, ['digest', './image', '--kind', 'oci']);
      assert.equal(found.status, 4, found.stderr);
      assert.equal(digestIn(found.stdout), `sha256:${sha256(manifest)}`);
      assert.notEqual(found.stderr, '');
    }
  }
});

test('digest refuses what has no such digest, and says what is expected', (t) => {
  const at = tempFolder(t);
  writeSample(join(at, 'tree'), SAMPLE);
  for (const [status, args] of [
    [2, []],
    [2, ['./tree', './tree']],
    [2, ['./tree', '--kind', 'md5']],
    [2, ['./tree', '--canonical']],
    [3, ['./tree', '--kind', 'oci']],
    [3, ['./tree', '--kind', 'ostree-commit']],
    [3, ['./nothing']],
    [3, ['no-such-build', '--db', 'x.db']],
  ] as const) {
    const found = run(at, ['digest', ...args]);
    assert.equal(found.status, status, `${args.join(' ')}: ${found.stderr}`);
    assert.equal(found.stdout, '');
  }
});

test(
  'digest of a commit with a damaged object is no digest of it, and the exit status says so',
  { skip: needs('ostree') },
  (t) => {
    const at = tempFolder(t);
    writeSample(join(at, 'tree'), { children: { a: { content: 'some content' } } });
    const repo = join(at, 'repo');
    ostree(`--repo=${repo}`, 'init', '--mode=archive');
    ostree(`--repo=${repo}`, 'commit', '-b', 'x', `--tree=dir=${join(at, 'tree')}`);
    for (const name of readdirSync(join(repo, 'objects'), { recursive: true, encoding: 'utf8' }))
      if (name.endsWith('.filez')) truncateSync(join(repo, 'objects', name), 40);
    assert.equal(run(at, ['digest', 'ostree:repo@x']).status, 4);
  },
);

test(
  'ostree:REPO@REF goes wherever a tree is asked for: snapshot, diff, inspect',
  { skip: needs('ostree') },
  (t) => {
    const at = tempFolder(t);
    const repo = join(at, 'repo');
    ostree(`--repo=${repo}`, 'init', '--mode=archive');
    const commit = (branch: string, content: string): void => {
      const tree = join(at, branch);
      writeSample(tree, { children: { etc: { children: { conf: { content } } }, same: {} } });
      const version = `--add-metadata-string=version=${branch}`;
      ostree(`--repo=${repo}`, 'commit', '-b', branch, `--tree=dir=${tree}`, version);
    };
    commit('one', 'built=1600000000\n');
    commit('two', 'built=1700000000\n');
    for (const name of ['one', 'two'])
      expectOk(run(at, ['snapshot', `ostree:repo@${name}`, '--build', name, '--db', 'x.db']));
    for (const words of [
      ['one', 'two', '--db', 'x.db'],
      ['ostree:repo@one', 'ostree:repo@two'],
      ['one', 'ostree:repo@two', '--db', 'x.db'],
    ]) {
      const found = run(at, ['diff', ...words, '--format', 'json']);
      assert.equal(found.status, 1, found.stderr);
      const { verdict, summary, container } = JSON.parse(found.stdout) as {
        verdict: string;
        summary: { changed: number; unchanged: number };
        container: { verdict: string; explanation: { changes: { before: unknown }[] } };
      };
      assert.equal(container.verdict, 'different');
      assert.ok(JSON.stringify(container.explanation.changes).includes('version'));
      assert.equal(verdict, 'different');
      assert.equal(summary.changed, 1);
    }
    const same = run(at, ['diff', 'ostree:repo@one', 'ostree:repo@one', '--format', 'json']);
    assert.equal(same.status, 0, same.stderr);
    const object = readdirSync(join(repo, 'objects'), { recursive: true, encoding: 'utf8' }).find(
      (name) => name.endsWith('.commit'),
    )!;
    const inspected = expectOk(run(at, ['inspect', join('repo/objects', object)]));
    assert.match(inspected.stdout, /timestamp/);
  },
);

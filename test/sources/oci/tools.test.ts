import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, linkSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { directory } from '../../../src/sources/directory/index.js';
import { dockerArchive, oci, ociArchive } from '../../../src/sources/oci/index.js';
import { needs, needsRoot } from '../../helpers/oracle.js';
import { tempFolder } from '../../helpers/temp-tree.js';
import { scanImage } from './scan-image.js';

function run(cwd: string, program: string, ...args: readonly string[]): void {
  const { status, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8' });
  assert.equal(status, 0, `${program} ${args.join(' ')}: ${stderr}`);
}

test(
  'an image of umoci and its copies by skopeo give the tree that umoci unpacks',
  { skip: needs('umoci', 'skopeo') || needsRoot() },
  async (t) => {
    const at = tempFolder(t);
    run(at, 'umoci', 'init', '--layout', 'img');
    run(at, 'umoci', 'new', '--image', 'img:v1');
    run(at, 'umoci', 'unpack', '--image', 'img:v1', 'one');
    const root = join(at, 'one/rootfs');
    mkdirSync(join(root, 'etc/deep'), { recursive: true });
    writeFileSync(join(root, 'etc/a'), 'first');
    linkSync(join(root, 'etc/a'), join(root, 'etc/a2'));
    linkSync(join(root, 'etc/a'), join(root, 'etc/a3'));
    writeFileSync(join(root, 'etc/deep/b'), 'b');
    writeFileSync(join(root, 'gone'), 'x');
    symlinkSync('etc/a', join(root, 'link'));
    mkdirSync(join(root, 'caf\u00e9'));
    run(at, 'umoci', 'repack', '--image', 'img:v1', 'one');
    run(at, 'umoci', 'unpack', '--image', 'img:v1', 'two');
    const next = join(at, 'two/rootfs');
    rmSync(join(next, 'gone'));
    rmSync(join(next, 'etc/deep'), { recursive: true });
    writeFileSync(join(next, 'etc/deep'), 'now a file');
    rmSync(join(next, 'link'));
    mkdirSync(join(next, 'link'));
    chmodSync(join(next, 'caf\u00e9'), 0o2711);
    rmSync(join(next, 'etc/a2'));
    run(at, 'umoci', 'repack', '--image', 'img:v2', 'two');
    run(at, 'umoci', 'unpack', '--image', 'img:v2', 'out');
    run(at, 'skopeo', 'copy', '-q', 'oci:img:v2', 'oci-archive:a.tar:v2');
    run(at, 'skopeo', 'copy', '-q', 'oci:img:v2', 'docker-archive:d.tar:app:v2');
    run(at, 'skopeo', 'copy', '-q', '--dest-compress-format', 'zstd', 'oci:img:v2', 'oci:zstd:v2');

    const expected = await scanImage(directory.open(join(at, 'out/rootfs')));
    for (const source of [
      oci.open(`${join(at, 'img')}:v2`),
      ociArchive.open(join(at, 'a.tar')),
      dockerArchive.open(join(at, 'd.tar')),
      oci.open(join(at, 'zstd')),
    ]) {
      const { location } = source;
      const found = await scanImage(source);
      assert.deepEqual(found.diagnostics, []);
      assert.deepEqual(found.paths, expected.paths);
      assert.equal(found.contentDigest, expected.contentDigest, location);
    }
  },
);

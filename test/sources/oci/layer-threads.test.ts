import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { test } from 'node:test';

import { packBatch, unpackBatch, type LayerItem } from '../../../src/sources/oci/layer-batch.js';
import { oci } from '../../../src/sources/oci/index.js';
import {
  file,
  folder,
  hardLink,
  layoutFiles,
  sha256,
  writeLayout,
  type ImageSpec,
} from '../../helpers/build-image.js';
import { tempFolder } from '../../helpers/temp-tree.js';
import { scanImage } from './scan-image.js';

/** Blobs of more bytes than are read without threads. */
const LARGE = Array.from({ length: 5 }, () => randomBytes(3 * 1024 * 1024).toString('base64'));
const STATUS = 'Package: a\nStatus: install ok installed\n\n';

function largeImage(): ImageSpec {
  const many = Array.from({ length: 3000 }, (_, i) => file(`many/${i}`, String(i)));
  return {
    layers: [
      { members: [file('0', LARGE[0]), folder('d'), file('d/old'), ...many] },
      { members: [file('1', LARGE[1]), file('d/.wh..wh..opq', ''), file('d/new')] },
      { members: [file('2', LARGE[2]), hardLink('two', '2'), file('0', 'replaced')] },
      { members: [file('var/lib/dpkg/status', STATUS), file('.wh.1', ''), file('4', LARGE[4])] },
    ],
  };
}

test('layers that are read by threads are merged in their order', async (t) => {
  const at = writeLayout(tempFolder(t), layoutFiles(largeImage()));
  const found = await scanImage(oci.open(at));
  assert.deepEqual(found.diagnostics, []);
  assert.equal(found.paths.filter((path) => path.startsWith('many/')).length, 3000);
  assert.deepEqual(
    found.paths.filter((path) => !path.startsWith('many/')),
    [
      '0',
      '2',
      '4',
      'd',
      'd/new',
      'many',
      'two',
      'var',
      'var/lib',
      'var/lib/dpkg',
      'var/lib/dpkg/status',
    ],
  );
  assert.deepEqual(found.links, [['2', 'two']]);
  const digest = (path: string): string =>
    Buffer.from(found.entries.get(path)!.sha256!).toString('hex');
  assert.equal(digest('0'), sha256(Buffer.from('replaced')));
  assert.equal(digest('2'), sha256(Buffer.from(LARGE[2]!)));
  for (const i of [0, 1, 2999]) assert.equal(digest(`many/${i}`), sha256(Buffer.from(String(i))));
});

test('files that are asked for by name come out of threads', async (t) => {
  const source = oci.open(writeLayout(tempFolder(t), layoutFiles(largeImage())));
  const { signal } = new AbortController();
  await source.prepare?.({ digests: ['sha256'], exclusions: [], signal, progress: () => {} });
  const path = 'var/lib/dpkg/status' as Parameters<typeof source.files.read>[0];
  assert.equal(Buffer.from(source.files.read(path)!).toString(), STATUS);
  source.close();
});

test('what is wrong with one layer is told with its number, and the others are read', async (t) => {
  const files = layoutFiles(largeImage());
  const manifest = [...files.values()].find((bytes) => bytes.includes('"layers":[{'))!;
  const { layers } = JSON.parse(manifest.toString()) as { layers: { digest: string }[] };
  const blob = (i: number): string => `blobs/sha256/${layers[i]!.digest.slice(7)}`;
  files.delete(blob(0));
  files.set(blob(2), files.get(blob(2))!.subarray(0, 100_000));
  const found = await scanImage(oci.open(writeLayout(tempFolder(t), files)));
  assert.deepEqual(
    found.diagnostics.map(({ detail }) => /^layer (\d)/.exec(detail)?.[1]),
    ['1', '3', '3', '3'],
  );
  assert.ok(found.paths.includes('d/new') && found.paths.includes('4'));
});

test('reading stops when asked to, while threads are at work', async (t) => {
  const at = writeLayout(join(tempFolder(t), 'l'), layoutFiles(largeImage()));
  for (const after of [0, 1, 3]) {
    const source = oci.open(at);
    const stop = new AbortController();
    let told = 0;
    const options = {
      digests: ['sha256'],
      exclusions: [],
      signal: stop.signal,
      progress: () => {
        if (told++ >= after) stop.abort(new Error('enough'));
      },
    } as const;
    await assert.rejects(source.prepare!(options), { message: 'enough' });
    source.close();
  }
});

test('batches give back what was put into them', () => {
  const node = {
    type: 'file',
    coverage: 'full',
    mode: 0o644,
    uid: 1,
    gid: 2,
    size: 3,
    mtimeNs: 4n,
    target: null,
    rdev: null,
    xattrs: [],
  } as const;
  const plain = { linkTarget: '', typeflag: '0', kept: null };
  for (const [xxh64, sha256_] of [
    [randomBytes(8), randomBytes(32)],
    [randomBytes(8), null],
    [null, null],
  ] as const) {
    const digests = {
      xxh64: xxh64 && Uint8Array.from(xxh64),
      sha256: sha256_ && Uint8Array.from(sha256_),
    };
    const items: readonly LayerItem[] = [
      { ...plain, path: 'a', node: { ...node, ...digests } },
      { problem: 'x' },
      { ...plain, path: 'd', node: { ...node, type: 'directory', xxh64: null, sha256: null } },
      { ...plain, path: 'l', typeflag: '1', node: null },
      { ...plain, path: 'b', node: { ...node, ...digests }, kept: new Uint8Array([1]) },
    ];
    assert.deepEqual([...unpackBatch(structuredClone(packBatch(items)))], items);
  }
});

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';

import { dockerArchive, oci, ociArchive } from '../../../src/sources/oci/index.js';
import { tarArchive, tarMember } from '../../formats/build-tar.js';
import {
  dockerSave,
  file,
  folder,
  hardLink,
  layoutArchive,
  layoutFiles,
  sha256,
  symlink,
  writeLayout,
  type ImageSpec,
  type LayerSpec,
} from '../../helpers/build-image.js';
import { tempFolder } from '../../helpers/temp-tree.js';
import { scanImage, type Scanned } from './scan-image.js';

function layers(...members: readonly LayerSpec['members'][]): ImageSpec {
  return { layers: members.map((each) => ({ members: each })) };
}

async function scan(t: TestContext, image: ImageSpec): Promise<Scanned> {
  return scanImage(oci.open(writeLayout(tempFolder(t), layoutFiles(image))));
}

const content = ({ entries }: Scanned, path: string): string =>
  Buffer.from(entries.get(path)!.sha256!).toString('hex');

test('later layers replace, add and take away by whiteouts', async (t) => {
  const found = await scan(
    t,
    layers(
      [folder('etc'), file('etc/a', '1'), file('etc/b', '1'), folder('var'), file('var/log', 'x')],
      [folder('etc'), file('etc/a', '2'), file('etc/.wh.b', ''), file('.wh.var', '')],
    ),
  );
  assert.deepEqual(found.paths, ['etc', 'etc/a']);
  assert.equal(content(found, 'etc/a'), sha256(Buffer.from('2')));
  assert.deepEqual(found.diagnostics, []);
});

test('an opaque whiteout hides what lower layers have, and nothing of its own layer, wherever it stands', async (t) => {
  for (const place of [0, 1, 2]) {
    const upper = [folder('d'), file('d/new'), folder('d/sub'), file('d/sub/new')];
    upper.splice(1 + place, 0, file('d/.wh..wh..opq', ''));
    const found = await scan(
      t,
      layers(
        [folder('d'), file('d/old'), folder('d/sub'), file('d/sub/old'), folder('d/other')],
        upper,
      ),
    );
    assert.deepEqual(found.paths, ['d', 'd/new', 'd/sub', 'd/sub/new']);
  }
});

test('a whiteout of a directory that its own layer brings again leaves what the layer brings', async (t) => {
  for (const members of [
    [file('.wh.d', ''), folder('d'), file('d/new')],
    [folder('d'), file('d/new'), file('.wh.d', '')],
  ]) {
    const found = await scan(t, layers([folder('d'), file('d/old')], members));
    assert.deepEqual(found.paths, ['d', 'd/new']);
  }
});

test('types are replaced: a directory by a file, a link by a directory', async (t) => {
  const found = await scan(
    t,
    layers(
      [folder('a'), file('a/x'), symlink('b', 'a')],
      [file('a', 'now a file'), folder('b'), file('b/y')],
    ),
  );
  assert.deepEqual(found.paths, ['a', 'b', 'b/y']);
  assert.equal(found.entries.get('a')!.type, 'file');
  assert.equal(found.entries.get('b')!.type, 'directory');
});

test('a hard link reaches a file of a lower layer, and keeps its bytes when one name is replaced', async (t) => {
  const found = await scan(
    t,
    layers([file('a', 'shared')], [hardLink('b', 'a'), hardLink('c', '/a')], [file('a', 'other')]),
  );
  assert.deepEqual(found.links, [['b', 'c']]);
  assert.equal(content(found, 'b'), sha256(Buffer.from('shared')));
  assert.equal(content(found, 'a'), sha256(Buffer.from('other')));
});

test('what lies below a link of a lower layer goes to where the link points, within the tree', async (t) => {
  const found = await scan(
    t,
    layers(
      [folder('usr'), folder('usr/lib'), symlink('lib', 'usr/lib'), symlink('up', '../../usr')],
      [file('lib/x', '1'), file('up/lib/y', '2')],
    ),
  );
  assert.deepEqual(found.paths, ['lib', 'up', 'usr', 'usr/lib', 'usr/lib/x', 'usr/lib/y']);
});

test('hostile members are left out and told: paths that lead out, circles, whiteouts of nothing, missing links', async (t) => {
  const found = await scan(
    t,
    layers([
      file('../out'),
      file('a/../../out'),
      symlink('x', 'y'),
      symlink('y', 'x'),
      file('x/in'),
      file('.wh.', ''),
      file('.wh...', ''),
      hardLink('h', 'nowhere'),
      file('/etc/abs', 'kept'),
      file('twice', '1'),
      file('twice', '2'),
      file('.wh..wh.plnk', ''),
    ]),
  );
  assert.deepEqual(found.paths, ['etc', 'etc/abs', 'twice', 'x', 'y']);
  assert.equal(found.diagnostics.length, 6);
  assert.equal(content(found, 'twice'), sha256(Buffer.from('2')));
});

test('an opaque whiteout of the root leaves its own layer alone', async (t) => {
  const found = await scan(
    t,
    layers([folder('etc'), file('etc/a'), file('b')], [file('c'), file('.wh..wh..opq', '')]),
  );
  assert.deepEqual(found.paths, ['c']);
});

test('a layout, its archive and an archive of docker save give the same tree', async (t) => {
  const at = tempFolder(t);
  const image = layers([folder('etc'), file('etc/a')], [file('etc/.wh.a', ''), file('b')]);
  const files = layoutFiles(image);
  const expected = await scanImage(oci.open(writeLayout(join(at, 'layout'), files)));
  writeFileSync(join(at, 'a.tar'), layoutArchive(files));
  writeFileSync(join(at, 'docker.tar'), dockerSave(image));
  writeFileSync(join(at, 'docker.tar.gz'), gzipSync(dockerSave(image)));
  writeFileSync(join(at, 'a.tar.gz'), gzipSync(layoutArchive(files)));
  assert.equal(ociArchive.claims(join(at, 'a.tar')), true);
  assert.equal(dockerArchive.claims(join(at, 'a.tar')), false);
  assert.equal(dockerArchive.claims(join(at, 'docker.tar')), true);
  assert.equal(oci.claims(join(at, 'layout')), true);
  assert.equal(oci.claims(at), false);
  for (const source of [
    ociArchive.open(join(at, 'a.tar')),
    dockerArchive.open(join(at, 'docker.tar')),
    dockerArchive.open(`${join(at, 'docker.tar')}:app:1`),
    dockerArchive.open(`${join(at, 'docker.tar.gz')}:app:1`),
    ociArchive.open(join(at, 'a.tar.gz')),
  ]) {
    const found = await scanImage(source);
    assert.equal(found.fullDigest, expected.fullDigest);
    assert.deepEqual(found.diagnostics, []);
  }
});

test('a root file system in a tar archive is no image', (t) => {
  const at = join(tempFolder(t), 'root.tar');
  writeFileSync(at, tarArchive([folder('etc'), file('manifest.json')].map(tarMember)));
  assert.equal(ociArchive.claims(at) || dockerArchive.claims(at), false);
});

test('the image is chosen by tag, by platform, and not at random', async (t) => {
  const one = { ...layers([file('one')]), tag: 'v1' };
  const two = { ...layers([file('two')]), tag: 'v2' };
  const arm = { ...layers([file('arm')]), tag: 'v2', architecture: 'arm64' };
  const at = writeLayout(tempFolder(t), layoutFiles(one, two, arm));
  const paths = async (...args: Parameters<typeof oci.open>): Promise<readonly string[]> =>
    (await scanImage(oci.open(...args))).paths;
  assert.deepEqual(await paths(`${at}:v1`), ['one']);
  assert.deepEqual(await paths(at, { platform: 'linux/arm64' }), ['arm']);
  assert.deepEqual(await paths(`${at}:v2`, { ownPlatform: 'linux/x86_64' }), ['two']);
  for (const open of [
    () => oci.open(at),
    () => oci.open(`${at}:v2`),
    () => oci.open(`${at}:v3`),
    () => oci.open(at, { platform: 'linux/s390x' }),
  ])
    assert.throws(open, { code: 'SOURCE_UNUSABLE' });
  assert.throws(() => oci.open(at, { platform: 'arm64' }), { code: 'USAGE' });
});

test('the location opens the same image again', async (t) => {
  const two = { ...layers([file('two')]), tag: 'v2' };
  const arm = { ...layers([file('arm')]), tag: 'v2', architecture: 'arm64' };
  const at = writeLayout(tempFolder(t), layoutFiles(two, arm));
  const source = oci.open(`${at}:v2`, { platform: 'linux/arm64' });
  const { location } = source;
  source.close();
  assert.deepEqual((await scanImage(oci.open(location.slice('oci:'.length)))).paths, ['arm']);
});

test('nested indexes are followed, and an index inside of itself ends', async (t) => {
  const image = { ...layers([file('in')]), tag: 'v1' };
  const files = layoutFiles(image);
  const hex = 'a'.repeat(64);
  const outer = JSON.parse(files.get('index.json')!.toString()) as { manifests: object[] };
  const nested = {
    mediaType: 'application/vnd.oci.image.index.v1+json',
    digest: `sha256:${hex}`,
    size: 1,
  };
  files.set(
    `blobs/sha256/${hex}`,
    Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [nested, ...outer.manifests] })),
  );
  files.set('index.json', Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [nested] })));
  const found = await scanImage(oci.open(writeLayout(tempFolder(t), files)));
  assert.deepEqual(found.paths, ['in']);
  // Its digest and size are invented, and both are told.
  assert.equal(found.diagnostics.length, 2);
});

test('a blob with other bytes than its digest is told, wherever it is', async (t) => {
  const image = layers([folder('etc'), file('etc/a', 'x'.repeat(3000))]);
  for (const name of layoutFiles(image).keys()) {
    if (!name.startsWith('blobs/')) continue;
    const files = layoutFiles(image);
    const bytes = Buffer.from(files.get(name)!);
    const isJson = bytes[0] === 0x7b;
    files.set(
      name,
      isJson ? Buffer.concat([bytes, Buffer.from(' ')]) : Buffer.concat([bytes, Buffer.alloc(1)]),
    );
    const found = await scanImage(oci.open(writeLayout(tempFolder(t), files)));
    assert.ok(found.diagnostics.length > 0, name);
    assert.deepEqual(found.paths, ['etc', 'etc/a']);
  }
});

test('diff_ids are held against the content of layers', async (t) => {
  const image: ImageSpec = {
    layers: [{ members: [file('a')], compression: 'none' }],
    config: {},
  };
  const files = layoutFiles(image);
  for (const [name, bytes] of files) {
    const text = bytes.toString('latin1');
    if (text.includes('diff_ids'))
      files.set(
        name,
        Buffer.from(text.replace(/sha256:[a-f0-9]{64}/, `sha256:${'0'.repeat(64)}`), 'latin1'),
      );
  }
  const { diagnostics } = await scanImage(oci.open(writeLayout(tempFolder(t), files)));
  assert.ok(diagnostics.some(({ detail }) => detail.includes('diff_id')));
});

test('a layer that is not there is told, and the others are read', async (t) => {
  const image = layers([file('a')], [file('b')]);
  const files = layoutFiles(image);
  const manifest = [...files.values()].find((bytes) => bytes.includes('schemaVersion'))!;
  const { layers: list } = JSON.parse(manifest.toString()) as { layers: { digest: string }[] };
  files.delete(`blobs/sha256/${list[0]!.digest.slice(7)}`);
  const found = await scanImage(oci.open(writeLayout(tempFolder(t), files)));
  assert.deepEqual(found.paths, ['b']);
  assert.equal(found.diagnostics.length, 1);
});

test('a layer that is cut short is read as far as it goes, and told', async (t) => {
  const whole = layoutFiles(layers([file('a', 'x'.repeat(2000)), file('b', 'y'.repeat(2000))]));
  const name = [...whole].find(([, bytes]) => bytes[0] === 0x1f)![0];
  const { length } = whole.get(name)!;
  for (let cut = 0; cut < length; cut++) {
    const files = new Map(whole);
    files.set(name, whole.get(name)!.subarray(0, cut));
    const found = await scanImage(oci.open(writeLayout(tempFolder(t), files)));
    assert.ok(found.diagnostics.length > 0, String(cut));
  }
});

test('documents that are no image are refused, and nothing of them is quoted', (t) => {
  const at = tempFolder(t);
  for (const [index, layout] of [
    ['secret!', '{"imageLayoutVersion":"1.0.0"}'],
    ['{"manifests":[]}', '{"imageLayoutVersion":"9"}'],
    ['{"manifests":[]}', '{"imageLayoutVersion":"1.0.0"}'],
    ['{"manifests":[{"digest":"../../etc/passwd","size":1}]}', '{"imageLayoutVersion":"1.0.0"}'],
    ['{"manifests":{}}', '{"imageLayoutVersion":"1.0.0"}'],
  ] as const) {
    writeFileSync(join(at, 'index.json'), index);
    writeFileSync(join(at, 'oci-layout'), layout);
    assert.throws(
      () => oci.open(at),
      (error: Error & { code?: string }) =>
        error.code === 'SOURCE_UNUSABLE' && !error.message.includes('secret!'),
    );
  }
  assert.throws(() => oci.open(join(at, 'nothing')), { code: 'SOURCE_UNUSABLE' });
});

test('thousands of layers are merged one after the other', async (t) => {
  const many = Array.from({ length: 3000 }, (_, i) => ({
    members: i % 2 === 0 ? [file(`f${i}`)] : [file(`.wh.f${i - 1}`, '')],
    compression: 'none' as const,
  }));
  const found = await scan(t, { layers: many });
  assert.deepEqual(found.paths, []);
  assert.deepEqual(found.diagnostics, []);
});

test('package databases are found behind hard links, as images of ostree commits have them', async (t) => {
  const object = 'sysroot/ostree/repo/objects/aa/bb.file';
  const status = 'Package: a\nStatus: install ok installed\n\n';
  const source = oci.open(
    writeLayout(
      tempFolder(t),
      layoutFiles(
        layers([file(object, status)], [hardLink('var/lib/dpkg/status', object)], [file('x')]),
      ),
    ),
  );
  const { signal } = new AbortController();
  await source.prepare?.({ digests: ['sha256'], exclusions: [], signal, progress: () => {} });
  const path = 'var/lib/dpkg/status' as Parameters<typeof source.files.read>[0];
  assert.equal(Buffer.from(source.files.read(path)!).toString(), status);
  source.close();
});

test('a layer without the zeros behind its last file is whole when its diff_id says so', async (t) => {
  const tar = tarArchive([file('a', 'abc')].map(tarMember)).subarray(0, 512 + 3);
  const unlike = tar.subarray(0, 512 + 2);
  for (const [bytes, problems] of [
    [tar, 0],
    [unlike, 2],
  ] as const) {
    const files: Map<string, Buffer> = new Map();
    const put = (blob: Buffer): { digest: string; size: number } => {
      files.set(`blobs/sha256/${sha256(blob)}`, blob);
      return { digest: `sha256:${sha256(blob)}`, size: blob.length };
    };
    const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
    const diffIds = [`sha256:${sha256(tar)}`];
    const config = put(json({ rootfs: { type: 'layers', diff_ids: diffIds } }));
    const layer = { mediaType: 'application/vnd.oci.image.layer.v1.tar', ...put(bytes) };
    const manifest = put(json({ schemaVersion: 2, config, layers: [layer] }));
    files.set('index.json', json({ schemaVersion: 2, manifests: [manifest] }));
    files.set('oci-layout', json({ imageLayoutVersion: '1.0.0' }));
    const found = await scanImage(oci.open(writeLayout(tempFolder(t), files)));
    assert.equal(found.diagnostics.length, problems);
    assert.deepEqual(found.paths, problems === 0 ? ['a'] : []);
  }
});

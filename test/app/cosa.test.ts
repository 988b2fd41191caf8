import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { findCosaBuilds } from '../../src/app/cosa-builds.js';
import { diff } from '../../src/app/diff.js';
import { openSource } from '../../src/app/open-location.js';
import { snapshot } from '../../src/app/snapshot.js';
import { causeTotals } from '../../src/core/cause-totals.js';
import { AuditError } from '../../src/core/errors.js';
import type { Report } from '../../src/core/report.js';
import { openStore } from '../../src/store/index.js';
import {
  cosaBuild,
  INPUT_HASH,
  writeBuildsList,
  type CosaBuildSpec,
} from '../helpers/cosa-build.js';
import { needs } from '../helpers/oracle.js';
import { sampleReport } from '../helpers/sample-report.js';
import { tempFolder, tempTree } from '../helpers/temp-tree.js';

const COMMON = {
  exclusions: [],
  sourceDateEpoch: null,
  inspection: {
    mode: 'auto',
    keepContentBytes: null,
    freshKey: () => new Uint8Array(32),
    clock: () => 0,
    onProgress: () => {},
  },
  now: () => new Date(1_704_200_000_000),
  onProgress: () => {},
} as const;

function compare(before: string, after: string, storeLocation = 'none.db'): Promise<Report> {
  return diff({
    ...COMMON,
    words: [before, after],
    stream: null,
    storeLocation,
    circumstances: () => sampleReport().before.facts,
    owners: [],
    signal: new AbortController().signal,
  });
}

function record(location: string, name: string, storeLocation: string, signal: AbortSignal) {
  return snapshot({
    ...COMMON,
    source: openSource(location),
    root: location,
    storeLocation,
    name,
    stream: null,
    replace: false,
    digests: ['xxh64', 'sha256'],
    statCacheFile: null,
    meta: {},
    circumstances: sampleReport().before.facts,
    signal,
  });
}

const [FIRST, SECOND] = [
  { id: '41.20240101.dev.0', time: 1_704_067_200 },
  { id: '41.20240101.dev.1', time: 1_704_153_600 },
] as const;

function twoBuilds(
  t: TestContext,
  more: Partial<CosaBuildSpec> = {},
  second: Partial<CosaBuildSpec> = {},
) {
  const work = tempFolder(t);
  const builds = [
    cosaBuild(work, { ...FIRST, ...more }),
    cosaBuild(work, { ...SECOND, ...more, ...second }),
  ] as const;
  return { work, before: builds[0], after: builds[1] };
}

const names = ({ artifact, artifacts }: Report): readonly string[] => [
  artifact.name,
  ...artifacts.map(({ name }) => name),
];
const other = (report: Report, name: string): Report =>
  report.artifacts.find((each) => each.name === name)!.report!;
const paths = ({ changes }: Report): readonly string[] => changes.map(({ path }) => path);

const CHANGED = [
  'usr/lib/python3.13/__pycache__/made.cpython-313.pyc',
  'usr/share/rpm/rpmdb.sqlite',
] as const;

test(
  'equal inputhash, different content checksum: the files and the causes are told',
  { skip: needs('ostree') },
  async (t) => {
    const { before, after } = twoBuilds(t, { root: 'repository' });
    const report = await compare(before, after);
    assert.equal(report.verdict, 'different');
    assert.equal(report.complete, true);
    assert.deepEqual(names(report), ['ostree', 'live-initramfs', 'files']);
    const [remark] = report.remarks;
    assert.equal(remark?.kind, 'equal-input');
    assert.equal(remark.value, INPUT_HASH);
    assert.notEqual(remark.before, remark.after);
    assert.deepEqual(paths(report), CHANGED);
    assert.deepEqual(causeTotals(report.findings), [{ cause: 'time.field', count: 2 }]);
    for (const { explanation } of report.changes) assert.equal(explanation?.status, 'explained');
    const initramfs = other(report, 'live-initramfs');
    assert.ok(paths(initramfs).includes('etc/initrd-release'));
    assert.ok(causeTotals(initramfs.findings).some(({ cause }) => cause === 'meta.mtime'));
    const files = other(report, 'files');
    const meta = files.changes.find(({ path }) => path === 'meta.json')!.explanation!;
    assert.equal(meta.status, 'explained');
    const causes = new Map(meta.changes.map(({ chain, cause }) => [chain.at(-1), cause]));
    assert.equal(causes.get('/ostree-timestamp'), 'time.field');
    assert.equal(causes.get('/ostree-content-checksum'), 'hash.derived');
    assert.equal(causes.get('/buildid'), 'env.var');
    assert.ok(!paths(files).some((path) => path.includes('qemu')));
    assert.ok(paths(files).includes('fedora-coreos-BUILDID-live-kernel.x86_64'));
  },
);

test('the root file system comes from the OCI archive where no repository has the commit', async (t) => {
  const { before, after } = twoBuilds(t);
  const report = await compare(before, after);
  assert.deepEqual(paths(report), CHANGED);
  assert.equal(report.artifact.role, 'rootfs');
  assert.equal(report.container?.verdict, 'different');
  assert.equal(report.complete, true);
  assert.ok(!paths(other(report, 'files')).some((path) => path.includes('ociarchive')));
  // Its files are hard links to objects, and were looked into as those.
  assert.deepEqual(causeTotals(report.findings), [{ cause: 'time.field', count: 2 }]);
});

test('a build is the same as a copy of it, in all artifacts', async (t) => {
  const work = tempFolder(t);
  const directory = cosaBuild(work, FIRST);
  const copy = join(work, 'copy/x86_64');
  cpSync(directory, copy, { recursive: true });
  const report = await compare(directory, join(work, 'copy'));
  assert.equal(report.verdict, 'same');
  assert.ok(report.artifacts.every((each) => each.report?.verdict === 'same'));
});

test('of a build that was pruned it is said what could not be compared', async (t) => {
  const images = { 'live-initramfs': null, 'live-kernel': null, qemu: null };
  const work = tempFolder(t);
  const pruned = { ...FIRST, root: 'nowhere', images } as const;
  const before = cosaBuild(join(work, 'a'), pruned);
  const report = await compare(before, cosaBuild(join(work, 'b'), pruned));
  assert.equal(report.verdict, 'incomplete');
  assert.equal(report.complete, false);
  assert.equal(report.changes.length, 0);
  assert.deepEqual(names(report), ['ostree', 'live-initramfs', 'files']);
  for (const each of [report, other(report, 'live-initramfs'), other(report, 'files')])
    assert.ok(each.notCompared.some(({ declared, side }) => !declared && side === 'both'));
  // Their packages are still known.
  const store = join(work, 'store.db');
  await record(before, 'pruned', store, new AbortController().signal);
  const opened = await openStore(store, { mode: 'read' });
  t.after(() => opened.close());
  const { build } = await opened.read('pruned');
  assert.deepEqual(
    build.packages.map(({ name, version }) => [name, version]),
    [
      ['bash', '5.2.37-1.fc41'],
      ['openssl', '1:3.2.2-9.fc41'],
    ],
  );
});

test('an image that only one side still has is no difference, and not the same either', async (t) => {
  const work = tempFolder(t);
  const whole = cosaBuild(join(work, 'a'), FIRST);
  const pruned = cosaBuild(join(work, 'b'), {
    ...FIRST,
    images: { 'live-initramfs': null, qemu: null },
  });
  const report = await compare(whole, pruned);
  assert.equal(report.verdict, 'incomplete');
  assert.equal(report.artifacts.length, 2);
});

test('a meta.json that is none is refused', async (t) => {
  const work = tempFolder(t);
  const directory = cosaBuild(work, FIRST);
  const file = join(directory, 'meta.json');
  const whole = readFileSync(file);
  const refused = (): void =>
    assert.throws(() => openSource(`cosa:${directory}`), { code: 'SOURCE_UNUSABLE' });
  for (const text of [
    '',
    '[]',
    'null',
    '7',
    '{}',
    '{"buildid": 7}',
    '{"buildid":"x","images":[]}',
  ]) {
    writeFileSync(file, text);
    refused();
  }
  writeFileSync(file, whole);
  for (let size = whole.length - 1; size > 0; size -= 101) {
    truncateSync(file, size);
    refused();
  }
  assert.throws(() => openSource(`cosa:${work}/nothing`), AuditError);
});

test('what lies outside of the build is never opened, whatever meta.json says', async (t) => {
  const work = tempFolder(t);
  writeFileSync(join(work, 'secret'), 'never read');
  const said = (path: string) => ({ path, sha256: '0'.repeat(64), size: 10 });
  const images = {
    up: said('../../../secret'),
    absolute: said(join(work, 'secret')),
    linked: said('link'),
    through: said('folder/secret'),
    self: said('.'),
    'live-rootfs': said('../../../secret'),
  };
  const directory = cosaBuild(work, { ...FIRST, images });
  symlinkSync(join(work, 'secret'), join(directory, 'link'));
  symlinkSync(work, join(directory, 'folder'));
  const report = await compare(directory, directory);
  const told = [report, ...report.artifacts.map((each) => each.report!)].flatMap((each) =>
    each.diagnostics.filter(({ side }) => side === 'before'),
  );
  assert.equal(told.length, Object.keys(images).length);
  assert.equal(report.verdict, 'incomplete');
  const recorded = await record(directory, 'x', join(work, 's.db'), new AbortController().signal);
  const secret = readFileSync(join(work, 'secret')).length;
  assert.ok(
    recorded.others.every(({ sizeBytes, name }) => name === 'files' || sizeBytes !== secret),
  );
});

test('meta.json cannot take itself out of the comparison', async (t) => {
  const images = { 'live-rootfs': { path: 'meta.json' }, ostree: { path: 'meta.json' } };
  const { before, after } = twoBuilds(t, { root: 'nowhere', images });
  assert.ok(paths(other(await compare(before, after), 'files')).includes('meta.json'));
});

test('digests that do not fit are told for files, archives and the image of the commit', async (t) => {
  const wrong = { sha256: 'f'.repeat(64) };
  const images = { qemu: wrong, 'live-initramfs': wrong, ostree: { size: 1 } };
  const { before, after } = twoBuilds(t, {}, { images });
  const report = await compare(before, after);
  const codes = [report, other(report, 'live-initramfs'), other(report, 'files')].map(
    ({ diagnostics }) => diagnostics.map(({ code, side }) => `${code} ${side}`),
  );
  assert.deepEqual(codes, [['format after'], ['format after'], ['format after']]);
  assert.equal(report.complete, false);
});

test('an archive that is damaged costs that artifact, not the build', async (t) => {
  const { before, after } = twoBuilds(t);
  const image = join(after, `fedora-coreos-${SECOND.id}-live-initramfs.x86_64.img`);
  writeFileSync(image, 'no image');
  const report = await compare(before, after);
  assert.deepEqual(paths(report), CHANGED);
  assert.equal(other(report, 'live-initramfs').complete, false);
  assert.equal(other(report, 'files').complete, true);
});

test('recorded builds give the same report as directories', async (t) => {
  const { work, before, after } = twoBuilds(t);
  const store = join(work, 'store.db');
  const { signal } = new AbortController();
  await record(before, 'one', store, signal);
  await record(after, 'two', store, signal);
  const [live, stored] = [await compare(before, after), await compare('one', 'two', store)];
  assert.deepEqual(names(stored), names(live));
  assert.deepEqual(causeTotals(stored.findings), causeTotals(live.findings));
  for (const name of ['live-initramfs', 'files'])
    assert.deepEqual(paths(other(stored, name)), paths(other(live, name)));
  assert.equal(stored.remarks[0]?.kind, 'equal-input');
});

test('a tree alone is held against the root file system of a build', async (t) => {
  const work = tempFolder(t);
  const report = await compare(cosaBuild(work, FIRST), tempTree(t, { 'usr/bin/bash': '#!ELF' }));
  assert.deepEqual(
    report.artifacts.map(({ name, side, isAsked }) => [name, side, isAsked]),
    [
      ['live-initramfs', 'before', false],
      ['files', 'before', false],
    ],
  );
});

test('nothing is recorded when the user has had enough', async (t) => {
  const work = tempFolder(t);
  const directory = cosaBuild(work, FIRST);
  const abort = new AbortController();
  const store = join(work, 'store.db');
  const source = openSource(directory);
  const others = source.others!.map((each) => ({
    ...each,
    open: () => {
      abort.abort();
      return each.open();
    },
  }));
  await assert.rejects(
    snapshot({
      ...COMMON,
      source: { ...source, others },
      root: directory,
      storeLocation: store,
      name: 'x',
      stream: null,
      replace: false,
      digests: ['sha256'],
      statCacheFile: null,
      meta: {},
      circumstances: sampleReport().before.facts,
      signal: abort.signal,
    }),
  );
  const opened = await openStore(store, { mode: 'write' });
  t.after(() => opened.close());
  assert.deepEqual(await opened.builds(), []);
});

test('builds of a working directory are found by id, and the last two without', (t) => {
  const work = tempFolder(t);
  for (const spec of [FIRST, SECOND]) cosaBuild(work, spec);
  writeBuildsList(work, [SECOND.id, FIRST.id]);
  const request = { directory: work, cwd: work, arch: null, ownArch: 'aarch64' };
  const [a, b] = [FIRST, SECOND].map(({ id }) => `cosa:${work}/builds/${id}/x86_64`);
  assert.deepEqual(findCosaBuilds([], request), [a, b]);
  assert.deepEqual(findCosaBuilds([FIRST.id, SECOND.id], request), [a, b]);
  assert.deepEqual(findCosaBuilds([`./builds/${FIRST.id}`, SECOND.id], request), [
    `cosa:${work}/builds/${FIRST.id}`,
    b,
  ]);
  const usage = { code: 'USAGE' };
  assert.throws(() => findCosaBuilds([FIRST.id, 'none'], request), usage);
  assert.throws(() => findCosaBuilds([FIRST.id, '..'], request), usage);
  assert.throws(() => findCosaBuilds([], { ...request, arch: 's390x' }), usage);
  for (const text of ['', '[]', '{"builds": [7, {"id": "../x"}]}']) {
    writeFileSync(join(work, 'builds/builds.json'), text);
    assert.throws(() => findCosaBuilds([], request), usage);
  }
  mkdirSync(join(work, 'empty'));
  assert.throws(() => findCosaBuilds([], { ...request, directory: join(work, 'empty') }), usage);
});

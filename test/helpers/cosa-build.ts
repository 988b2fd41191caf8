/** Working directories of coreos-assembler in miniature: builds/ID/x86_64 with meta.json and what it names, and tmp/repo. */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { cpioArchive } from '../formats/build-cpio.js';
import { buildPyc, code, none } from '../formats/build-pyc.js';
import { createRpmdb } from '../formats/build-rpmdb.js';
import { ostree } from '../sources/ostree/support.js';
import { file, folder, hardLink, layoutArchive, layoutFiles, sha256 } from './build-image.js';

export interface CosaBuildSpec {
  readonly id: string;
  /** Seconds since 1970 that the build leaves in its files. */
  readonly time: number;
  readonly inputHash?: string;
  /** Where the commit is to be found. */
  readonly root?: 'archive' | 'repository' | 'nowhere';
  /** Fields of meta.json that replace others; undefined takes away. */
  readonly meta?: Readonly<Record<string, unknown>>;
  /** Images by key in place of others, with what meta.json says of them; null: not there. */
  readonly images?: Readonly<Record<string, Readonly<Record<string, unknown>> | null>>;
}

export const INPUT_HASH = '13986da6d5b98ba469e5a1ffe51154172758c84bf9c6b350e33392018dc33535';

/** The directory that holds meta.json. */
export function cosaBuild(workDirectory: string, spec: CosaBuildSpec): string {
  const { id, time, root = 'archive' } = spec;
  const directory = join(workDirectory, 'builds', id, 'x86_64');
  mkdirSync(directory, { recursive: true });
  const tree = rootTree(join(workDirectory, 'scratch'), time);
  const checksums = commit(workDirectory, tree, root, time);
  const images: Record<string, unknown> = {};
  const image = (key: string, name: string, bytes: Uint8Array): void => {
    writeFileSync(join(directory, name), bytes);
    images[key] = { path: name, sha256: sha256(bytes), size: bytes.length };
  };
  const prefix = `fedora-coreos-${id}`;
  if (root === 'archive')
    image('ostree', `${prefix}-ostree.x86_64.ociarchive`, ociArchive(tree, time));
  image('live-initramfs', `${prefix}-live-initramfs.x86_64.img`, initramfs(time));
  image('live-kernel', `${prefix}-live-kernel.x86_64`, Buffer.from(`kernel of ${time}\0\x01`));
  image('qemu', `${prefix}-qemu.x86_64.qcow2.gz`, gzipSync(Buffer.from('the same disk')));
  for (const [key, said] of Object.entries(spec.images ?? {}))
    if (said === null) rmSync(join(directory, (images[key] as { path: string }).path));
    else images[key] = { ...(images[key] as object), ...said };
  const meta = {
    buildid: id,
    name: 'fedora-coreos',
    summary: 'Fedora CoreOS testing-devel',
    ...checksums,
    'ostree-timestamp': isoTime(time),
    'ostree-version': id,
    'ostree-n-content-written': 3,
    'rpm-ostree-inputhash': spec.inputHash ?? INPUT_HASH,
    'coreos-assembler.basearch': 'x86_64',
    'coreos-assembler.build-timestamp': isoTime(time + 60),
    'coreos-assembler.config-gitrev': 'd59c4b8c03b5d2a1ee7a3cd4a35e2b36b1e0d7a2',
    'coreos-assembler.config-dirty': 'false',
    'coreos-assembler.container-config-git': {
      commit: 'd59c4b8c03b5',
      origin: 'https://example.org/config',
    },
    images,
    pkgdiff: [],
    ...spec.meta,
  };
  writeFileSync(join(directory, 'meta.json'), JSON.stringify(meta, null, 4));
  writeFileSync(join(directory, 'commitmeta.json'), commitMeta(id));
  rmSync(join(workDirectory, 'scratch'), { recursive: true });
  return directory;
}

/** Latest first, as coreos-assembler keeps them. */
export function writeBuildsList(
  workDirectory: string,
  ids: readonly string[],
  arches = ['x86_64'],
): void {
  const builds = ids.map((id) => ({ id, arches }));
  const list = { 'schema-version': '1.0.0', builds, timestamp: '2024-01-02T03:04:05Z' };
  writeFileSync(join(workDirectory, 'builds/builds.json'), JSON.stringify(list));
}

/** An rpm database, a compiled module, and files that are the same at any time. */
type Tree = ReadonlyMap<string, Buffer>;

function rootTree(scratch: string, time: number): Tree {
  mkdirSync(scratch, { recursive: true });
  const database = createRpmdb(
    join(scratch, 'rpmdb.sqlite'),
    [{ name: 'bash', installTime: time, installTid: time, files: [{ path: '/usr/bin/bash' }] }],
    { journal: 'delete' },
  );
  database.close();
  const release = 'NAME="Fedora Linux"\nID=fedora\nVERSION_ID=41\nVARIANT_ID=coreos\n';
  return new Map([
    ['usr/bin/bash', Buffer.from('#!ELF')],
    ['usr/lib/os-release', Buffer.from(release)],
    [
      'usr/lib/python3.13/__pycache__/made.cpython-313.pyc',
      Buffer.from(buildPyc(code(none), { words: [0, time, 3] })),
    ],
    ['usr/share/rpm/rpmdb.sqlite', readFileSync(join(scratch, 'rpmdb.sqlite'))],
  ]);
}

/** By the real program; what meta.json says of a commit. */
function commit(
  workDirectory: string,
  tree: Tree,
  root: CosaBuildSpec['root'],
  time: number,
): Readonly<Record<string, string>> {
  if (root !== 'repository')
    return {
      'ostree-commit': sha256(Buffer.from(`commit ${time}`)),
      'ostree-content-checksum': sha256(Buffer.from(`content ${time}`)),
    };
  const repository = join(workDirectory, 'tmp/repo');
  mkdirSync(dirname(repository), { recursive: true });
  ostree(`--repo=${repository}`, 'init', '--mode=archive');
  const checkout = join(workDirectory, 'scratch/root');
  for (const [path, bytes] of tree) {
    mkdirSync(dirname(join(checkout, path)), { recursive: true });
    writeFileSync(join(checkout, path), bytes);
  }
  const checksum = ostree(
    `--repo=${repository}`,
    'commit',
    '--branch=fedora/x86_64/coreos/testing-devel',
    `--timestamp=@${time}`,
    '--owner-uid=0',
    '--owner-gid=0',
    checkout,
  );
  const shown = ostree(`--repo=${repository}`, 'show', checksum);
  return {
    'ostree-commit': checksum,
    'ostree-content-checksum': /ContentChecksum:\s+([0-9a-f]{64})/.exec(shown)![1]!,
  };
}

/** As ostree encapsulates a commit: objects, and the files as hard links to them. */
function ociArchive(tree: Tree, time: number): Buffer {
  const objects = [...tree].map(([path, bytes]) => {
    const checksum = sha256(bytes);
    const name = `sysroot/ostree/repo/objects/${checksum.slice(0, 2)}/${checksum.slice(2)}.file`;
    return { path, bytes, name };
  });
  const members = [
    folder('sysroot/ostree/repo/objects'),
    ...objects.map(({ name, bytes }) => file(name, bytes.toString('latin1'), { data: bytes })),
    ...objects.map(({ path, name }) => hardLink(path, name)),
  ];
  return layoutArchive(
    layoutFiles({
      layers: [{ members, annotations: { 'ostree.components': 'all' } }],
      created: isoTime(time),
    }),
  );
}

function initramfs(time: number): Buffer {
  const members = [
    { name: '.', mode: 0o040755, mtime: time },
    { name: 'etc', mode: 0o040755, mtime: time },
    { name: 'etc/initrd-release', mode: 0o100644, mtime: time, data: `BUILT=${isoTime(time)}\n` },
  ];
  return gzipSync(cpioArchive('newc', members));
}

function commitMeta(id: string): string {
  return JSON.stringify({
    version: id,
    'rpmostree.rpmdb.pkglist': [
      ['bash', '0', '5.2.37', '1.fc41', 'x86_64'],
      ['openssl', '1', '3.2.2', '9.fc41', 'x86_64'],
    ],
  });
}

function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}

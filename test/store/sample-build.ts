/** Builds made in code, put into a store and read back. */

import { createHash } from 'node:crypto';

import type { Artifact, BuildDescription } from '../../src/core/build.js';
import type { CaptureSet } from '../../src/core/capture.js';
import type { Entry } from '../../src/core/entry.js';
import type { KeyedContent, TreeRef } from '../../src/core/manifest.js';
import { TreeAssembler } from '../../src/core/merkle.js';
import { hasListing, packDirectory } from '../../src/core/packed-directory.js';
import { baseName, joinPath, parentPath, ROOT_PATH, type TreePath } from '../../src/core/path.js';
import type { BuildWriter, DirectoryHandle, Store } from '../../src/store/define.js';
import { CAPTURE } from '../helpers/memory-tree.js';

/** Entries by path, latin1; missing parents are made. */
export type Tree = Readonly<Record<string, Entry>>;

export const SOME_TIME = 1_700_000_000_123_456_789n;

export function file(content: string, more: Partial<Entry> = {}): Entry {
  const sha256 = createHash('sha256').update(content).digest();
  const xxh64 = sha256.subarray(8, 16);
  return { ...BASE, size: content.length, xxh64, sha256, ...more };
}

export function directory(more: Partial<Entry> = {}): Entry {
  return { ...BASE, type: 'directory', mode: 0o755, ...more };
}

export function symlink(target: string, more: Partial<Entry> = {}): Entry {
  return { ...BASE, type: 'symlink', mode: 0o777, target, ...more };
}

const BASE: Entry = {
  name: '',
  type: 'file',
  coverage: 'full',
  mode: 0o644,
  uid: 0,
  gid: 0,
  size: 0,
  mtimeNs: SOME_TIME,
  target: null,
  rdev: null,
  xattrs: [],
  xxh64: null,
  sha256: null,
  link: null,
};

/** The tree with every entry passed through `change`; directories that were implied become explicit. */
export function mapTree(tree: Tree, change: (path: string, entry: Entry) => Entry): Tree {
  const all = Object.entries(complete(tree)).map(([path, entry]) => [path, change(path, entry)]);
  return Object.fromEntries(all) as Tree;
}

/** `directories` folders of `files` files each. */
export function wideTree(directories: number, files: number): Tree {
  const tree: Record<string, Entry> = {};
  for (let d = 0; d < directories; d++)
    for (let f = 0; f < files; f++)
      tree[`usr/share/d${d % 7}/dir-${d}/file-${f}`] = file(`content of ${d}/${f}`, {
        mtimeNs: SOME_TIME + BigInt(d * 1000 + f) * 1_000_003n,
      });
  return tree;
}

/** The bytes of the files of `wideTree`. */
export function contentOf(directories: number, files: number): readonly KeyedContent[] {
  return Array.from({ length: directories * files }, (_, i) =>
    keyed(`content of ${Math.floor(i / files)}/${i % files}`),
  );
}

export function keyed(content: string | Uint8Array): KeyedContent {
  const bytes = Buffer.from(content);
  return { digest: createHash('sha256').update(bytes).digest('hex'), bytes };
}

export interface SaveOptions {
  readonly stream?: string;
  readonly replace?: boolean;
  readonly capture?: CaptureSet;
  readonly diagnostics?: Artifact['diagnostics'];
  readonly description?: Partial<BuildDescription>;
}

/** Records a tree as a build. Entries with an equal `link` are names of one inode. */
export async function save(
  store: Store,
  name: string,
  tree: Tree,
  options: SaveOptions = {},
): Promise<Artifact> {
  const stream = options.stream ?? 'main';
  const writer = await store.begin(name, { replace: options.replace ?? false, stream });
  try {
    const artifact = put(writer, tree, options);
    await writer.commit({ ...describe(name, stream), ...options.description });
    return artifact;
  } finally {
    await writer.abort();
  }
}

/** Puts the directories and the artifact, without a commit. */
export function put(writer: BuildWriter, tree: Tree, options: SaveOptions = {}): Artifact {
  const capture = options.capture ?? CAPTURE;
  const assembler = new TreeAssembler<DirectoryHandle>(capture, (whole, children) =>
    writer.putDirectory(whole, children),
  );
  const whole = complete(tree);
  const listings = new Map<TreePath, Entry[]>([[ROOT_PATH, []]]);
  for (const [path, entry] of Object.entries(whole)) {
    if (hasListing(entry)) listings.set(path as TreePath, listings.get(path as TreePath) ?? []);
    if (path === '') continue;
    const parent = parentPath(path as TreePath);
    const listing = listings.get(parent) ?? [];
    listings.set(parent, listing);
    listing.push({ ...entry, name: baseName(path as TreePath) });
  }
  for (const [path, entries] of listings)
    assembler.add(packDirectory(path, entries, ({ link }) => link));
  const root = whole['']!;
  const placed = assembler.finish(root);
  const artifact: Artifact = {
    name: 'rootfs',
    role: 'rootfs',
    mediaType: 'application/vnd.test',
    container: null,
    capture,
    root,
    contentDigest: placed.contentDigest,
    fullDigest: placed.fullDigest,
    entryCount: placed.entryCount,
    sizeBytes: placed.sizeBytes,
    diagnostics: options.diagnostics ?? [],
  };
  writer.putArtifact(artifact, placed.handle);
  return artifact;
}

export function describe(name: string, stream: string): BuildDescription {
  return {
    name,
    stream,
    facts: {
      startedAt: '2026-01-02T03:04:05.006Z',
      endedAt: '2026-01-02T03:04:06.006Z',
      sourceDateEpoch: 1_700_000_000,
      hostName: 'builder',
      kernel: 'Linux 6.1',
      architecture: 'x86_64',
      user: 'root',
      uid: 0,
      gid: 0,
      cwd: '/build',
      tmpDir: '/tmp',
      timeZone: 'UTC',
      locale: 'C',
      umask: 0o22,
      cpuCount: 2,
      cpuModel: 'test',
      bootId: null,
      fileSystem: 'ext4',
      tools: {},
      environment: {},
      osRelease: {},
      source: '/build/root',
    },
    meta: {},
    packages: [],
    edits: [],
  };
}

/** Every entry of a stored build by path, read directory by directory. */
export async function readTree(store: Store, name: string): Promise<Record<string, Entry>> {
  const reader = (await store.read(name)).artifacts[0]!;
  const tree: Record<string, Entry> = { '': reader.root.entry };
  const walk = async (path: TreePath, ref: TreeRef): Promise<void> => {
    for (const { entry, child } of await reader.entries(ref)) {
      const below = joinPath(path, entry.name);
      tree[below] = { ...entry, name: '' };
      if (child !== null) await walk(below, child);
    }
  };
  if (reader.root.child !== null) await walk(ROOT_PATH, reader.root.child);
  return tree;
}

/** The tree with its root and all parents, digests as buffers, so that it can be compared with what was read. */
export function complete(tree: Tree): Record<string, Entry> {
  const whole: Record<string, Entry> = { '': tree[''] ?? directory() };
  for (const path of Object.keys(tree).toSorted()) {
    const parts = path.split('/');
    for (let i = 1; i < parts.length; i++) whole[parts.slice(0, i).join('/')] ??= directory();
    whole[path] = tree[path]!;
  }
  return whole;
}

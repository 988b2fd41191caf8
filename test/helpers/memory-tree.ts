/** Recorded trees in memory, made by the code that records real ones, so that digests mean what they mean in a store. */

import type { Artifact, BuildDescription, BuildFacts } from '../../src/core/build.js';
import type { CaptureSet } from '../../src/core/capture.js';
import type { Diagnostic } from '../../src/core/diagnostic.js';
import type { Entry, EntryType } from '../../src/core/entry.js';
import type { Owner } from '../../src/core/explanation.js';
import type { Facts } from '../../src/core/facts.js';
import type { ArtifactReader, BuildReader, TreeEntry, TreeRef } from '../../src/core/manifest.js';
import { TreeAssembler, type PlacedDirectory, type WholeDirectory } from '../../src/core/merkle.js';
import { hasListing, packDirectory, unpackDirectory } from '../../src/core/packed-directory.js';
import { baseName, parentPath, ROOT_PATH, type TreePath } from '../../src/core/path.js';

/** An entry by what matters to a test; `content` stands for the digests, `inode` joins hard links. */
export type Node = Partial<Omit<Entry, 'name' | 'link' | 'xxh64' | 'sha256'>> & {
  readonly content?: string;
  readonly inode?: string;
};

/** Paths (latin1) to nodes; missing parents are made. `''` is the root. */
export type Tree = Readonly<Record<string, Node>>;

export const CAPTURE: CaptureSet = {
  version: 1,
  digests: ['xxh64', 'sha256'],
  xattrs: 'all',
  mtime: true,
  ownership: true,
  hardLinks: true,
  exclusions: [],
  mountPoints: [],
};

export interface MemoryOptions {
  readonly capture?: Partial<CaptureSet>;
  readonly diagnostics?: readonly Diagnostic[];
  /** Readers of one scope share identities of equal trees. */
  readonly scope?: string;
  /** Facts by the content of which they are. */
  readonly facts?: Readonly<Record<string, Facts>>;
  /** Packages by path. */
  readonly owners?: Readonly<Record<string, Owner>>;
  /** Stands in for a store that keeps times apart. */
  readonly withoutFullDigests?: boolean;
}

/** A reader that counts the listings it gave in `listings`. */
export interface MemoryReader extends ArtifactReader {
  readonly listings: { count: number };
}

interface Stored {
  readonly ref: TreeRef;
  readonly entries: readonly TreeEntry[];
}

export function memoryReader(tree: Tree, options: MemoryOptions = {}): MemoryReader {
  const capture: CaptureSet = { ...CAPTURE, ...options.capture };
  const nodes = withParents(tree);
  const entries = new Map([...nodes].map(([path, node]) => [path, entryOf(path, node, capture)]));
  const inodes = new Map(
    [...nodes].map(([path, node]) => [entries.get(path)!, node.inode ?? null]),
  );
  const stored = new Map<string, Stored>();
  const put = (whole: WholeDirectory, children: readonly PlacedDirectory<string>[]): string => {
    const ref = refOf(whole, options);
    stored.set(ref.identity, { ref, entries: treeEntries(whole, children, stored) });
    return ref.identity;
  };
  const assembler = new TreeAssembler<string>(capture, put);
  for (const [path, entry] of entries) {
    if (!hasListing(entry)) continue;
    const held = [...entries].filter(([p]) => p !== ROOT_PATH && parentPath(p) === path);
    const inodeOf = (each: Entry): string | null => (capture.hardLinks ? inodes.get(each)! : null);
    assembler.add(
      packDirectory(
        path,
        held.map(([, each]) => each),
        inodeOf,
      ),
    );
  }
  const root = entries.get(ROOT_PATH)!;
  const whole = assembler.finish(root);
  const artifact: Artifact = {
    name: 'rootfs',
    role: 'rootfs',
    mediaType: 'application/vnd.repro-audit.rootfs',
    container: null,
    capture,
    root,
    contentDigest: whole.contentDigest,
    fullDigest: whole.fullDigest,
    entryCount: whole.entryCount,
    sizeBytes: whole.sizeBytes,
    diagnostics: options.diagnostics ?? [],
  };
  const listings = { count: 0 };
  return {
    artifact,
    scope: options.scope ?? 'memory',
    root: stored.get(whole.handle)!.entries[0]!,
    listings,
    entries: (directory) => {
      listings.count += 1;
      return Promise.resolve(stored.get(directory.identity)!.entries);
    },
    ...(options.facts === undefined ? {} : { facts: factsOf(options.facts) }),
    ...(options.owners === undefined ? {} : { owners: ownersOf(options.owners) }),
  };
}

function factsOf(known: Readonly<Record<string, Facts>>) {
  const byDigest = new Map(
    Object.entries(known).map(([content, facts]) => [memoryDigest(content), facts]),
  );
  return (digest: Uint8Array): Promise<readonly Facts[]> => {
    const found = byDigest.get(Buffer.from(digest).toString('hex'));
    return Promise.resolve(found === undefined ? [] : [found]);
  };
}

function ownersOf(known: Readonly<Record<string, Owner>>) {
  return (paths: readonly TreePath[]): Promise<ReadonlyMap<TreePath, Owner>> =>
    Promise.resolve(
      new Map(paths.flatMap((path) => (known[path] === undefined ? [] : [[path, known[path]]]))),
    );
}

/** What stands for the SHA-256 of a content here, as hex. */
export function memoryDigest(content: string): string {
  return Buffer.from(contentDigest(content, 32)).toString('hex');
}

function contentDigest(content: string, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  bytes.set(Buffer.from(content, 'latin1').subarray(0, length));
  return bytes;
}

/** The time of every entry that says nothing else. */
export const MTIME_NS = 1_577_836_800_000_000_000n;

function withParents(tree: Tree): ReadonlyMap<TreePath, Node> {
  const nodes = new Map<TreePath, Node>([[ROOT_PATH, { type: 'directory' }]]);
  for (const [path, node] of Object.entries(tree)) {
    for (let up = parentPath(path as TreePath); !nodes.has(up); up = parentPath(up))
      nodes.set(up, { type: 'directory' });
    nodes.set(path as TreePath, { ...nodes.get(path as TreePath), ...node });
  }
  return nodes;
}

function entryOf(path: TreePath, node: Node, capture: CaptureSet): Entry {
  const type: EntryType = node.type ?? 'file';
  const isWhole = type === 'file' && (node.coverage ?? 'full') === 'full';
  const content = node.content ?? '';
  const digest = (length: number): Uint8Array => contentDigest(content, length);
  return {
    name: baseName(path),
    type,
    coverage: node.coverage ?? 'full',
    mode: node.mode ?? (type === 'directory' ? 0o755 : type === 'symlink' ? 0o777 : 0o644),
    uid: node.uid ?? 0,
    gid: node.gid ?? 0,
    size: type === 'file' ? (node.size ?? content.length) : 0,
    mtimeNs: node.mtimeNs ?? MTIME_NS,
    target: type === 'symlink' ? (node.target ?? '') : null,
    rdev: node.rdev ?? null,
    xattrs: node.xattrs ?? [],
    xxh64: isWhole && capture.digests.includes('xxh64') ? digest(8) : null,
    sha256: isWhole && capture.digests.includes('sha256') ? digest(32) : null,
    link: null,
  };
}

function refOf(whole: WholeDirectory, { withoutFullDigests }: MemoryOptions): TreeRef {
  return {
    identity: Buffer.from(whole.fullDigest).toString('hex'),
    contentDigest: whole.contentDigest,
    fullDigest: withoutFullDigests === true ? null : whole.fullDigest,
    entryCount: whole.entryCount,
    sizeBytes: whole.sizeBytes,
  };
}

function treeEntries(
  { packed, links }: WholeDirectory,
  children: readonly PlacedDirectory<string>[],
  stored: ReadonlyMap<string, Stored>,
): readonly TreeEntry[] {
  const childOf = new Map(packed.subdirectories.map(({ ordinal }, i) => [ordinal, children[i]!]));
  return [...unpackDirectory(packed)].map((entry, ordinal) => {
    const child = childOf.get(ordinal);
    return {
      entry: { ...entry, mtimeNs: packed.mtimesNs[ordinal]!, link: links.get(ordinal) ?? null },
      child: child === undefined ? null : stored.get(child.handle)!.ref,
    };
  });
}

const FACTS: BuildFacts = {
  startedAt: '2026-01-02T03:04:05.000Z',
  endedAt: '2026-01-02T03:04:06.000Z',
  sourceDateEpoch: null,
  hostName: 'builder',
  kernel: '6.1.0',
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
  cpuModel: 'generic',
  bootId: null,
  fileSystem: 'ext4',
  tools: { 'repro-audit': '0.1.0' },
  environment: {},
  osRelease: { ID: 'debian' },
  source: '/root',
};

export type BuildParts = Partial<Omit<BuildDescription, 'facts'>> & {
  readonly facts?: Partial<BuildFacts>;
};

function buildDescription(name: string, parts: BuildParts = {}): BuildDescription {
  return {
    stream: 'debian-12-x86_64',
    meta: {},
    packages: [],
    edits: [],
    ...parts,
    name,
    facts: { ...FACTS, ...parts.facts },
  };
}

export function buildReader(
  name: string,
  artifact: ArtifactReader,
  parts: BuildParts = {},
): BuildReader {
  const build = { ...buildDescription(name, parts), keep: false, artifacts: [artifact.artifact] };
  return { build, artifacts: [artifact] };
}

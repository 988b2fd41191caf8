/**
 * The manifest of a commit: its distinct content objects are hashed, each once, then every directory is put together from
 * what is known of them. Directories may share objects without end, so that entries are counted, not trusted.
 */

import type { Diagnostic } from '../../core/diagnostic.js';
import type { Entry } from '../../core/entry.js';
import { RecordWriter, type PackedDirectory } from '../../core/packed-directory.js';
import { joinPath, ROOT_PATH, type TreePath } from '../../core/path.js';
import type { OstreeDirTree } from '../../formats/ostree-objects.js';
import { compileGlob } from '../../util/glob.js';
import type { ScanOptions, ScanSink } from '../define.js';
import type { CommitTree } from './commit-tree.js';
import type { ContentTrouble, HashedContent } from './hash-content.js';
import { hashObjects, interrupted } from './hash-objects.js';
import { rememberedObjects } from './remembered-objects.js';
import type { Repository } from './repository.js';

export interface CommitScan {
  readonly repository: Repository;
  readonly tree: CommitTree;
  readonly rootTree: string;
  readonly rootMeta: string;
}

/** Returns the root entry. */
export async function scanCommit(
  scan: CommitScan,
  options: ScanOptions,
  sink: ScanSink,
): Promise<Entry> {
  const globs = options.exclusions.map(({ pattern }) => compileGlob(pattern));
  const isExcluded =
    globs.length === 0 ? null : (path: TreePath) => globs.some((matches) => matches(path));
  const packer = new DirectoryPacker(scan, isExcluded, sink);
  const root = packer.rootEntry();
  if (root.coverage !== 'full') return root;
  const hashed = await hashContents(scan, isExcluded, options, sink);
  let entries = 1;
  let bytes = 0;
  const stack: { readonly path: TreePath; readonly tree: OstreeDirTree; readonly depth: number }[] =
    [{ path: ROOT_PATH, tree: loadedTree(scan, scan.rootTree)!, depth: 0 }];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (options.signal.aborted) throw interrupted();
    const { path, tree, depth } = next;
    const isLast = depth >= MAX_DEPTH || entries > MAX_ENTRIES;
    const packed = packer.pack(path, tree, hashed, isLast);
    sink.directory(packed);
    entries += packed.count;
    bytes += packed.sizeBytes;
    if (packed.subdirectories.length > 0) {
      const trees = new Map(tree.directories.map((each) => [each.name, each.tree]));
      for (const { name } of packed.subdirectories)
        stack.push({
          path: joinPath(path, name),
          tree: loadedTree(scan, trees.get(name)!)!,
          depth: depth + 1,
        });
    }
    sink.progress({ entries, bytes });
  }
  return root;
}

/** What any tree that was ever booted stays far below: a few small objects can describe trees without end. */
const MAX_ENTRIES = 5_000_000;
const MAX_DEPTH = 2048;

/** By checksum; every distinct object of the tree that is not excluded. */
async function hashContents(
  scan: CommitScan,
  isExcluded: ((path: TreePath) => boolean) | null,
  { digests, signal }: ScanOptions,
  sink: ScanSink,
): Promise<ReadonlyMap<string, HashedContent>> {
  const wanted = { xxh64: digests.includes('xxh64'), sha256: digests.includes('sha256') };
  const hashed = rememberedObjects(scan.repository, wanted);
  const missing = [...contentChecksums(scan, isExcluded)].filter(
    (checksum) => !hashed.has(checksum),
  );
  let bytes = 0;
  let count = 0;
  await hashObjects(missing, {
    repository: scan.repository,
    digests: wanted,
    signal,
    found: (checksum, content) => {
      hashed.set(checksum, content);
      sink.progress({ entries: ++count, bytes: (bytes += content.size) });
    },
  });
  return hashed;
}

function contentChecksums(
  scan: CommitScan,
  isExcluded: ((path: TreePath) => boolean) | null,
): ReadonlySet<string> {
  const checksums = new Set<string>();
  const visited = new Set<string>();
  const stack = [{ path: ROOT_PATH, checksum: scan.rootTree }];
  let entries = 0;
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { path, checksum } = next;
    // With exclusions the same directory may differ from place to place.
    if (isExcluded === null && visited.has(checksum)) continue;
    visited.add(checksum);
    const tree = loadedTree(scan, checksum);
    if (tree === null || entries > MAX_ENTRIES) continue;
    entries += tree.files.length + tree.directories.length;
    for (const file of tree.files)
      if (isExcluded === null || !isExcluded(joinPath(path, file.name)))
        checksums.add(file.checksum);
    for (const directory of tree.directories) {
      const child = joinPath(path, directory.name);
      if (isExcluded !== null && isExcluded(child)) continue;
      stack.push({ path: isExcluded === null ? ROOT_PATH : child, checksum: directory.tree });
    }
  }
  return checksums;
}

function loadedTree({ tree }: CommitScan, checksum: string): OstreeDirTree | null {
  const loaded = tree.tree(checksum);
  return loaded.kind === 'loaded' ? loaded.value : null;
}

class DirectoryPacker {
  readonly #scan: CommitScan;
  readonly #isExcluded: ((path: TreePath) => boolean) | null;
  readonly #sink: Pick<ScanSink, 'diagnostic'>;
  readonly #writer = new RecordWriter(64 * 1024);

  constructor(
    scan: CommitScan,
    isExcluded: ((path: TreePath) => boolean) | null,
    sink: Pick<ScanSink, 'diagnostic'>,
  ) {
    this.#scan = scan;
    this.#isExcluded = isExcluded;
    this.#sink = sink;
  }

  rootEntry(): Entry {
    const { tree, rootTree, rootMeta } = this.#scan;
    const [listing, meta] = [tree.tree(rootTree), tree.meta(rootMeta)];
    for (const loaded of [listing, meta])
      if (loaded.kind === 'lost') this.#report(ROOT_PATH, loaded.trouble);
    const attributes = meta.kind === 'loaded' ? meta.value : UNKNOWN;
    return {
      name: '',
      type: 'directory',
      coverage: listing.kind === 'loaded' && meta.kind === 'loaded' ? 'full' : 'unreadable',
      mode: attributes.mode & 0o7777,
      uid: attributes.uid,
      gid: attributes.gid,
      size: 0,
      mtimeNs: 0n,
      target: null,
      rdev: null,
      xattrs: attributes.xattrs,
      xxh64: null,
      sha256: null,
      link: null,
    };
  }

  pack(
    path: TreePath,
    tree: OstreeDirTree,
    hashed: ReadonlyMap<string, HashedContent>,
    isLast: boolean,
  ): PackedDirectory {
    const writer = this.#writer;
    writer.reset();
    const subdirectories: { ordinal: number; name: string }[] = [];
    let count = 0;
    let sizeBytes = 0;
    const { files, directories } = tree;
    for (let f = 0, d = 0; f < files.length || d < directories.length;) {
      const file = files[f];
      const directory = directories[d];
      if (directory === undefined || (file !== undefined && file.name < directory.name)) {
        f++;
        if (!this.#isOut(path, file!.name)) {
          sizeBytes += this.#file(path, file!.name, hashed.get(file!.checksum)!);
          count++;
        }
        continue;
      }
      d++;
      if (this.#isOut(path, directory.name)) continue;
      if (this.#directory(path, directory, isLast))
        subdirectories.push({ ordinal: count, name: directory.name });
      count++;
    }
    return {
      path,
      count,
      records: Uint8Array.from(writer.view()),
      mtimesNs: new BigInt64Array(count),
      subdirectories,
      multiplyLinked: [],
      sizeBytes,
    };
  }

  #isOut(path: TreePath, name: string): boolean {
    return this.#isExcluded !== null && this.#isExcluded(joinPath(path, name));
  }

  #file(path: TreePath, name: string, content: HashedContent): number {
    if (content.trouble !== null) this.#report(joinPath(path, name), content.trouble);
    const bytes = Buffer.allocUnsafe(2 + name.length);
    bytes.writeUInt16LE(name.length);
    bytes.write(name, 2, 'latin1');
    this.#writer.raw(bytes);
    this.#writer.raw(content.record);
    return content.size;
  }

  /** Whether its listing follows. */
  #directory(
    path: TreePath,
    { name, tree: checksum, meta: metaChecksum }: OstreeDirTree['directories'][number],
    isLast: boolean,
  ): boolean {
    const child = joinPath(path, name);
    const { tree } = this.#scan;
    const [listing, meta] = [tree.tree(checksum), tree.meta(metaChecksum)];
    for (const loaded of [listing, meta])
      if (loaded.kind === 'lost') this.#report(child, loaded.trouble);
    if (isLast)
      this.#report(child, {
        code: 'unreadable',
        detail: 'the tree is deeper or larger than is read',
      });
    const isWhole = listing.kind === 'loaded' && meta.kind === 'loaded' && !isLast;
    const { mode, uid, gid, xattrs } = meta.kind === 'loaded' ? meta.value : UNKNOWN;
    this.#writer.head(name, isWhole ? 'full' : 'unreadable', mode, uid, gid);
    this.#writer.xattrs(xattrs);
    return isWhole;
  }

  #report(path: TreePath, { code, detail }: ContentTrouble): void {
    const diagnostic: Diagnostic = { code, path, detail };
    this.#sink.diagnostic(diagnostic);
  }
}

/** Of a directory whose metadata is not there. */
const UNKNOWN = { mode: 0o040000, uid: 0, gid: 0, xattrs: [] } as const;

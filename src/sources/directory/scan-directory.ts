/**
 * Reads one directory: lists, stats, hashes, and packs. This is the hot loop of the program: per file one statx,
 * one open, one or two reads, one flistxattr, one fstatx and one close, and no object that outlives the entry.
 *
 * Everything is reached from a descriptor of the directory, which itself is opened beneath the root without
 * following links, so that no rename or planted link during the scan leads elsewhere, and no path is too long.
 */

import { constants as osConstants } from 'node:os';

import type { Diagnostic } from '../../core/diagnostic.js';
import {
  TYPE_BITS,
  typeOfMode,
  type Coverage,
  type EntryType,
  type Xattr,
} from '../../core/entry.js';
import { RecordWriter } from '../../core/packed-directory.js';
import { joinPath, type TreePath } from '../../core/path.js';
import { errnoName, newStat, O, type Stat } from '../../fs/native.js';
import type { ScanCalls } from '../../fs/portable.js';
import type { ContentHasher } from '../../util/hashing.js';
import type { CachedDirectory } from './stat-cache.js';
import { readXattrs } from './read-xattrs.js';
import { STAT_KEY_WORDS, type ScannedDirectory } from './wire.js';

export interface ScannerOptions {
  /** Opens a path beneath the root; the negated errno when that fails. */
  readonly open: (path: TreePath, flags: number) => number;
  readonly calls: ScanCalls;
  readonly hasher: ContentHasher;
  readonly withSha256: boolean;
  readonly withXattrs: boolean;
  /** O_NOATIME is refused for files of others without CAP_FOWNER; null: may be used for all. */
  readonly ownUid: number | null;
  readonly isExcluded: (path: TreePath) => boolean;
  /** Mount points known beforehand, for kernels whose statx tells no mount id. */
  readonly mountPoints: ReadonlySet<TreePath>;
  /** A directory with more content is left to a thread that can be stopped while it reads; Infinity: reads everything. */
  readonly mostBytes: number;
  /** Null without a stat cache. */
  readonly cached: ((path: TreePath) => CachedDirectory | null) | null;
}

export interface DirectoryScan {
  readonly directory: ScannedDirectory;
  readonly diagnostics: readonly Diagnostic[];
  readonly mountPoints: readonly TreePath[];
}

/** A whole file is hashed at once up to this size; beyond, in chunks that stay in the L2 cache. */
const CHUNK_BYTES = 128 * 1024;
const { ENOENT, EPERM } = osConstants.errno;

export class DirectoryScanner {
  readonly #o: ScannerOptions;
  readonly #writer = new RecordWriter(256 * 1024);
  readonly #buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  readonly #stat: Stat = newStat();
  readonly #after: Stat = newStat();
  readonly #xxh64 = new Uint8Array(8);
  readonly #sha256 = new Uint8Array(32);
  #diagnostics: Diagnostic[] = [];
  #bytesRead = 0;

  constructor(options: ScannerOptions) {
    this.#o = options;
  }

  /** A directory that cannot be listed any more gives an empty listing and a diagnostic; null: see `mostBytes`. */
  scan(path: TreePath): DirectoryScan | null {
    this.#diagnostics = [];
    const fd = this.#o.open(path, O.RDONLY | O.DIRECTORY | O.NONBLOCK);
    if (fd < 0) return this.#unlisted(path, fd);
    try {
      const names = this.#o.calls.list(fd);
      if (typeof names === 'number') return this.#unlisted(path, names);
      return this.#scanNames(fd, path, names.sort());
    } finally {
      this.#o.calls.close(fd);
    }
  }

  #unlisted(path: TreePath, errno: number): DirectoryScan {
    this.#report(
      errno === -ENOENT ? 'vanished' : 'unreadable',
      path,
      `cannot list the directory: ${errnoName(errno)}`,
    );
    const directory: ScannedDirectory = {
      path,
      count: 0,
      records: new Uint8Array(0),
      mtimesNs: new BigInt64Array(0),
      subdirectories: [],
      multiplyLinked: [],
      sizeBytes: 0,
      statKeys: this.#o.cached === null ? null : new BigInt64Array(0),
      device: '',
      cachedFiles: 0,
      bytesRead: 0,
    };
    return { directory, diagnostics: this.#diagnostics, mountPoints: [] };
  }

  #scanNames(fd: number, path: TreePath, names: readonly string[]): DirectoryScan | null {
    const { calls, cached: cache } = this.#o;
    const own = newStat();
    calls.statFd(fd, own);
    const device = `${own.devMajor}:${own.devMinor}`;
    const cached = cache?.(path) ?? null;
    const usable = cached !== null && cached.device === device ? cached : null;
    const mtimes = new BigInt64Array(names.length);
    const keys = cache === null ? null : new BigInt64Array(names.length * STAT_KEY_WORDS);
    const subdirectories: { ordinal: number; name: string }[] = [];
    const multiplyLinked: { ordinal: number; name: string; inode: string }[] = [];
    const mountPoints: TreePath[] = [];
    const st = this.#stat;
    let ordinal = 0;
    let sizeBytes = 0;
    let cachedFiles = 0;
    this.#bytesRead = 0;
    this.#writer.reset();

    for (const name of names) {
      const entryPath = joinPath(path, name);
      if (this.#o.isExcluded(entryPath)) continue;
      const failed = calls.statAt(fd, name, st);
      if (failed < 0) {
        const code = failed === -ENOENT ? 'vanished' : 'unreadable';
        this.#report(code, entryPath, `listed, but stat says ${errnoName(failed)}`);
        continue;
      }
      const type = typeOfMode(st.mode);
      if (type === null) {
        this.#report('unreadable', entryPath, `unknown file type in mode 0${st.mode.toString(8)}`);
        continue;
      }
      if ((st.mountId !== 0n && st.mountId !== own.mountId) || this.#o.mountPoints.has(entryPath)) {
        mountPoints.push(entryPath);
        this.#writeMountPoint(name, type);
        ordinal++;
        continue;
      }
      const hit = usable?.find(name, st) ?? null;
      if (hit !== null) {
        this.#writer.raw(hit);
        cachedFiles += type === 'file' ? 1 : 0;
        if (type === 'directory') subdirectories.push({ ordinal, name });
      } else if (type === 'file') {
        if (this.#bytesRead + st.size > this.#o.mostBytes) return null;
        this.#file(fd, name, entryPath);
      } else if (type === 'directory') {
        if (this.#directory(fd, name, entryPath)) subdirectories.push({ ordinal, name });
      } else {
        this.#special(fd, name, entryPath, type);
      }
      mtimes[ordinal] = st.mtimeNs;
      if (keys !== null) {
        keys[ordinal * STAT_KEY_WORDS] = BigInt.asIntN(64, st.ino);
        keys[ordinal * STAT_KEY_WORDS + 1] = BigInt(st.size);
        keys[ordinal * STAT_KEY_WORDS + 2] = st.ctimeNs;
      }
      if (type === 'file') sizeBytes += st.size;
      if (st.nlink > 1 && type !== 'directory')
        multiplyLinked.push({ ordinal, name, inode: `${device}:${st.ino}` });
      ordinal++;
    }

    const directory: ScannedDirectory = {
      path,
      count: ordinal,
      records: Uint8Array.from(this.#writer.view()),
      mtimesNs: mtimes.subarray(0, ordinal),
      subdirectories,
      multiplyLinked,
      sizeBytes,
      statKeys: keys?.subarray(0, ordinal * STAT_KEY_WORDS) ?? null,
      device,
      cachedFiles,
      bytesRead: this.#bytesRead,
    };
    return { directory, diagnostics: this.#diagnostics, mountPoints };
  }

  /** What is mounted there is not part of the tree, and what it hides cannot be seen: only the type is recorded. */
  #writeMountPoint(name: string, type: EntryType): void {
    const typeBits = type === 'file' ? TYPE_BITS.file : TYPE_BITS.directory;
    this.#writer.head(name, 'mount-point', typeBits << 12, 0, 0);
    if (type === 'file') this.#writer.file(0, null, null);
    this.#writer.xattrs([]);
  }

  #file(directory: number, name: string, path: TreePath): void {
    const st = this.#stat;
    const start = this.#writer.length;
    for (let attempt = 1; ; attempt++) {
      const fd = this.#openFile(directory, name);
      if (fd < 0) {
        this.#unreadableFile(directory, name, path, `open: ${errnoName(fd)}`);
        return;
      }
      const outcome = this.#readFile(fd);
      const xattrs = outcome === 'read' ? this.#xattrsOf(fd, path) : [];
      this.#o.calls.close(fd);
      if (typeof outcome === 'number') {
        this.#unreadableFile(directory, name, path, `read: ${errnoName(outcome)}`);
        return;
      }
      const stable = outcome === 'read';
      if (
        !stable &&
        attempt === 1 &&
        this.#o.calls.statAt(directory, name, st) >= 0 &&
        typeOfMode(st.mode) === 'file'
      )
        continue;
      if (!stable)
        this.#report(
          'unstable',
          path,
          'changed while it was read, twice; its content is not recorded',
        );
      const coverage: Coverage = !stable ? 'unstable' : xattrs === null ? 'unreadable' : 'full';
      this.#writer.truncate(start);
      this.#writer.head(name, coverage, st.mode, st.uid, st.gid);
      this.#writer.file(
        st.size,
        stable ? this.#xxh64 : null,
        stable && this.#o.withSha256 ? this.#sha256 : null,
      );
      this.#writer.xattrs(xattrs ?? []);
      return;
    }
  }

  #openFile(directory: number, name: string): number {
    const { calls, ownUid } = this.#o;
    const flags = O.RDONLY | O.NOFOLLOW | O.NONBLOCK;
    if (ownUid !== null && this.#stat.uid !== ownUid) return calls.openat(directory, name, flags);
    const fd = calls.openat(directory, name, flags | O.NOATIME);
    return fd === -EPERM ? calls.openat(directory, name, flags) : fd;
  }

  /** Fills the digests; `'changed'` when size, inode, mtime or ctime are not what they were before, or an errno. */
  #readFile(fd: number): 'read' | 'changed' | number {
    const { calls, hasher, withSha256 } = this.#o;
    const st = this.#stat;
    const sha256 = withSha256 ? this.#sha256 : null;
    const first = calls.read(fd, this.#buffer, 0, CHUNK_BYTES);
    if (first < 0) return first;
    let total = first;
    if (first < CHUNK_BYTES && first === st.size) {
      hasher.whole(this.#buffer.subarray(0, first), this.#xxh64, sha256);
    } else {
      const stream = hasher.stream(withSha256);
      for (let length = first; length > 0; total += length) {
        stream.update(this.#buffer.subarray(0, length));
        length = calls.read(fd, this.#buffer, 0, CHUNK_BYTES);
        if (length < 0) return length;
      }
      stream.digest(this.#xxh64, sha256);
    }
    this.#bytesRead += total;
    const after = this.#after;
    const failed = calls.statFd(fd, after);
    if (failed < 0) return failed;
    const same =
      total === st.size &&
      after.ino === st.ino &&
      after.size === st.size &&
      after.mtimeNs === st.mtimeNs &&
      after.ctimeNs === st.ctimeNs;
    return same ? 'read' : 'changed';
  }

  #unreadableFile(directory: number, name: string, path: TreePath, detail: string): void {
    const st = this.#stat;
    this.#report('unreadable', path, `content not read, ${detail}`);
    this.#writer.head(name, 'unreadable', st.mode, st.uid, st.gid);
    this.#writer.file(st.size, null, null);
    this.#writer.xattrs(this.#xattrsAt(directory, name, path) ?? []);
  }

  /** False when it cannot be opened, so that its record says so and nobody waits for its listing. */
  #directory(parent: number, name: string, path: TreePath): boolean {
    const st = this.#stat;
    const { calls } = this.#o;
    const fd = calls.openat(parent, name, O.RDONLY | O.DIRECTORY | O.NOFOLLOW | O.NONBLOCK);
    if (fd < 0) this.#report('unreadable', path, `cannot open the directory: ${errnoName(fd)}`);
    const xattrs = fd < 0 ? this.#xattrsAt(parent, name, path) : this.#xattrsOf(fd, path);
    if (fd >= 0) calls.close(fd);
    this.#writer.head(name, fd < 0 ? 'unreadable' : 'full', st.mode, st.uid, st.gid);
    this.#writer.xattrs(xattrs ?? []);
    return fd >= 0;
  }

  #special(directory: number, name: string, path: TreePath, type: EntryType): void {
    const st = this.#stat;
    const target = type === 'symlink' ? this.#o.calls.readlinkAt(directory, name) : '';
    const xattrs = this.#xattrsAt(directory, name, path);
    if (typeof target === 'number')
      this.#report('unreadable', path, `cannot read the link: ${errnoName(target)}`);
    const coverage: Coverage =
      typeof target === 'number' || xattrs === null ? 'unreadable' : 'full';
    this.#writer.head(name, coverage, st.mode, st.uid, st.gid);
    if (type === 'symlink') this.#writer.symlink(typeof target === 'string' ? target : '');
    else if (type === 'char' || type === 'block') this.#writer.device(st.rdevMajor, st.rdevMinor);
    this.#writer.xattrs(xattrs ?? []);
  }

  /** Null, with a diagnostic, when they exist and cannot be read. */
  #xattrsOf(fd: number, path: TreePath): readonly Xattr[] | null {
    if (!this.#o.withXattrs) return [];
    return this.#collect(
      this.#o.calls.listXattrs(fd),
      (name) => this.#o.calls.getXattr(fd, name),
      path,
    );
  }

  #xattrsAt(directory: number, name: string, path: TreePath): readonly Xattr[] | null {
    if (!this.#o.withXattrs) return [];
    const { calls } = this.#o;
    return this.#collect(
      calls.listXattrsAt(directory, name),
      (xattr) => calls.getXattrAt(directory, name, xattr),
      path,
    );
  }

  #collect(
    names: string[] | number,
    get: (name: string) => Uint8Array | number,
    path: TreePath,
  ): readonly Xattr[] | null {
    const xattrs = readXattrs(names, get);
    if (typeof xattrs !== 'number') return xattrs;
    this.#report('unreadable', path, `cannot read the xattrs: ${errnoName(xattrs)}`);
    return null;
  }

  #report(code: Diagnostic['code'], path: TreePath, detail: string): void {
    this.#diagnostics.push({ code, path, detail });
  }
}

/** Members of cpio archives as entries of a tree (cpio(5) of libarchive; Linux init/initramfs.c). */

import { typeOfMode, type EntryType } from '../../core/entry.js';
import type { CpioMember } from '../../formats/cpio.js';
import type { CpioStreamMember } from '../../formats/stream/cpio-stream.js';
import type { ContentDigests } from '../archive/hash-content.js';
import type { ArchiveTarget } from '../archive/open-archive.js';
import { readContent } from '../archive/read-content.js';
import type { Node } from '../archive/tree-builder.js';

/** Linux refuses longer ones. */
const MAX_TARGET = 65_536;

/** Puts an entry at its place in the tree; false when there is none. */
export type Place = (name: string, node: Node) => boolean;

export class CpioEntries {
  readonly #target: ArchiveTarget;
  readonly #nameOf: (name: string) => string | null;
  readonly #place: Place;
  /** The first name of each inode that has several. */
  readonly #inodes = new Map<string, string>();

  /** `nameOf` tells where a name leads to; null: nowhere, and it was told. */
  constructor(
    target: ArchiveTarget,
    nameOf: (name: string) => string | null = (name) => name,
    place: Place = (name, node) => (target.tree.add(name, node), true),
  ) {
    this.#target = target;
    this.#nameOf = nameOf;
    this.#place = place;
  }

  async add({ member, data }: CpioStreamMember): Promise<void> {
    if (member.isTrailer) {
      // Numbers of inodes count within one archive.
      this.#inodes.clear();
      return;
    }
    const { tree } = this.#target;
    const type = typeOfMode(member.header.mode);
    if (type === null) return tree.skip(member.path, 'its mode has no type that is known');
    const name = this.#nameOf(member.path);
    if (name === null) return;
    const target = type === 'symlink' ? latin1(await data.all(MAX_TARGET)) : null;
    const content = type === 'file' ? await readContent(member.path, data, this.#target) : null;
    const node = nodeOf(member, type, target, content);
    const key = inodeOf(member, type);
    const first = key === null ? undefined : this.#inodes.get(key);
    if (first === undefined) {
      if (this.#place(name, node) && key !== null) this.#inodes.set(key, name);
      return;
    }
    tree.link(name, first);
    // The data comes with one of the names, the last one mostly.
    if (data.size > 0) tree.replace(first, node);
  }
}

function nodeOf(
  { header, dialect }: CpioMember,
  type: EntryType,
  target: string | null,
  content: ContentDigests | null,
): Node {
  const isDevice = type === 'char' || type === 'block';
  const isNew = dialect === 'newc' || dialect === 'crc';
  const { rdevmajor, rdevminor } = header;
  return {
    type,
    coverage: 'full',
    mode: header.mode & 0o7777,
    uid: header.uid,
    gid: header.gid,
    size: content?.size ?? 0,
    mtimeNs: BigInt(header.mtime) * 1_000_000_000n,
    target,
    rdev: !isDevice
      ? null
      : isNew
        ? { major: rdevmajor, minor: rdevminor }
        : { major: rdevminor >> 8, minor: rdevminor & 0xff },
    xattrs: [],
    xxh64: content?.xxh64 ?? null,
    sha256: content?.sha256 ?? null,
  };
}

/** Null for what has one name. */
function inodeOf({ header, archive }: CpioMember, type: EntryType): string | null {
  if (header.nlink < 2 || type === 'directory') return null;
  return [archive, header.devmajor, header.devminor, header.ino, type].join(':');
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

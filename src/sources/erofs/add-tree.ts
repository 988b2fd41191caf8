/** Puts the tree of an EROFS image into the manifest, contents hashed on the way. */

import { setImmediate } from 'node:timers/promises';

import { FormatError } from '../../core/errors.js';
import { joinPath, ROOT_PATH, type TreePath } from '../../core/path.js';
import type { ErofsInode } from '../../formats/erofs/inode.js';
import type { ErofsTree } from '../../formats/erofs/walk.js';
import type { ArchiveTarget } from '../archive/open-archive.js';
import { readContent, type ContentData } from '../archive/read-content.js';
import { nodeOfInode, refersElsewhere, xattrsOf, type InodeContent } from './inode-node.js';

/** Bytes of content between two turns of the event loop: a signal must be able to arrive. */
const BREATH = 4 * 1024 * 1024;
/** What an entry costs beside its content, in bytes. */
const ENTRY_COST = 2048;
/** Contents up to this size are made at once. */
const AT_ONCE = 256 * 1024;
/** Longer targets are none that Linux knows. */
const MAX_TARGET = 4096;

/** Throws `FormatError` when there is no root; what else makes no sense is a diagnostic on its path. */
export async function addTree(image: ErofsTree, target: ArchiveTarget): Promise<void> {
  const { tree } = target;
  const contents = new Contents(image, target);
  let elsewhere = 0;
  for (const step of image.walk()) {
    target.step();
    const path = joinPath(ROOT_PATH, step.path);
    if (step.kind === 'damage') {
      if (path === ROOT_PATH && tree.count === 0 && !contents.hasRoot) throw step.error;
      tree.diagnostics.push({ code: 'unreadable', path, detail: step.error.message });
      continue;
    }
    if (step.kind === 'link') {
      tree.link(path, step.first);
      continue;
    }
    const { inode } = step;
    if (path === ROOT_PATH) contents.root(inode);
    const unread: string[] = [];
    const attempt = <T>(fallback: T, read: () => T): T => {
      try {
        return read();
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        unread.push(error.message);
        return fallback;
      }
    };
    const xattrs = attempt([], () => xattrsOf(image, inode, contents.spendXattrs));
    let content: InodeContent = NO_CONTENT;
    if (inode.type === 'symlink')
      content = attempt(NO_CONTENT, () => ({ ...NO_CONTENT, target: contents.targetOf(inode) }));
    else if (inode.type === 'file' && refersElsewhere(xattrs)) elsewhere += 1;
    else if (inode.type === 'file')
      try {
        content = { ...(await contents.digests(path, inode)), target: null };
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        unread.push(error.message);
      }
    for (const detail of unread) tree.diagnostics.push({ code: 'unreadable', path, detail });
    const coverage = unread.length === 0 ? 'full' : 'unreadable';
    await contents.breathe(inode);
    tree.add(path, nodeOfInode(image, inode, { content, xattrs, coverage }));
  }
  if (elsewhere > 0)
    tree.diagnostics.push({
      code: 'unreadable',
      path: null,
      detail: `contents that are not in the image: ${elsewhere}; attributes refer to objects of composefs or to another layer of overlayfs`,
    });
}

const NO_CONTENT: InodeContent = { xxh64: null, sha256: null, target: null };

/** Reads contents within what an image of this size is taken for. */
class Contents {
  readonly #image: ErofsTree;
  readonly #target: ArchiveTarget;
  #left: number;
  #xattrBytesLeft: number;
  #sinceBreath = 0;
  hasRoot = false;

  constructor(image: ErofsTree, target: ArchiveTarget) {
    this.#image = image;
    this.#target = target;
    this.#left = target.limits.maxOutputBytes;
    this.#xattrBytesLeft = 64 * 1024 * 1024 + 4 * image.volume.metadata.size;
  }

  /** Throws `FormatError` for what is no directory. */
  root({ type, offset }: ErofsInode): void {
    if (type !== 'directory') throw new FormatError('erofs', offset, 'the root is no directory');
    this.hasRoot = true;
  }

  /** Inodes share attributes: few bytes may stand for many. */
  readonly spendXattrs = (bytes: number, { offset }: ErofsInode): void => {
    this.#xattrBytesLeft -= bytes;
    if (this.#xattrBytesLeft < 0)
      throw new FormatError('erofs', offset, 'more attributes than an image of this size can have');
  };

  targetOf(inode: ErofsInode): string {
    const bytes = this.#image.contents.all(inode, MAX_TARGET);
    return Buffer.from(bytes).toString('latin1');
  }

  digests(path: TreePath, inode: ErofsInode): ReturnType<typeof readContent> {
    this.#left -= inode.size;
    if (!(this.#left >= 0)) {
      this.#left += inode.size === Infinity ? 0 : inode.size;
      throw new FormatError(
        'erofs',
        inode.offset,
        `a content of ${inode.size} bytes: more than an image of this size is taken for`,
      );
    }
    const data: ContentData = {
      size: inode.size,
      tryAll: () => (inode.size > AT_ONCE ? null : this.#image.contents.all(inode, AT_ONCE)),
      chunks: () => this.#chunks(inode),
    };
    return readContent(path, data, this.#target);
  }

  /** Lets a signal arrive now and then, however small the files are. */
  async breathe({ size }: Pick<ErofsInode, 'size'>): Promise<void> {
    this.#sinceBreath += Math.min(size, BREATH) + ENTRY_COST;
    if (this.#sinceBreath <= BREATH) return;
    this.#sinceBreath = 0;
    await setImmediate();
    this.#target.step();
  }

  async *#chunks(inode: ErofsInode): AsyncGenerator<Uint8Array> {
    for (const chunk of this.#image.contents.chunks(inode)) {
      await this.breathe({ size: chunk.length });
      yield chunk;
    }
  }
}

/** Inodes of squashfs images as rows, by their paths, and the contents of files as parts. */

import { setImmediate } from 'node:timers/promises';

import { FormatError } from '../../core/errors.js';
import { stMode, type Xattr } from '../../core/entry.js';
import type { Fact, FactPart, FactProblem, FactTable, FactValue } from '../../core/facts.js';
import { displayPath, ROOT_PATH, type TreePath } from '../../core/path.js';
import { bufferAccess } from '../../core/random-access.js';
import {
  blocksOf,
  FileContents,
  storedBlock,
  type StoredBlock,
} from '../../formats/squashfs/file-content.js';
import type { SquashfsImage } from '../../formats/squashfs/image.js';
import type { FileInode, Inode } from '../../formats/squashfs/inode.js';
import { walkSquashfs } from '../../formats/squashfs/walk.js';
import { regionDigest } from '../common/region-digest.js';
import { RowCollector, type ColumnList } from '../common/row-collector.js';
import { shortDigest } from '../common/short-digest.js';
import { Told } from '../common/told.js';
import type { InspectContext } from '../define.js';
import { isStop } from '../engine/limits.js';

/** Names are those of Linux' `squashfs_fs.h`, where it has one. Numbers of inodes follow from their order. */
const COLUMNS: ColumnList = [
  ['mode', 'mode'],
  ['uid', 'owner'],
  ['gid', 'owner'],
  ['mtime', 'time'],
  ['nlink', 'size'],
  ['rdev', 'number'],
  ['symlink', 'path'],
  ['link', 'path'],
  ['xattr', 'opaque'],
  ['data', 'stream'],
  ['sealed data', 'secret'],
];

export interface SquashfsMembers {
  readonly tables: readonly FactTable[];
  readonly facts: readonly Fact[];
  /** Where the data of files lies. */
  readonly told: Told;
}

const MOST_PROBLEMS = 100;
/** Rows between two turns of the event loop: a signal must be able to arrive. */
const BATCH = 100;
/** Longer contents come block by block. */
const AT_ONCE = 1024 * 1024;

/** What cannot be read, and what a budget leaves unread, goes to `problems`. */
export function squashfsMembers(
  image: SquashfsImage,
  context: InspectContext,
  problems: FactProblem[],
): Promise<SquashfsMembers> {
  return new Members(image, context, problems).all();
}

/** A name of an inode; `inode` is null for all but the first. */
interface Named {
  readonly path: TreePath;
  readonly at: number;
  readonly inode: Inode | null;
  readonly first: TreePath | null;
}

class Members {
  readonly #image: SquashfsImage;
  readonly #context: InspectContext;
  readonly #problems: FactProblem[];
  readonly #contents: FileContents;
  readonly #rows = new RowCollector('', COLUMNS);
  readonly #told = new Told();
  /** What files have of fragments, by number. */
  readonly #used = new Map<number, Told>();

  constructor(image: SquashfsImage, context: InspectContext, problems: FactProblem[]) {
    this.#image = image;
    this.#context = context;
    this.#problems = problems;
    this.#contents = new FileContents(image, context.outputBudget());
  }

  async all(): Promise<SquashfsMembers> {
    const names: Named[] = [];
    const facts: Fact[] = [];
    await this.#untilEnd(() => this.#names(names));
    await this.#untilEnd(async () => {
      for (const [i, named] of names.toSorted((a, b) => a.at - b.at).entries()) {
        if (i % BATCH === 0) await setImmediate();
        await this.#row(named);
      }
    });
    await this.#untilEnd(async () => void facts.push(...(await this.#fragments())));
    return { tables: this.#rows.tables(), facts, told: this.#told };
  }

  async #names(names: Named[]): Promise<void> {
    for await (const found of walkSquashfs(this.#image)) {
      this.#context.spend(1);
      if (found.kind === 'inode') names.push({ ...found, first: null });
      else if (found.kind === 'link') names.push({ ...found, inode: null });
      else this.#problem(found.path, found.detail);
    }
  }

  /** Rows come in the order of the inode table, which is about that of the data. */
  async #row({ path, inode, first }: Named): Promise<void> {
    this.#context.spend(0);
    // No file has the name.
    const key = path === ROOT_PATH ? '.' : path;
    if (inode === null) {
      this.#rows.add(key, [null, null, null, null, null, null, null, first], null, null);
      return;
    }
    const part = inode.type === 'file' && inode.size > 0 ? await this.#part(path, inode) : null;
    const data = inode.type === 'file' && part !== null ? await this.#data(path, inode) : null;
    const isSecret = part !== null && this.#context.isSecret(part);
    const id = (index: number): Promise<FactValue> =>
      this.#unlessDamaged(path, () => this.#image.id(index));
    this.#rows.add(
      key,
      [
        stMode(inode).toString(8),
        await id(inode.uidIndex),
        await id(inode.gidIndex),
        String(inode.mtime),
        inode.linkCount,
        'device' in inode ? `${inode.device.major}:${inode.device.minor}` : null,
        inode.type === 'symlink' ? inode.target : null,
        null,
        await this.#unlessDamaged(path, async () => xattrText(await this.#image.xattrsOf(inode))),
        isSecret ? null : data,
        isSecret && data !== null ? this.#context.keyed(Buffer.from(data)) : null,
      ],
      null,
      part,
    );
  }

  /** Null for what is damaged: its bytes count as those of nobody. */
  async #part(path: TreePath, inode: FileInode): Promise<FactPart | null> {
    if (inode.size > AT_ONCE)
      return this.#context.part(path, watched(this.#contents.chunks(inode), this.#context));
    const whole = await this.#unlessDamaged(path, () => this.#contents.whole(inode));
    return whole === null ? null : this.#context.part(path, bufferAccess(whole));
  }

  /** A digest of the blocks that a file has for itself, as they lie there; null for none. */
  async #data(path: TreePath, inode: FileInode): Promise<string | null> {
    const { fragment, size } = inode;
    const { blockSize } = this.#image.superblock;
    if (fragment !== null) {
      const used = this.#used.get(fragment.index) ?? new Told();
      used.add(fragment.offset, size % blockSize);
      this.#used.set(fragment.index, used);
    }
    let length = 0;
    await this.#unlessDamaged(path, async () => {
      for await (const block of blocksOf(this.#image, inode)) length += block.length;
    });
    const region = { offset: inode.start, length };
    if (length === 0) return null;
    this.#told.add(region.offset, region.length);
    return regionDigest(this.#image.bytes, region);
  }

  /** Fragments hold the ends of many files: they are told together, and what of them belongs to no file. */
  async #fragments(): Promise<readonly Fact[]> {
    const regions: StoredBlock[] = [];
    const slack: string[] = [];
    for (const [index, used] of [...this.#used].toSorted(([a], [b]) => a - b)) {
      this.#context.spend(0);
      const { start, sizeWord, unused } = await this.#image.fragment(index);
      regions.push(storedBlock(start, sizeWord));
      const size = this.#contents.fragmentBytes.get(index) ?? 0;
      const rest = used.rest({ offset: 0, length: size });
      if (unused !== 0) slack.push(`${index} ${unused}`);
      if (rest.length === 0) continue;
      const content = await this.#contents.fragment(index);
      for (const hole of rest)
        slack.push(shortDigest(content.subarray(hole.offset, hole.offset + hole.length)));
    }
    if (regions.length === 0) return [];
    for (const { offset, length } of regions) this.#told.add(offset, length);
    const { offset } = regions[0]!;
    const value = regionDigest(this.#image.bytes, ...regions);
    const blocks: Fact = { name: 'fragment blocks', kind: 'stream', value, offset };
    if (slack.length === 0) return [blocks];
    const unused = shortDigest(slack.join(' '));
    return [blocks, { name: 'unused in fragments', kind: 'slack', value: unused, offset }];
  }

  /** Null, and a problem, for what makes no sense. */
  async #unlessDamaged<T>(path: TreePath, read: () => Promise<T>): Promise<T | null> {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      this.#problem(path, error.message);
      return null;
    }
  }

  /** What ends a part of the work leaves the rest. */
  async #untilEnd(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!isStop(error)) throw error;
      this.#problem(ROOT_PATH, error.message);
    }
  }

  #problem(path: TreePath, detail: string): void {
    if (this.#problems.length >= MOST_PROBLEMS) return;
    this.#problems.push({ offset: null, detail: `${displayPath(path)}: ${detail}` });
  }
}

async function* watched(
  chunks: AsyncIterable<Uint8Array>,
  context: Pick<InspectContext, 'spend'>,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    await setImmediate();
    context.spend(0);
    yield chunk;
  }
}

const LONGEST_XATTRS = 200;

/** Names with digests of their values. */
function xattrText(xattrs: readonly Xattr[]): string | null {
  if (xattrs.length === 0) return null;
  const text = xattrs.map(({ name, value }) => `${name} ${shortDigest(value)}`).join(', ');
  return text.length > LONGEST_XATTRS ? shortDigest(text) : text;
}

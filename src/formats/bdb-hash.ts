/**
 * Hash databases of Berkeley DB 4 and 5, as rpm's `Packages` was one until 2020 (dbinc/db_page.h of Berkeley DB 5.3): pages of pairs,
 * and long values in chains of overflow pages. The numbers are in the byte order of the machine that made it.
 */

import { FormatError } from '../core/errors.js';
import type { RandomAccess } from '../core/random-access.js';
import type { Extent } from './regions.js';

export interface BdbHash {
  readonly version: number;
  readonly pageSize: number;
  /** Of the file: made of inode, time and process when it was created. */
  readonly fileId: Extent;
  readonly pairs: readonly BdbPair[];
  /** What pages do not use. */
  readonly free: readonly Extent[];
}

export interface BdbPair {
  readonly key: Extent;
  /** One stretch, or one on each overflow page. */
  readonly value: readonly Extent[];
}

const FORMAT = 'berkeley db';
const MAGIC = 0x061561;
const META_BYTES = 72;
const HEADER_BYTES = 26;
const TYPE = { free: 0, unsorted: 2, overflow: 7, sorted: 13 } as const;
const ITEM = { inline: 1, offPage: 3 } as const;

/** Whether the first bytes are those of a hash database. */
export function isBdbHash(head: Uint8Array): boolean {
  return head.length >= META_BYTES && isLittle(head) !== null;
}

/** Throws `FormatError`: duplicates, encryption and pages that two values share are not read. */
export function readBdbHash(input: RandomAccess): BdbHash {
  const meta = input.read(0, META_BYTES);
  const little = meta.length === META_BYTES ? isLittle(meta) : null;
  if (little === null) throw new FormatError(FORMAT, 12, 'expected the magic number of a hash');
  const head = viewOf(meta);
  const pageSize = head.getUint32(20, little);
  if (pageSize < 512 || pageSize > 65_536 || (pageSize & (pageSize - 1)) !== 0)
    throw new FormatError(FORMAT, 20, `page size ${pageSize}`);
  if (meta[24] !== 0) throw new FormatError(FORMAT, 24, 'encrypted');
  const pages = new Pages(input, pageSize, little);
  const pairs: BdbPair[] = [];
  const free: Extent[] = [];
  for (let number = 1; number < pages.count; number++) {
    const { type, view, start } = pages.read(number);
    if (type === TYPE.free)
      free.push({ offset: start + HEADER_BYTES, length: pageSize - HEADER_BYTES });
    if (type !== TYPE.unsorted && type !== TYPE.sorted) continue;
    const entries = view.getUint16(20, little);
    let end: number = pageSize;
    const items: Extent[] = [];
    for (let i = 0; i < entries; i++) {
      const at = HEADER_BYTES + 2 * i;
      const from = at + 2 <= pageSize ? view.getUint16(at, little) : 0;
      if (from < HEADER_BYTES + 2 * entries || from >= end)
        throw new FormatError(FORMAT, start + at, `an item at ${from}`);
      items.push({ offset: start + from, length: end - from });
      end = from;
    }
    if (entries % 2 !== 0) throw new FormatError(FORMAT, start + 20, 'a key without a value');
    const used = HEADER_BYTES + 2 * entries;
    free.push({ offset: start + used, length: end - used });
    for (let i = 0; i + 1 < entries; i += 2)
      pairs.push({
        key: pages.inline(items[i]!),
        value: pages.value(items[i + 1]!, free),
      });
  }
  return {
    version: head.getUint32(16, little),
    pageSize,
    fileId: { offset: 52, length: 20 },
    pairs,
    free,
  };
}

class Pages {
  readonly count: number;
  readonly #input: RandomAccess;
  readonly #size: number;
  readonly #little: boolean;
  readonly #used = new Set<number>();

  constructor(input: RandomAccess, size: number, little: boolean) {
    this.#input = input;
    this.#size = size;
    this.#little = little;
    this.count = Math.floor(input.size / size);
  }

  read(number: number) {
    const start = number * this.#size;
    if (number < 1 || number >= this.count)
      throw new FormatError(FORMAT, 0, `there is no page ${number}`);
    const view = viewOf(this.#input.read(start, this.#size));
    return { start, view, type: view.getUint8(25) };
  }

  /** The bytes behind the type of an item. */
  inline({ offset, length }: Extent): Extent {
    if (this.#input.read(offset, 1)[0] !== ITEM.inline)
      throw new FormatError(FORMAT, offset, 'a key on pages of its own');
    return { offset: offset + 1, length: length - 1 };
  }

  value(item: Extent, free: Extent[]): readonly Extent[] {
    const bytes = viewOf(this.#input.read(item.offset, 12));
    const type = bytes.getUint8(0);
    if (type === ITEM.inline) return [this.inline(item)];
    if (type !== ITEM.offPage || item.length !== 12)
      throw new FormatError(FORMAT, item.offset, `an item of type ${type}`);
    const extents: Extent[] = [];
    let left = bytes.getUint32(8, this.#little);
    for (let number = bytes.getUint32(4, this.#little); number !== 0;) {
      const page = this.read(number);
      const length = page.view.getUint16(22, this.#little);
      const at = page.start + HEADER_BYTES;
      if (
        page.type !== TYPE.overflow ||
        this.#used.has(number) ||
        length > this.#size - HEADER_BYTES
      )
        throw new FormatError(FORMAT, page.start, `page ${number} is no part of a value`);
      this.#used.add(number);
      extents.push({ offset: at, length });
      free.push({ offset: at + length, length: this.#size - HEADER_BYTES - length });
      left -= length;
      number = page.view.getUint32(16, this.#little);
    }
    if (left !== 0) throw new FormatError(FORMAT, item.offset + 8, 'a value of another length');
    return extents;
  }
}

/** Null for anything but a hash database. */
function isLittle(meta: Uint8Array): boolean | null {
  const view = viewOf(meta);
  const found = [true, false].find((little) => view.getUint32(12, little) === MAGIC);
  return found ?? null;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

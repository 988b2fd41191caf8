/**
 * Who uses which page of a SQLite database (sqlite.org/fileformat2.html 1.2 to 1.8). Every page is given to the first
 * that claims it, by the place of the pointer that does; whoever walks later follows no other pointer. So pages form
 * trees, and every walk ends after as many steps as there are pages.
 */

import { read32, type BtreeFamily } from './sqlite-btree.js';
import type { SqliteImage } from './sqlite-image.js';
import { followOverflow } from './sqlite-payload.js';
import type { SqliteProblems } from './sqlite-problems.js';
import { walkBtree, type Admit } from './sqlite-walk.js';

export type PageUse =
  | 'unreferenced'
  | 'btree'
  | 'overflow'
  | 'freelist-trunk'
  | 'freelist-leaf'
  | 'pointer-map'
  | 'lock-byte';

const USES: readonly PageUse[] = [
  'unreferenced',
  'btree',
  'overflow',
  'freelist-trunk',
  'freelist-leaf',
  'pointer-map',
  'lock-byte',
];

/** The byte that locks are taken on; its page is never used. */
const PENDING_BYTE = 2 ** 30;

export class SqliteSurvey {
  readonly #image: SqliteImage;
  readonly #problems: SqliteProblems;
  readonly #uses: Uint8Array;
  /** Root page of the b-tree, for its pages and their overflow pages. */
  readonly #roots: Uint32Array;
  /** Offset of the pointer that refers to the page. */
  readonly #pointers: Float64Array;
  /** Bytes of payload on an overflow page. */
  readonly #used: Uint32Array;
  readonly #lockPage: number;
  /** The walk that came by last. */
  readonly #seen: Uint32Array;
  #walks = 0;

  constructor(image: SqliteImage, problems: SqliteProblems) {
    const slots = image.pageCount + 1;
    this.#image = image;
    this.#problems = problems;
    this.#uses = new Uint8Array(slots);
    this.#roots = new Uint32Array(slots);
    this.#pointers = new Float64Array(slots);
    this.#used = new Uint32Array(slots);
    this.#seen = new Uint32Array(slots);
    this.#lockPage = PENDING_BYTE / image.pageSize + 1;
    if (this.#lockPage < slots) this.#set(this.#lockPage, 'lock-byte');
    if (image.header.autoVacuum)
      for (const page of pointerMapPages(image, this.#lockPage)) this.#set(page, 'pointer-map');
  }

  use(page: number): PageUse {
    return USES[this.#uses[page] ?? 0]!;
  }

  /** Root page of the b-tree that has the page; 0 when none has. */
  root(page: number): number {
    return this.#roots[page] ?? 0;
  }

  /** Offset in the image of the pointer that refers to the page; 0 for roots and what has none. */
  pointer(page: number): number {
    return this.#pointers[page] ?? 0;
  }

  /** Bytes of payload on an overflow page. */
  overflowBytes(page: number): number {
    return this.#used[page] ?? 0;
  }

  /** For one walk after `claimTree`: only pointers that were followed then, and (cells may overlap) once. */
  startWalk(): Admit {
    const walk = ++this.#walks;
    return (number, pointer) => {
      if (this.#pointers[number] !== pointer || this.#seen[number] === walk) return false;
      this.#seen[number] = walk;
      return true;
    };
  }

  /** Takes a b-tree with all its overflow pages; false when the root is no page or is taken already. */
  claimTree(root: number, family: BtreeFamily, pointer: number): boolean {
    if (!this.#claim(root, pointer, 'btree', root)) return false;
    this.#pointers[root] = 0;
    const claimPage: Admit = (number, at) => this.#claim(number, at, 'btree', root);
    const claimOverflow: Admit = (number, at) => this.#claim(number, at, 'overflow', root);
    for (const entry of walkBtree(this.#image, root, family, claimPage, this.#problems))
      for (const { number, used } of followOverflow(
        this.#image,
        entry,
        claimOverflow,
        this.#problems,
      ))
        this.#used[number] = used;
    return true;
  }

  /** Takes the freelist (1.5): trunk pages in a chain, each with the numbers of leaf pages. */
  claimFreelist(): void {
    const { header, pageSize, usableSize } = this.#image;
    let found = 0;
    let pointer = 32;
    for (let trunk = header.firstTrunk; trunk !== 0;) {
      if (!this.#claim(trunk, pointer, 'freelist-trunk', 0)) break;
      found++;
      const bytes = this.#image.page(trunk);
      const base = (trunk - 1) * pageSize;
      const told = read32(bytes, 4);
      const count = trunkLeaves(bytes, usableSize);
      if (count < told) this.#problems.add('freelist', base + 4, `${told} leaves do not fit`);
      for (let i = 0; i < count; i++)
        if (this.#claim(read32(bytes, 8 + 4 * i), base + 8 + 4 * i, 'freelist-leaf', 0)) found++;
      trunk = read32(bytes, 0);
      pointer = base;
    }
    if (found !== header.freelistCount)
      this.#problems.add('freelist', 36, `${header.freelistCount} pages told, ${found} found`);
  }

  /** After everything was claimed. */
  reportUnreferenced(): void {
    for (let page = 1; page <= this.#image.pageCount; page++)
      if (this.#uses[page] === 0)
        this.#problems.add(
          'unreferenced',
          (page - 1) * this.#image.pageSize,
          `nothing refers to page ${page}`,
        );
  }

  #claim(page: number, pointer: number, use: PageUse, root: number): boolean {
    if (page < 1 || page > this.#image.pageCount) {
      this.#problems.add('pointer', pointer, `there is no page ${page}`);
      return false;
    }
    if (this.#uses[page] !== 0) {
      this.#problems.add('shared', pointer, `page ${page} is in use: ${this.use(page)}`);
      return false;
    }
    this.#set(page, use);
    this.#roots[page] = root;
    this.#pointers[page] = pointer;
    return true;
  }

  #set(page: number, use: PageUse): void {
    this.#uses[page] = USES.indexOf(use);
  }
}

/** How many leaf pages a freelist trunk page names, at most what fits. */
export function trunkLeaves(bytes: Uint8Array, usableSize: number): number {
  return Math.min(read32(bytes, 4), Math.floor(usableSize / 4) - 2);
}

/** Pointer map pages (1.8): the second page, then one after as many pages as one has entries for. */
function* pointerMapPages(image: SqliteImage, lockPage: number): Generator<number> {
  const step = Math.floor(image.usableSize / 5) + 1;
  for (let page = 2; page <= image.pageCount; page += step) {
    const actual = page === lockPage ? page + 1 : page;
    if (actual <= image.pageCount) yield actual;
  }
}

/** Visits the cells of a b-tree in key order (sqlite.org/fileformat2.html 1.6). */

import { readBtreePage, type BtreeCell, type BtreeFamily, type BtreePage } from './sqlite-btree.js';
import type { SqliteImage } from './sqlite-image.js';
import type { SqliteProblems } from './sqlite-problems.js';

export interface BtreeEntry {
  readonly page: BtreePage;
  readonly cell: BtreeCell;
}

/**
 * Whether page `number` may be used where the pointer at `pointer` (its offset in the image) refers to it. Who walks
 * says yes at most once per page, so that every walk ends.
 */
export type Admit = (number: number, pointer: number) => boolean;

/** BTCURSOR_MAX_DEPTH: SQLite calls anything deeper corrupt. */
const MAX_DEPTH = 20;

/** The cells with a payload: those of the leaves of a table, all of an index. The root was admitted already. */
export function* walkBtree(
  image: SqliteImage,
  root: number,
  family: BtreeFamily,
  admit: Admit,
  problems: SqliteProblems,
): Generator<BtreeEntry> {
  const stack: { readonly page: BtreePage; next: number; entered: boolean }[] = [];

  function enter(number: number, pointer: number): void {
    if (stack.length === MAX_DEPTH) {
      problems.add('depth', pointer, `page ${number} is more than ${MAX_DEPTH} levels deep`);
      return;
    }
    if (pointer >= 0 && !admit(number, pointer)) return;
    const page = readBtreePage(image, number, problems);
    if (page === null) return;
    if (page.family === family) stack.push({ page, next: 0, entered: false });
    else problems.add('page-kind', page.base + page.headerStart, `${page.family}, not ${family}`);
  }

  enter(root, -1);
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const { page } = top;
    const cell = page.cells[top.next];
    if (cell === undefined) {
      if (!page.leaf && !top.entered) {
        top.entered = true;
        enter(page.rightChild, page.base + page.headerStart + 8);
      } else {
        stack.pop();
      }
    } else if (!page.leaf && !top.entered) {
      top.entered = true;
      enter(cell.leftChild, page.base + cell.start);
    } else {
      top.entered = false;
      top.next++;
      if (page.leaf || family === 'index') yield { page, cell };
    }
  }
}

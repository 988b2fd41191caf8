/** What is wrong in a SQLite database whose rest can still be read. */

export type SqliteProblemCode =
  /** A field of the database header has a value that the format does not know. */
  | 'header'
  /** The header and the bytes there are disagree about the number of pages. */
  | 'size'
  /** A page that is in neither the main file nor the log; it reads as zeros. */
  | 'page-missing'
  /** A page number outside of the database. */
  | 'pointer'
  /** A page that something else uses already. */
  | 'shared'
  /** Not a b-tree page, or one of the other family. */
  | 'page-kind'
  /** A b-tree deeper than SQLite follows. */
  | 'depth'
  /** A b-tree page header whose numbers cannot be. */
  | 'page-header'
  /** A cell that is not within its page, or whose varints cannot be. */
  | 'cell'
  /** Two things claim the same bytes of a page. */
  | 'overlap'
  /** A chain of free blocks that goes astray. */
  | 'freeblock'
  /** The count of fragmented bytes is not what lies between the cells. */
  | 'fragments'
  /** An overflow chain that ends too early or goes on after its end. */
  | 'overflow'
  /** A record whose header and content disagree. */
  | 'record'
  /** Rows that are not in the order of their rowids. */
  | 'order'
  /** The freelist is not as long as told, or goes astray. */
  | 'freelist'
  /** A pointer map entry that is not true. */
  | 'ptrmap'
  /** A row of the schema that is of no use. */
  | 'schema'
  /** A page that nothing refers to. */
  | 'unreferenced';

export interface SqliteProblem {
  readonly code: SqliteProblemCode;
  /** In the image of the database. */
  readonly offset: number;
  readonly detail: string;
}

const MAX_PROBLEMS = 1000;

/** A list that knows no place twice and ends somewhere. */
export class SqliteProblems {
  readonly #list: SqliteProblem[] = [];
  readonly #known = new Set<string>();
  #dropped = 0;

  add(code: SqliteProblemCode, offset: number, detail: string): void {
    const key = `${code}@${offset}`;
    if (this.#known.has(key)) return;
    if (this.#list.length === MAX_PROBLEMS) {
      this.#dropped++;
      return;
    }
    this.#known.add(key);
    this.#list.push({ code, offset, detail });
  }

  get list(): readonly SqliteProblem[] {
    return this.#list;
  }

  /** How many more there were. */
  get dropped(): number {
    return this.#dropped;
  }
}

/**
 * What a compiled module says, apart from how marshal wrote it down: two modules of the same rows differ in reference flags,
 * interning or the order of sets alone. Names of the fields are those of Python's code objects.
 */

import type { FactColumn, FactRow } from '../../core/facts.js';
import { MARSHAL, type Marshalled, type MarshalNode } from '../../formats/marshal.js';
import { xxh64Hex, xxh64OfText } from '../../util/xxh64.js';

export const CODE_COLUMNS: readonly FactColumn[] = [
  { name: 'co_firstlineno', kind: 'number' },
  { name: 'co_flags', kind: 'opaque' },
  { name: 'co_code', kind: 'opaque' },
  { name: 'co_consts', kind: 'opaque' },
  { name: 'co_names', kind: 'opaque' },
  { name: 'co_linetable', kind: 'opaque' },
];

export interface CodeFacts {
  /** One row for each code object, by its qualified name, in the order of the file. */
  readonly code: readonly FactRow[];
  /** Elements of sets, by digest, in the order in which they were written: that of their hashes. */
  readonly sets: readonly FactRow[];
  /** Every file name that some code object has; one, unless the module was put together. */
  readonly fileNames: readonly string[];
}

/** Calls `spend` for every row. */
export function codeFacts({ root }: Marshalled, spend: (rows: number) => void): CodeFacts {
  const walk = new Walk(spend);
  walk.visit(root, '');
  return { code: walk.code, sets: walk.sets, fileNames: [...walk.fileNames] };
}

/** Places among the parts of a code object: its words, eight objects, the line, one or two tables. */
const LINE = 9;
const FILE_NAME = 6;

class Walk {
  readonly code: FactRow[] = [];
  readonly sets: FactRow[] = [];
  readonly fileNames = new Set<string>();
  /** What containers say, so that one that is met often is read once. */
  readonly #known = new Map<MarshalNode, string>();
  readonly #visited = new Set<MarshalNode>();
  readonly #spend: (rows: number) => void;

  constructor(spend: (rows: number) => void) {
    this.#spend = spend;
  }

  /** Rows of the code objects in a value, the outer before the inner. */
  visit(node: MarshalNode, outer: string): void {
    if (this.#visited.has(node)) return;
    if (node.type !== MARSHAL.code) {
      if (isLeaf(node)) return;
      this.#visited.add(node);
      for (const part of node.parts) if (!(part instanceof Uint8Array)) this.visit(part, outer);
      return;
    }
    this.#visited.add(node);
    this.#spend(1);
    const parts = node.parts;
    const words = parts[0] as Uint8Array;
    const objects = parts.slice(1, LINE) as MarshalNode[];
    const line = parts[LINE] as Uint8Array;
    const [code, consts, ...names] = objects as [MarshalNode, MarshalNode, ...MarshalNode[]];
    const fileName = parts[FILE_NAME] as MarshalNode;
    this.fileNames.add(textOf(fileName));
    const key = textOf(objects[7]!) || outer;
    const tail = parts.slice(LINE + 1) as MarshalNode[];
    this.code.push({
      key,
      values: [
        int32(line),
        xxh64OfText(latin1(words)),
        this.#digest([code]),
        this.#digest([consts]),
        this.#digest(names.filter((name) => name !== fileName)),
        this.#digest(tail),
      ],
      offset: null,
      part: null,
    });
    this.visit(consts, key);
  }

  #digest(nodes: readonly MarshalNode[]): string {
    return xxh64OfText(nodes.map((node) => this.#say(node)).join(''));
  }

  /** The same text for the same value, however it was written. */
  #say(node: MarshalNode): string {
    if (isLeaf(node)) return leafText(node);
    const known = this.#known.get(node);
    if (known !== undefined) return known;
    const said = this.#sayContainer(node);
    this.#known.set(node, said);
    return said;
  }

  #sayContainer(node: MarshalNode): string {
    // A code object among constants has a row of its own: here its name alone.
    if (node.type === MARSHAL.code) return `c${textOf(node.parts[LINE - 1] as MarshalNode)};`;
    const items: string[] = [];
    for (const part of node.parts) if (!(part instanceof Uint8Array)) items.push(this.#say(part));
    const isSet = node.type === MARSHAL.frozenset || node.type === MARSHAL.set;
    if (isSet) this.#addSet(items);
    const type = node.type === MARSHAL.smallTuple ? MARSHAL.tuple : node.type;
    const body = (isSet ? items.toSorted() : items).join('');
    const head = `${String.fromCharCode(type)}${items.length}`;
    return body.length <= SHORT ? `${head}:${body}` : `${head}#${xxh64OfText(body)}`;
  }

  #addSet(items: readonly string[]): void {
    if (items.length < 2) return;
    this.#spend(items.length);
    for (const item of items)
      this.sets.push({ key: xxh64OfText(item), values: [], offset: null, part: null });
  }
}

/** Containers without elements hold their count alone, and are said as leaves are. */
function isLeaf({ parts }: MarshalNode): boolean {
  return parts.length === 0 || (parts.length === 1 && parts[0] instanceof Uint8Array);
}

/** Strings are said by their characters: interned or not, ASCII or not, short or long. */
function leafText({ type, parts }: MarshalNode): string {
  const bytes = parts[0] as Uint8Array | undefined;
  if (bytes === undefined) return String.fromCharCode(type);
  const prefix = STRING_PREFIX.get(type);
  const head = `${prefix === undefined ? String.fromCharCode(type) : 'u'}${bytes.length - (prefix ?? 0)}`;
  return bytes.length <= SHORT
    ? `${head}:${latin1(bytes, prefix)}`
    : `${head}#${xxh64Hex(prefix === undefined ? bytes : bytes.subarray(prefix))}`;
}

/** What is longer is said by its digest. */
const SHORT = 256;

/** Bytes of the length before the characters, by type. */
const STRING_PREFIX: ReadonlyMap<number, number> = new Map(
  Object.entries({ z: 1, Z: 1, a: 4, A: 4, u: 4, t: 4 }).map(([type, length]) => [
    type.charCodeAt(0),
    length,
  ]),
);

/** Characters of a string object of any type. */
function textOf(node: MarshalNode): string {
  const bytes = node.parts[0];
  if (!(bytes instanceof Uint8Array)) return '';
  return latin1(bytes, STRING_PREFIX.get(node.type) ?? Math.min(4, bytes.length));
}

function int32(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getInt32(0, true);
}

/** Without a `Buffer` in between, which would cost more than all else for texts so short. */
function latin1(bytes: Uint8Array, from = 0): string {
  return Buffer.prototype.latin1Slice.call(bytes, from, bytes.length);
}

/**
 * Python's marshal format (CPython, `Python/marshal.c`), as far as compiled modules use it. One byte says the type; since
 * 3.4 its highest bit puts the object on a list, and a later `r` with an index stands for the same object.
 */

import { FormatError } from '../core/errors.js';
import type { MarshalDialect } from './pyc.js';

/** An object: its type byte without the flag, and what follows, in order. An object met twice is one node. */
export interface MarshalNode {
  readonly type: number;
  readonly parts: readonly (Uint8Array | MarshalNode)[];
}

export interface Marshalled {
  readonly root: MarshalNode;
  /** Nodes that are referred to at least once. */
  readonly shared: ReadonlySet<MarshalNode>;
  /** Objects that were put on the list of references. */
  readonly flagged: number;
}

/** Type bytes that are spoken of by name. */
export const MARSHAL = {
  null: 0x30,
  interned: 0x74,
  stringReference: 0x52,
  reference: 0x72,
  tuple: 0x28,
  smallTuple: 0x29,
  list: 0x5b,
  dict: 0x7b,
  set: 0x3c,
  frozenset: 0x3e,
  code: 0x63,
  slice: 0x3a,
} as const;

export const FLAG_REFERENCE = 0x80;

/** Reads one object that fills the bytes. Throws `FormatError` for all else. */
export function readMarshal(bytes: Uint8Array, dialect: MarshalDialect): Marshalled {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  /** Null while the object is being read: nothing may refer to itself. */
  const references: (MarshalNode | null)[] = [];
  const shared = new Set<MarshalNode>();
  let at = 0;
  let flagged = 0;

  const fail = (detail: string): never => {
    throw new FormatError('marshal', at, detail);
  };
  const take = (length: number): Uint8Array => {
    if (length > bytes.length - at)
      fail(`${length} bytes were announced, ${bytes.length - at} remain`);
    at += length;
    return bytes.subarray(at - length, at);
  };
  const int = (): number => {
    take(4);
    return view.getInt32(at - 4, true);
  };

  const readObject = (depth: number): MarshalNode => {
    if (depth > MAX_DEPTH) fail('nested too deeply');
    const byte = take(1)[0]!;
    const type = dialect.references === 'objects' ? byte & ~FLAG_REFERENCE : byte;
    const isFlagged = type !== byte;
    const referenceType = REFERENCE_TYPE[dialect.references];
    if (type === referenceType) {
      const node = isFlagged ? undefined : references[int()];
      if (node === undefined || node === null) return fail('a reference to nothing that was read');
      shared.add(node);
      return node;
    }
    let index: number | null = null;
    if (isFlagged || (dialect.references === 'strings' && type === MARSHAL.interned)) {
      // Python's reader does not put the constants of one letter on the list, its writer never marks them.
      if (SINGLETONS.has(type)) fail('a constant is marked for reference');
      index = references.push(null) - 1;
      flagged++;
    }
    const node = { type, parts: readParts(type, depth) };
    if (index !== null) references[index] = node;
    return node;
  };

  const readParts = (type: number, depth: number): MarshalNode['parts'] => {
    const start = at;
    if (isContainer(type, dialect)) {
      const parts: (Uint8Array | MarshalNode)[] = [];
      const objects = (count: number): void => {
        for (let i = 0; i < count; i++) parts.push(readObject(depth + 1));
      };
      if (type === MARSHAL.code) {
        parts.push(take(4 * dialect.codeWords));
        objects(OBJECTS_BEFORE_LINE);
        parts.push(take(4));
        objects(dialect.codeTail);
      } else if (type === MARSHAL.slice) objects(3);
      else if (type === MARSHAL.dict) {
        while (bytes[at] !== MARSHAL.null) objects(2);
        parts.push(take(1));
      } else {
        const count = type === MARSHAL.smallTuple ? take(1)[0]! : int();
        // An object takes at least a byte: a false count fails before memory is spent on it.
        if (count < 0 || count > bytes.length - at) fail(`a count of ${count}`);
        parts.push(bytes.subarray(start, at));
        objects(count);
      }
      return parts;
    }
    const shape = leafShape(type, dialect) ?? fail(`type ${type} is not known`);
    if (typeof shape === 'number') return shape === 0 ? NOTHING : [take(shape)];
    if (shape === 'long') {
      // Digits of 15 bits; the sign of the number is the sign of their count.
      take(2 * Math.abs(int()));
    } else if (shape === 'short') take(take(1)[0]!);
    else if (shape === 'two-short') {
      take(take(1)[0]!);
      take(take(1)[0]!);
    } else {
      const length = int();
      take(length < 0 ? fail('a negative length') : length);
    }
    return [bytes.subarray(start, at)];
  };

  const root = readObject(0);
  if (at !== bytes.length) fail('bytes follow the object');
  return { root, shared, flagged };
}

/** CPython's own limit. */
const MAX_DEPTH = 2000;
/** Of a code object: bytecode, constants, names, three of variables, file name, name; qualified name since 3.11 for one of variables. */
const OBJECTS_BEFORE_LINE = 8;
const NOTHING: MarshalNode['parts'] = [];

const REFERENCE_TYPE = {
  strings: MARSHAL.stringReference,
  none: null,
  objects: MARSHAL.reference,
} as const;

/** None, False, True, Ellipsis, StopIteration. */
const SINGLETONS: ReadonlySet<number> = bytesOf('NFT.S');

const CONTAINERS: ReadonlySet<number> = bytesOf('([{<>c');

function isContainer(type: number, dialect: MarshalDialect): boolean {
  if (CONTAINERS.has(type)) return true;
  if (type === MARSHAL.smallTuple) return dialect.references === 'objects';
  return type === MARSHAL.slice && dialect.slices;
}

/** Bytes of a leaf, or how its length is written; undefined for a type that the dialect does not have. */
function leafShape(type: number, dialect: MarshalDialect): LeafShape | undefined {
  const shape = LEAVES.get(type);
  if (shape !== undefined) return shape;
  return (
    (dialect.references === 'objects' ? LEAVES_SINCE_3_4 : LEAVES_BEFORE_3_4).get(type) ??
    (dialect.references === 'strings' && type === MARSHAL.interned ? 'sized' : undefined)
  );
}

type LeafShape = number | 'long' | 'short' | 'two-short' | 'sized';

const LEAVES = leaves({
  NFTS: 0,
  '.': 0,
  i: 4,
  g: 8,
  y: 16,
  f: 'short',
  x: 'two-short',
  l: 'long',
  su: 'sized',
});
const LEAVES_SINCE_3_4 = leaves({ zZ: 'short', aAt: 'sized' });
const LEAVES_BEFORE_3_4 = leaves({ I: 8 });

function leaves(shapes: Readonly<Record<string, LeafShape>>): ReadonlyMap<number, LeafShape> {
  return new Map(
    Object.entries(shapes).flatMap(([types, shape]) =>
      [...bytesOf(types)].map((type) => [type, shape] as const),
    ),
  );
}

function bytesOf(text: string): ReadonlySet<number> {
  return new Set(Buffer.from(text, 'latin1'));
}

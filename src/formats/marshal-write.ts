/**
 * Writes marshalled objects so that the bytes follow from the value alone: an object is marked for reference only where
 * a reference to it follows, and the elements of a set are in the order of their own bytes.
 */

import { FLAG_REFERENCE, MARSHAL, type Marshalled, type MarshalNode } from './marshal.js';
import type { MarshalDialect } from './pyc.js';

export interface WrittenMarshal {
  readonly bytes: Uint8Array;
  /** Objects that are marked for reference. */
  readonly flagged: number;
  /** Sets whose elements are in another order than before. */
  readonly reordered: number;
}

export function writeMarshal(
  { root, shared }: Marshalled,
  dialect: MarshalDialect,
): WrittenMarshal {
  const chunks: Uint8Array[] = [];
  const indexes = new Map<MarshalNode, number>();
  let reordered = 0;
  const write = (node: MarshalNode): void => {
    const known = indexes.get(node);
    if (known !== undefined) {
      chunks.push(reference(known, dialect));
      return;
    }
    const isMarked =
      dialect.references === 'strings' ? node.type === MARSHAL.interned : shared.has(node);
    if (isMarked) indexes.set(node, indexes.size);
    const flag = isMarked && dialect.references === 'objects' ? FLAG_REFERENCE : 0;
    chunks.push(TYPE_BYTES[node.type | flag]!);
    const parts = inOrder(node);
    if (parts !== node.parts) reordered++;
    for (const part of parts)
      if (part instanceof Uint8Array) chunks.push(part);
      else write(part);
  };
  write(root);
  return { bytes: Buffer.concat(chunks), flagged: indexes.size, reordered };
}

const TYPE_BYTES: readonly Uint8Array[] = Array.from({ length: 256 }, (_, byte) =>
  Uint8Array.of(byte),
);

function reference(index: number, dialect: MarshalDialect): Uint8Array {
  const bytes = Buffer.alloc(5);
  bytes[0] = dialect.references === 'strings' ? MARSHAL.stringReference : MARSHAL.reference;
  bytes.writeInt32LE(index, 1);
  return bytes;
}

/** The parts of a set by the bytes of its elements; the same array where the order is right, or means something. */
function inOrder(node: MarshalNode): MarshalNode['parts'] {
  if (!isSet(node) || node.parts.length <= 2) return node.parts;
  const [count, ...elements] = node.parts as [Uint8Array, ...MarshalNode[]];
  const keyed: { readonly key: Buffer; readonly element: MarshalNode }[] = [];
  for (const element of elements) {
    const key = standalone(element);
    if (key === null) return node.parts;
    keyed.push({ key, element });
  }
  const sorted = keyed.toSorted((a, b) => Buffer.compare(a.key, b.key)).map((one) => one.element);
  return sorted.every((element, i) => element === elements[i]) ? node.parts : [count, ...sorted];
}

function isSet({ type }: MarshalNode): boolean {
  return type === MARSHAL.set || type === MARSHAL.frozenset;
}

/** The bytes of a plain value without any reference; null for code, for what can change, and for what is too long. */
function standalone(node: MarshalNode): Buffer | null {
  const chunks: Uint8Array[] = [];
  let budget = MAX_KEY_NODES;
  const write = (one: MarshalNode): boolean => {
    // A tuple that holds one tuple twice, and so on, would grow without end.
    if (UNORDERED.has(one.type) || --budget < 0) return false;
    chunks.push(TYPE_BYTES[one.type]!);
    return inOrder(one).every((part) =>
      part instanceof Uint8Array ? chunks.push(part) > 0 : write(part),
    );
  };
  return write(node) ? Buffer.concat(chunks) : null;
}

const MAX_KEY_NODES = 10_000;
const UNORDERED: ReadonlySet<number> = new Set([
  MARSHAL.code,
  MARSHAL.list,
  MARSHAL.dict,
  MARSHAL.set,
]);

/** ASN.1 in BER and DER (ITU-T X.690): tag, length, value as a tree that accounts for every byte. */

import { FormatError } from '../core/errors.js';

export interface DerNode {
  readonly tagClass: 'universal' | 'application' | 'context' | 'private';
  readonly tag: number;
  readonly constructed: boolean;
  /** Of the first byte of the tag, in the file. */
  readonly offset: number;
  readonly headerLength: number;
  /** Bytes of the value, without the mark that ends one of indefinite length. */
  readonly length: number;
  readonly indefinite: boolean;
  /** In the file, behind the whole element. */
  readonly end: number;
  /** The value; a view of the input. */
  readonly bytes: Uint8Array;
  /** Of a constructed element. */
  readonly children: readonly DerNode[];
}

export interface DerOptions {
  /** Where `bytes` begin in the file. */
  readonly base?: number;
  /** Elements at most, 200,000 unless said. */
  readonly mostNodes?: number;
}

/**
 * The element that begins `bytes`; what follows it is behind `end`. Throws `FormatError` when it is cut off, nested too
 * deeply, or of more elements than allowed.
 */
export function readDer(bytes: Uint8Array, options: DerOptions = {}): DerNode {
  const state: State = {
    bytes,
    base: options.base ?? 0,
    nodesLeft: options.mostNodes ?? MOST_NODES,
  };
  return readNode(state, 0, bytes.length, 0);
}

interface State {
  readonly bytes: Uint8Array;
  readonly base: number;
  nodesLeft: number;
}

function readNode(state: State, at: number, limit: number, depth: number): DerNode {
  if (depth > DEEPEST) throw fault(state, at, 'nested too deeply');
  if (--state.nodesLeft < 0) throw fault(state, at, 'too many elements');
  const { tag, next } = readTag(state, at, limit);
  const first = state.bytes[at]!;
  const constructed = (first & 0x20) !== 0;
  const { length, start } = readLength(state, next, limit);
  if (length === null && !constructed) throw fault(state, next, 'a value without an end');
  if (length !== null && length > limit - start)
    throw fault(state, next, `expected ${length} bytes, found ${limit - start}`);
  const content = constructed
    ? readChildren(state, start, length === null ? limit : start + length, length === null, depth)
    : { children: [], end: start + (length ?? 0) };
  return {
    tagClass: CLASSES[first >> 6]!,
    tag,
    constructed,
    offset: state.base + at,
    headerLength: start - at,
    length: content.end - start,
    indefinite: length === null,
    end: state.base + content.end + (length === null ? 2 : 0),
    bytes: state.bytes.subarray(start, content.end),
    children: content.children,
  };
}

/** `end` is behind the last child, before the two zero bytes that end an indefinite length. */
function readChildren(
  state: State,
  start: number,
  limit: number,
  indefinite: boolean,
  depth: number,
): { readonly children: readonly DerNode[]; readonly end: number } {
  const children: DerNode[] = [];
  let at = start;
  while (at < limit) {
    if (indefinite && state.bytes[at] === 0 && at + 1 < limit && state.bytes[at + 1] === 0)
      return { children, end: at };
    const child = readNode(state, at, limit, depth + 1);
    children.push(child);
    at = child.end - state.base;
  }
  if (indefinite) throw fault(state, at, 'expected the end of an indefinite length');
  return { children, end: at };
}

function readTag(
  state: State,
  at: number,
  limit: number,
): { readonly tag: number; readonly next: number } {
  if (at >= limit) throw fault(state, at, 'expected a tag, found the end');
  const low = state.bytes[at]! & 0x1f;
  if (low !== 0x1f) return { tag: low, next: at + 1 };
  let tag = 0;
  for (let next = at + 1; next < limit && next <= at + 4; next++) {
    const byte = state.bytes[next]!;
    tag = tag * 128 + (byte & 0x7f);
    if (byte < 0x80) return { tag, next: next + 1 };
  }
  throw fault(state, at, 'a tag that does not end');
}

/** A length of null is indefinite. */
function readLength(
  state: State,
  at: number,
  limit: number,
): { readonly length: number | null; readonly start: number } {
  if (at >= limit) throw fault(state, at, 'expected a length, found the end');
  const first = state.bytes[at]!;
  if (first < 0x80) return { length: first, start: at + 1 };
  if (first === 0x80) return { length: null, start: at + 1 };
  const count = first & 0x7f;
  if (count > 6 || count > limit - at - 1) throw fault(state, at, `a length of ${count} bytes`);
  let length = 0;
  for (let i = 1; i <= count; i++) length = length * 256 + state.bytes[at + i]!;
  return { length, start: at + 1 + count };
}

function fault(state: State, at: number, detail: string): FormatError {
  return new FormatError('der', state.base + at, detail);
}

/** Real files stay below 20. */
const DEEPEST = 64;
const MOST_NODES = 200_000;
const CLASSES = ['universal', 'application', 'context', 'private'] as const;

/** The hardware database that `systemd-hwdb update` writes: a trie of patterns (systemd, `hwdb-internal.h`). */

import { createHash } from 'node:crypto';

import { FormatError } from '../core/errors.js';
import type { RandomAccess } from '../core/random-access.js';
import { dissect, latin1, toOffset } from './byte-fields.js';
import type { ByteAccount, Dissector } from './byte-fields.js';

export interface HwdbValue {
  readonly offset: number;
  /** The pattern that the value is for, such as `usb:v1D6B*`. */
  readonly pattern: string;
  /** With the space that systemd writes in front. */
  readonly key: string;
  readonly value: string;
  readonly keyOffset: number;
  readonly valueOffset: number;
  /** Where it was read: name, line and priority of the file; null in databases of before systemd 231. */
  readonly source: HwdbSource | null;
}

export interface HwdbSource {
  readonly file: string;
  readonly fileOffset: number;
  readonly line: number;
  readonly priority: number;
}

export interface HwdbBin {
  /** Version of systemd that wrote it. */
  readonly toolVersion: bigint;
  /** In the order of the trie. */
  readonly values: readonly HwdbValue[];
  /** SHA-256 over the nodes in the order of the trie: how it is laid out, apart from the values. */
  readonly shape: string;
  /** The header's fields; nodes and strings that can be reached are covered. */
  readonly account: ByteAccount;
}

export function isHwdbBin(head: Uint8Array): boolean {
  return latin1(head.subarray(0, 8)) === 'KSLPHHRH';
}

/** The header alone, which costs nothing: all else is in the gaps. Throws `FormatError` when there is none. */
export function readHwdbHeader(file: RandomAccess): ByteAccount {
  if (!isHwdbBin(file.read(0, 8))) throw new FormatError('hwdb-bin', 0, 'no magic number');
  const input = dissect('hwdb-bin', file);
  const { fileSize } = input.struct(HEADER, 0, '');
  if (toOffset(fileSize) !== file.size)
    input.problem(16, `${fileSize} bytes expected, ${file.size} found`);
  return input.account();
}

/** Throws `FormatError` when there is no header; damage behind it is in the account's problems. */
export function readHwdbBin(bytes: Uint8Array): HwdbBin {
  if (!isHwdbBin(bytes)) throw new FormatError('hwdb-bin', 0, 'no magic number');
  const input = dissect('hwdb-bin', bytes);
  const header = input.struct(HEADER, 0, '');
  if (toOffset(header.fileSize) !== bytes.length)
    input.problem(16, `${header.fileSize} bytes expected, ${bytes.length} found`);
  const sizes = {
    node: toOffset(header.nodeSize),
    child: toOffset(header.childSize),
    value: toOffset(header.valueSize),
  };
  if (sizes.node < 24 || sizes.child < 16 || sizes.value < 16)
    throw new FormatError('hwdb-bin', 32, 'records too small for their fields');
  const values: HwdbValue[] = [];
  const shape = walk(input, toOffset(header.root), sizes, values);
  return { toolVersion: header.toolVersion, values, shape, account: input.account() };
}

interface Sizes {
  readonly node: number;
  readonly child: number;
  readonly value: number;
}

/** Depth first without recursion. A node is visited once: one with two parents, or its own ancestor, is a problem. */
function walk(input: Dissector, root: number, sizes: Sizes, values: HwdbValue[]): string {
  const shape = createHash('sha256');
  const pending: { at: number; pattern: string }[] = [{ at: root, pattern: '' }];
  const seen = new Set<number>();
  // Patterns grow by their prefixes; a trie that was made to, could let them grow without end.
  let budget = 16 * input.size + 65536;
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { at, pattern } = next;
    if (seen.has(at)) {
      input.problem(at, 'a node that was visited before');
      continue;
    }
    seen.add(at);
    input.attempt(() => {
      const node = input.bytes(at, 24);
      shape.update(node);
      const childCount = node[8]!;
      const path = pattern + input.text(offsetIn(node, 0));
      if ((budget -= path.length + 1) < 0)
        throw new FormatError('hwdb-bin', at, 'longer patterns than the file can hold');
      notePadding(input, at + 9, node.subarray(9, 16));
      const childrenAt = at + sizes.node;
      for (let i = childCount - 1; i >= 0; i--) {
        const childAt = childrenAt + i * sizes.child;
        const child = input.bytes(childAt, 16);
        shape.update(child);
        notePadding(input, childAt + 1, child.subarray(1, 8));
        pending.push({ at: offsetIn(child, 8), pattern: path + String.fromCharCode(child[0]!) });
      }
      const valuesAt = childrenAt + childCount * sizes.child;
      const fitting = Math.max(0, Math.ceil((input.size - valuesAt) / sizes.value));
      const count = Math.min(offsetIn(node, 16), fitting);
      if ((budget -= count) < 0)
        throw new FormatError('hwdb-bin', at, 'more values than the file can hold');
      for (let i = 0; i < count; i++)
        values.push(readValue(input, valuesAt + i * sizes.value, sizes.value, path));
    });
  }
  return shape.digest('hex');
}

function readValue(input: Dissector, offset: number, size: number, pattern: string): HwdbValue {
  const bytes = input.bytes(offset, size < 32 ? 16 : 32);
  const [keyOffset, valueOffset] = [offsetIn(bytes, 0), offsetIn(bytes, 8)];
  const [key, value] = [input.text(keyOffset), input.text(valueOffset)];
  if (size < 32) return { offset, pattern, key, value, keyOffset, valueOffset, source: null };
  const fileOffset = offsetIn(bytes, 16);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  notePadding(input, offset + 30, bytes.subarray(30));
  const source = {
    file: input.text(fileOffset),
    fileOffset,
    line: view.getUint32(24, true),
    priority: view.getUint16(28, true),
  };
  return { offset, pattern, key, value, keyOffset, valueOffset, source };
}

function offsetIn(bytes: Uint8Array, at: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return view.getUint32(at, true) + 2 ** 32 * view.getUint32(at + 4, true);
}

/** Padding is zero; anything else there is told, for it is in no value. */
function notePadding(input: Dissector, at: number, padding: Uint8Array): void {
  if (padding.some((byte) => byte !== 0))
    input.problem(at, `padding is ${Buffer.from(padding).toString('hex')}`);
}

const HEADER = {
  signature: 'text8',
  toolVersion: 'u64',
  fileSize: 'u64',
  headerSize: 'u64',
  nodeSize: 'u64',
  childSize: 'u64',
  valueSize: 'u64',
  root: 'u64',
  nodeBytes: 'u64',
  stringBytes: 'u64',
} as const;

/** Flattened devicetree blobs, versions 16 and 17 (Devicetree Specification 0.4, chapter 5): nodes, properties, and every byte. */

import { FormatError } from '../core/errors.js';
import { partition, type Extent, type Region } from './regions.js';

export interface FdtProperty {
  readonly name: string;
  /** Of the value, from the start of the blob. */
  readonly offset: number;
  readonly length: number;
}

export interface FdtNode {
  /** With its unit address; `''` for the root. */
  readonly name: string;
  /** Null for the root. */
  readonly parent: FdtNode | null;
  readonly properties: readonly FdtProperty[];
}

/** `gap`: between the blocks. `trailing`: behind `totalsize`, such as the data of an image that is kept outside. */
export type FdtRegionKind =
  'header' | 'reservations' | 'structure' | 'strings' | 'gap' | 'trailing';

export interface Fdt {
  readonly version: number;
  readonly bootCpu: number;
  /** Bytes of the blob; the file may go on. */
  readonly totalSize: number;
  /** In the order of the structure block, the root first. */
  readonly nodes: readonly FdtNode[];
  /** Over the whole file. */
  readonly regions: readonly Region<FdtRegionKind>[];
}

const MAGIC = 0xd00dfeed;
const HEADER_BYTES = 40;
const RESERVATION_BYTES = 16;
const [BEGIN_NODE, END_NODE, PROP, NOP, END] = [1, 2, 3, 4, 9];

export function isFdt(head: Uint8Array): boolean {
  return head.length >= HEADER_BYTES && viewOf(head).getUint32(0) === MAGIC;
}

/** Throws `FormatError`. */
export function readFdt(bytes: Uint8Array): Fdt {
  if (!isFdt(bytes)) throw new FormatError('fdt', 0, 'expected the magic number and a header');
  const view = viewOf(bytes);
  const totalSize = view.getUint32(4);
  if (totalSize < HEADER_BYTES || totalSize > bytes.length)
    throw new FormatError('fdt', 4, `expected ${totalSize} bytes, found ${bytes.length}`);
  const [version, lastCompatible] = [view.getUint32(20), view.getUint32(24)];
  if (version < 16 || lastCompatible > 17)
    throw new FormatError('fdt', 20, `expected version 16 or 17, found ${version}`);
  const strings = { offset: view.getUint32(12), length: view.getUint32(32) };
  const offset = view.getUint32(8);
  // Version 16 has no size of the structure block: it ends with its last token.
  const length = version >= 17 ? view.getUint32(36) : totalSize - offset;
  expectWithin('strings block', strings, totalSize, 12);
  expectWithin('structure block', { offset, length }, totalSize, 8);
  if (offset % 4 !== 0) throw new FormatError('fdt', 8, `a structure block at offset ${offset}`);
  const { nodes, end } = readStructure(bytes, { offset, length }, strings);
  if (version >= 17 && end !== offset + length)
    throw new FormatError('fdt', end, `expected the end at ${offset + length}`);
  const blocks: readonly Region<FdtRegionKind>[] = [
    { kind: 'header', name: 'header', offset: 0, length: HEADER_BYTES },
    { kind: 'reservations', name: 'reservations', ...reservationsOf(view, totalSize) },
    { kind: 'structure', name: 'structure', offset, length: end - offset },
    { kind: 'strings', name: 'strings', ...strings },
  ];
  expectApart(blocks);
  const trailing = { offset: totalSize, length: bytes.length - totalSize };
  const regions = partition<FdtRegionKind>(
    bytes.length,
    [...blocks, { kind: 'trailing', name: 'trailing', ...trailing }],
    'gap',
  );
  return { version, bootCpu: view.getUint32(28), totalSize, nodes, regions };
}

/** Up to and with the pair of zeros that ends them. */
function reservationsOf(view: DataView, totalSize: number): Extent {
  const offset = view.getUint32(16);
  for (let at = offset; at + RESERVATION_BYTES <= totalSize; at += RESERVATION_BYTES)
    if (view.getBigUint64(at) === 0n && view.getBigUint64(at + 8) === 0n)
      return { offset, length: at + RESERVATION_BYTES - offset };
  throw new FormatError('fdt', 16, 'memory reservations without an end');
}

function expectWithin(what: string, extent: Extent, totalSize: number, at: number): void {
  const { offset, length } = extent;
  if (offset < HEADER_BYTES || offset + length > totalSize)
    throw new FormatError('fdt', at, `a ${what} of ${length} bytes at offset ${offset}`);
}

function expectApart(blocks: readonly Region[]): void {
  const sorted = blocks.toSorted((a, b) => a.offset - b.offset);
  for (const [i, block] of sorted.slice(1).entries()) {
    const before = sorted[i]!;
    if (before.offset + before.length > block.offset)
      throw new FormatError('fdt', block.offset, `${before.name} and ${block.name} overlap`);
  }
}

interface OpenNode {
  readonly node: FdtNode;
  readonly properties: FdtProperty[];
}

/** `end` is the offset behind the last token. */
function readStructure(
  bytes: Uint8Array,
  block: Extent,
  strings: Extent,
): { readonly nodes: readonly FdtNode[]; readonly end: number } {
  const view = viewOf(bytes);
  const limit = block.offset + block.length;
  const nodes: FdtNode[] = [];
  let open: OpenNode | null = null;
  const above: (OpenNode | null)[] = [];
  let at = block.offset;
  const word = (): number => {
    if (at + 4 > limit) throw new FormatError('fdt', at, 'a structure block without an end');
    at += 4;
    return view.getUint32(at - 4);
  };
  for (;;) {
    const start = at;
    const token = word();
    if (token === NOP) continue;
    if (token === BEGIN_NODE) {
      const name = textAt(bytes, at, limit);
      at = aligned(at + name.length + 1);
      if (open === null && nodes.length > 0) throw new FormatError('fdt', start, 'a second root');
      const properties: FdtProperty[] = [];
      const node: FdtNode = { name, parent: open?.node ?? null, properties };
      nodes.push(node);
      above.push(open);
      open = { node, properties };
    } else if (token === PROP && open !== null) {
      const length = word();
      const name = word();
      if (name >= strings.length) throw new FormatError('fdt', at - 4, `a name at ${name}`);
      if (at + length > limit) throw new FormatError('fdt', at - 8, `a value of ${length} bytes`);
      const end = strings.offset + strings.length;
      const text = textAt(bytes, strings.offset + name, end);
      open.properties.push({ name: text, offset: at, length });
      at = aligned(at + length);
    } else if (token === END_NODE && open !== null) open = above.pop() ?? null;
    else if (token === END && open === null && nodes.length > 0) return { nodes, end: at };
    else throw new FormatError('fdt', start, `token ${token} where it cannot be`);
  }
}

/** Latin1 bytes up to a NUL. */
function textAt(bytes: Uint8Array, start: number, end: number): string {
  const stop = bytes.subarray(start, end).indexOf(0);
  if (stop < 0) throw new FormatError('fdt', start, 'a name without an end');
  return Buffer.from(bytes.subarray(start, start + stop)).toString('latin1');
}

/** Offsets count from the start of the structure block, which is aligned itself. */
function aligned(offset: number): number {
  return Math.ceil(offset / 4) * 4;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

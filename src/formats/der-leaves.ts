/** An ASN.1 structure without a rest: its elements by their place in the tree, down to the values. */

import type { DerNode } from './der.js';
import { partition, type Region } from './regions.js';

export type DerRegionKind =
  /** Tag and length of an element. */
  | 'header'
  | 'value'
  /** The two zero bytes behind an element of indefinite length. */
  | 'end-mark'
  /** Behind the outermost element. */
  | 'trailing';

/**
 * Regions of the `length` bytes that begin with `root`, without overlap, named by the path to the element (`1.0.2` is child
 * 2 of child 0 of child 1; the root is empty) and their kind: `value 1.0.2`. Offsets count from the start of the root.
 */
export function derRegions(root: DerNode, length: number): readonly Region<DerRegionKind>[] {
  const claims: Region<DerRegionKind>[] = [];
  const base = root.offset;
  const claim = (kind: DerRegionKind, path: string, offset: number, bytes: number): void => {
    claims.push({ kind, name: `${kind} ${path}`.trim(), offset: offset - base, length: bytes });
  };
  const visit = (node: DerNode, path: string): void => {
    claim('header', path, node.offset, node.headerLength);
    const start = node.offset + node.headerLength;
    if (!node.constructed) claim('value', path, start, node.length);
    for (const [index, child] of node.children.entries())
      visit(child, path === '' ? String(index) : `${path}.${index}`);
    if (node.indefinite) claim('end-mark', path, start + node.length, 2);
  };
  visit(root, '');
  return partition(length, claims, 'trailing');
}

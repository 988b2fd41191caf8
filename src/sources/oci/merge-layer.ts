/**
 * One layer on top of those below it (OCI image-spec, "Applying Changesets"). Whiteouts take away what lower layers have,
 * wherever in the layer they stand: what the layer itself brings stays.
 */

import {
  baseName,
  displayPath,
  joinPath,
  parentPath,
  ROOT_PATH,
  type TreePath,
} from '../../core/path.js';
import { whiteoutOf } from '../../formats/oci-whiteout.js';
import type { TreeBuilder } from '../archive/tree-builder.js';
import type { ReadMember } from '../tar/index.js';

type PlacedNames = Pick<ReadMember, 'path' | 'linkTarget' | 'typeflag'>;

export class LayerMerger {
  readonly #tree: TreeBuilder;
  /** What this layer brings. */
  readonly #brought = new Set<TreePath>();
  /** Directories above any of that. */
  readonly #above = new Set<TreePath>([ROOT_PATH]);
  /** Directories from which all lower contents are gone. */
  readonly #emptied = new Set<TreePath>();

  constructor(tree: TreeBuilder) {
    this.#tree = tree;
  }

  /**
   * The member as it is to be added, with the links in its path followed; null for a whiteout, which is done, and for what
   * cannot be placed, which is told.
   */
  place<M extends PlacedNames>(member: M): M | null {
    const named = pathOf(member.path);
    // The tree says what is wrong with such a name.
    if (named === null) return member;
    const whiteout = whiteoutOf(baseName(named));
    const path = this.#through(named);
    if (path === null) return null;
    if (whiteout === null) {
      this.#bring(path);
      const isLink = member.typeflag === '1';
      const target = isLink ? this.#target(member.linkTarget) : member.linkTarget;
      if (path === named && target === member.linkTarget) return member;
      return { ...member, path, linkTarget: target };
    }
    switch (whiteout.kind) {
      case 'opaque':
        this.#emptyLower(parentPath(path));
        break;
      case 'name':
        this.#removeLower(joinPath(parentPath(path), whiteout.name));
        break;
      case 'invalid':
        this.#tell(path, 'a whiteout of no name');
        break;
      case 'bookkeeping':
        break;
    }
    return null;
  }

  #bring(path: TreePath): void {
    this.#brought.add(path);
    for (let up = parentPath(path); !this.#above.has(up); up = parentPath(up)) this.#above.add(up);
  }

  /** Where lower layers are links, the path goes on at their target. */
  #through(path: TreePath): TreePath | null {
    const parent = parentPath(path);
    if (parent === ROOT_PATH || this.#tree.get(parent)?.type === 'directory') return path;
    const resolved = this.#tree.throughLinks(path);
    if (resolved === null) this.#tell(path, 'its path leads through links in a circle');
    return resolved;
  }

  #target(linkTarget: string): string {
    const path = pathOf(linkTarget);
    return path === null ? linkTarget : (this.#tree.throughLinks(path) ?? linkTarget);
  }

  #removeLower(path: TreePath): void {
    if (this.#brought.has(path) || this.#above.has(path)) this.#emptyLower(path);
    else this.#tree.remove(path);
  }

  #emptyLower(directory: TreePath): void {
    // Once is enough: what comes later in this layer stays.
    for (let up = directory; ; up = parentPath(up)) {
      if (this.#emptied.has(up)) return;
      if (up === ROOT_PATH) break;
    }
    this.#emptied.add(directory);
    const left = [directory];
    for (let at = left.pop(); at !== undefined; at = left.pop())
      for (const name of this.#tree.list(at)) {
        const path = joinPath(at, name);
        if (this.#above.has(path)) left.push(path);
        else if (!this.#brought.has(path)) this.#tree.remove(path);
        else if (this.#tree.get(path)?.type === 'directory') left.push(path);
      }
  }

  #tell(path: TreePath, why: string): void {
    this.#tree.diagnostics.push({
      code: 'format',
      path,
      detail: `left out: ${why} (${displayPath(path)})`,
    });
  }
}

/** Null for names that lead out of the tree. */
function pathOf(name: string): TreePath | null {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  return parts.includes('..') ? null : (parts.join('/') as TreePath);
}

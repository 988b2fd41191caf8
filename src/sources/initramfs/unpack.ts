/**
 * Where Linux puts what an initramfs holds (init/initramfs.c): links in the directories of a path are followed, no directory
 * is made that no member describes, a file is written over a file, and what is of another type is taken away first.
 */

import type { TreePath } from '../../core/path.js';
import type { Node, TreeBuilder } from '../archive/tree-builder.js';

const MAX_LINKS = 40;

/**
 * What Linux reads out of the archive itself, before it unpacks anything: microcode (Documentation/arch/x86/microcode.rst) and
 * tables of ACPI (initrd_table_override.rst). It needs no directories there, and initramfs-tools writes them behind their files.
 */
const READ_EARLY = /^kernel\/(?:x86\/microcode|firmware\/acpi)\/[^/]+$/;

/** The path without links, the last part as it is; null, and told, when there is no such directory. */
export function unpackedPath(tree: TreeBuilder, name: string): string | null {
  const waiting = partsOf(name);
  const reached: string[] = [];
  for (let links = 0; waiting.length > 0;) {
    const part = waiting.shift()!;
    if (part === '..') {
      reached.pop();
      continue;
    }
    reached.push(part);
    if (waiting.length === 0) break;
    const node = tree.get(reached.join('/') as TreePath);
    if (node?.type === 'symlink' && links++ < MAX_LINKS) {
      reached.pop();
      if (node.target!.startsWith('/')) reached.length = 0;
      waiting.unshift(...partsOf(node.target!));
    } else if (node === null && READ_EARLY.test([...reached, ...waiting].join('/'))) {
      continue;
    } else if (node?.type !== 'directory') {
      tree.skip(name, 'Linux does not unpack it: there is no directory for it');
      return null;
    }
  }
  return reached.join('/');
}

/** False, and told, when something is in the way that Linux does not take away. */
export function placeAsLinux(tree: TreeBuilder, name: string, node: Node): boolean {
  const path = name as TreePath;
  const former = path === '' ? null : tree.get(path);
  if (former?.type === 'directory' && node.type !== 'directory' && tree.list(path).length > 0) {
    tree.skip(name, 'Linux does not unpack it: a directory of that name is not empty');
    return false;
  }
  // Its other names see the new content too.
  if (former?.type === 'file' && node.type === 'file') tree.replace(name, node);
  else tree.add(name, node);
  return true;
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}

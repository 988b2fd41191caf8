/** The few files that are asked for by name once an archive was read: package databases, os-release, what a diff shows. */

import type { TreePath } from '../../core/path.js';
import { bufferAccess } from '../../core/random-access.js';
import type { TreeFiles } from '../../core/tree-files.js';
import type { TreeBuilder } from './tree-builder.js';

const KEPT =
  /^(?:usr\/)?(?:etc|lib)\/os-release$|(?:^|\/)(?:rpmdb\.sqlite(?:-wal)?|Packages(?:\.db)?|Index\.db)$|^var\/lib\/dpkg\/(?:status(?:\.d\/.*)?|diversions|info\/[^/]+\.(?:list|md5sums|conffiles))$|^(?:usr\/)?lib\/apk\/db\/[^/]+$|^var\/lib\/pacman\/local\/|^usr\/lib\/sysimage\//;

/** Whether files of that name are asked for. */
export function isKeptName(path: string): boolean {
  return KEPT.test(path);
}

/** Beyond this nothing more is kept, and package databases count as unreadable. */
const MAX_BYTES = 512 * 1024 * 1024;

export class KeptFiles {
  readonly #bytes = new Map<TreePath, Uint8Array>();
  readonly #also: (path: string) => boolean;
  #left = MAX_BYTES;

  constructor(also: (path: string) => boolean = () => false) {
    this.#also = also;
  }

  /** Bytes that may still be kept. */
  get left(): number {
    return this.#left;
  }

  wants(path: string, size: number): boolean {
    return size <= this.#left && (isKeptName(path) || this.#also(path));
  }

  /** Keeps the buffer itself. */
  keep(path: TreePath, bytes: Uint8Array): void {
    this.#left -= bytes.length;
    this.#bytes.set(path, bytes);
  }

  files(tree: TreeBuilder): TreeFiles {
    const read = (path: TreePath): Uint8Array | null =>
      tree.get(path)?.type === 'file' ? (this.#bytes.get(path) ?? null) : null;
    return {
      read,
      open: (path) => {
        const bytes = read(path);
        if (bytes === null) return null;
        return { ...bufferAccess(bytes), mtimeNs: tree.get(path)!.mtimeNs, close: () => {} };
      },
      list: (path) => tree.list(path),
      readLink: (path) => tree.get(path)?.target ?? null,
    };
  }
}

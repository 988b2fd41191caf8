/** `TreeFiles` over a folder with Node's own calls: follows no link, which is all the tests need. */

import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

import { bufferAccess } from '../../src/core/random-access.js';
import type { TreePath } from '../../src/core/path.js';
import type { TreeFiles } from '../../src/core/tree-files.js';

export function plainTreeFiles(root: string): TreeFiles {
  const at = (path: TreePath): Buffer =>
    Buffer.concat([Buffer.from(join(root, '/')), Buffer.from(path, 'latin1')]);
  const type = (path: TreePath): 'file' | 'directory' | 'symlink' | null => {
    const parts = path.split('/');
    for (let i = 1; i <= parts.length; i++) {
      const stat = lstatSync(at(parts.slice(0, i).join('/') as TreePath), {
        throwIfNoEntry: false,
      });
      if (stat === undefined) return null;
      if (i === parts.length)
        return stat.isSymbolicLink()
          ? 'symlink'
          : stat.isDirectory()
            ? 'directory'
            : stat.isFile()
              ? 'file'
              : null;
      if (!stat.isDirectory()) return null;
    }
    return null;
  };
  return {
    read: (path) => (type(path) === 'file' ? readFileSync(at(path)) : null),
    open: (path) =>
      type(path) === 'file'
        ? {
            ...bufferAccess(readFileSync(at(path))),
            mtimeNs: lstatSync(at(path), { bigint: true }).mtimeNs,
            close: () => {},
          }
        : null,
    list: (path) =>
      type(path) === 'directory' ? readdirSync(at(path), { encoding: 'latin1' }).toSorted() : [],
    readLink: (path) =>
      type(path) === 'symlink' ? readlinkSync(at(path), { encoding: 'latin1' }) : null,
  };
}

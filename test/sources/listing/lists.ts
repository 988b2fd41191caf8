/** What the tests of lists as sources have in common: trees as plain values, with what is not known left out. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { scanTree, type ScannedTree } from '../../../src/app/scanned-tree.js';
import { isKnown } from '../../../src/core/coverage.js';
import type { Entry } from '../../../src/core/entry.js';
import type { TreeRef } from '../../../src/core/manifest.js';
import { joinPath, ROOT_PATH, type TreePath } from '../../../src/core/path.js';
import type { OpenSource } from '../../../src/sources/define.js';
import { tempFolder } from '../../helpers/temp-tree.js';

export async function scanned(source: OpenSource): Promise<ScannedTree> {
  try {
    return await scanTree(source, {
      digests: ['sha256'],
      exclusions: [],
      startedNs: 0n,
      signal: new AbortController().signal,
      onProgress: () => {},
    });
  } finally {
    source.close();
  }
}

export async function entriesOf(tree: ScannedTree): Promise<ReadonlyMap<TreePath, Entry>> {
  const found = new Map<TreePath, Entry>([[ROOT_PATH, tree.root.entry]]);
  const visit = async (path: TreePath, directory: TreeRef): Promise<void> => {
    for (const { entry, child } of await tree.entries(directory)) {
      const inner = joinPath(path, entry.name);
      found.set(inner, entry);
      if (child !== null) await visit(inner, child);
    }
  };
  if (tree.root.child !== null) await visit(ROOT_PATH, tree.root.child);
  return found;
}

/** What is known of an entry, as text; `list` says what it and the tree it comes from know. */
export function saidOf(
  entry: Entry,
  like: Entry,
  tree: ScannedTree,
): Record<string, string | null> {
  const { capture } = tree;
  const step = BigInt(capture.mtimeResolution ?? 1);
  const time = entry.mtimeNs - (((entry.mtimeNs % step) + step) % step);
  return {
    type: entry.type,
    ...(isKnown(like, 'mode') ? { mode: entry.mode.toString(8) } : {}),
    ...(isKnown(like, 'owner') && capture.ownership ? { owner: `${entry.uid}:${entry.gid}` } : {}),
    ...(isKnown(like, 'size') && entry.type === 'file' ? { size: String(entry.size) } : {}),
    ...(isKnown(like, 'mtime') && capture.mtime ? { mtime: String(time) } : {}),
    ...(isKnown(like, 'target')
      ? { target: entry.target, rdev: entry.rdev && `${entry.rdev.major}:${entry.rdev.minor}` }
      : {}),
    ...(like.sha256 === null ? {} : { sha256: Buffer.from(entry.sha256 ?? []).toString('hex') }),
    ...(capture.xattrs === 'all' ? { xattrs: JSON.stringify(entry.xattrs) } : {}),
    ...(capture.hardLinks ? { link: entry.link } : {}),
  };
}

/** A file in a folder of its own. */
export function listFile(t: TestContext, name: string, text: string | Uint8Array): string {
  const file = join(tempFolder(t), name);
  writeFileSync(file, text, 'latin1');
  return file;
}

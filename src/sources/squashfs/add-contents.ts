/** Hashes the contents of files, in the order in which they lie in the image, and adds the files to the tree. */

import { setImmediate } from 'node:timers/promises';

import { FormatError } from '../../core/errors.js';
import { FileContents } from '../../formats/squashfs/file-content.js';
import type { SquashfsImage } from '../../formats/squashfs/image.js';
import type { ArchiveTarget } from '../archive/open-archive.js';
import { readContent } from '../archive/read-content.js';
import type { FoundFile } from './add-inodes.js';

/** Bytes of content between two turns of the event loop: a signal must be able to arrive. */
const BREATH = 4 * 1024 * 1024;

export async function addContents(
  image: SquashfsImage,
  files: readonly FoundFile[],
  target: ArchiveTarget,
): Promise<void> {
  const contents = new FileContents(image, target.limits.maxOutputBytes);
  let sinceBreath = 0;
  async function* chunksOf({ inode }: FoundFile): AsyncGenerator<Uint8Array> {
    for await (const chunk of contents.chunks(inode)) {
      sinceBreath += chunk.length;
      if (sinceBreath > BREATH) {
        sinceBreath = 0;
        await setImmediate();
      }
      target.step();
      yield chunk;
    }
  }
  for (const file of files.toSorted((a, b) => a.place - b.place)) {
    const { path, node } = file;
    const { size } = node;
    const data = { size, tryAll: () => null, chunks: () => chunksOf(file) };
    try {
      const { xxh64, sha256 } = await readContent(path, data, target);
      target.tree.add(path, { ...node, xxh64, sha256 });
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      target.tree.diagnostics.push({ code: 'unreadable', path, detail: error.message });
      target.tree.add(path, { ...node, coverage: 'unreadable' });
    }
  }
}

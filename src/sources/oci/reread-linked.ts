/**
 * Package databases of images of ostree commits: all bytes lie under `/sysroot/ostree/repo/objects`, and their real names are
 * hard links that come later. Their bytes are found by reading the layers once more, as far as needed.
 */

import { FormatError } from '../../core/errors.js';
import { joinPath, ROOT_PATH } from '../../core/path.js';
import type { TreeFiles } from '../../core/tree-files.js';
import { ByteReader } from '../../formats/stream/byte-reader.js';
import { tarStream } from '../../formats/stream/tar-stream.js';
import type { KeptFiles } from '../archive/kept-files.js';
import type { TreeBuilder } from '../archive/tree-builder.js';
import type { Image } from './image.js';
import { layerContent, storedBlob } from './read-layer.js';
import type { LinkedName } from './merged-layers.js';

export interface RereadRequest {
  readonly tree: TreeBuilder;
  readonly kept: KeptFiles;
  readonly links: readonly LinkedName[];
  /** Answers null for what is not kept. */
  readonly files: TreeFiles;
  readonly signal: AbortSignal;
}

export async function rereadLinked(
  { layers }: Pick<Image, 'layers'>,
  { tree, kept, links, files, signal }: RereadRequest,
): Promise<void> {
  const missing = new Set<string>(
    links
      .filter(({ path }) => tree.get(path)?.type === 'file' && files.read(path) === null)
      .map(({ target }) => target),
  );
  for (const { access } of layers) {
    if (missing.size === 0) return;
    if (access === null) continue;
    const content = layerContent(storedBlob(access).chunks(), access.size, signal);
    const reader = new ByteReader(content, { format: 'tar' });
    try {
      for await (const { member, data } of tarStream(reader)) {
        signal.throwIfAborted();
        const name = member.path.replace(/^(?:\.?\/)+/, '');
        if (member.header.typeflag === '1' || !missing.has(name)) continue;
        if (member.sparse !== null || data.size > MOST_BYTES) continue;
        kept.keep(joinPath(ROOT_PATH, name), Uint8Array.from(await data.all(MOST_BYTES)));
        missing.delete(name);
        if (missing.size === 0) return;
      }
    } catch (error) {
      // Told when the layer was read before.
      if (!(error instanceof FormatError)) throw error;
    } finally {
      await reader.close();
    }
  }
}

const MOST_BYTES = 512 * 1024 * 1024;

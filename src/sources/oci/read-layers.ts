/** Layers of an image into one tree, the lowest first; each blob is read and hashed once. */

import type { DigestAlgorithm } from '../../core/capture.js';
import type { ArchiveTarget } from '../archive/open-archive.js';
import type { PrepareOptions } from '../define.js';
import type { Image } from './image.js';
import type { FilePlace } from './image-files.js';
import { readInThreads } from './layer-threads.js';
import { MergedLayers, type LinkedName, type MergeTarget } from './merged-layers.js';
import { readLayer, storedBlob } from './read-layer.js';

export interface LayersRequest {
  readonly target: MergeTarget & Pick<ArchiveTarget, 'hasher'>;
  readonly digests: readonly DigestAlgorithm[];
  readonly signal: AbortSignal;
  readonly progress: PrepareOptions['progress'];
}

/** Images of fewer bytes are read before threads have started. */
const INLINE_BYTES = 8 * 1024 * 1024;

/** Fills the tree, and returns the hard links whose names are kept. */
export async function readLayers(
  { layers }: Pick<Image, 'layers'>,
  request: LayersRequest,
): Promise<readonly LinkedName[]> {
  const { target, signal } = request;
  const merging = new MergedLayers(layers, target);
  const there = layers.flatMap(({ access, ...layer }, index) =>
    access === null ? [] : [{ ...layer, access, index }],
  );
  const progress = (bytes: number): void => request.progress({ entries: target.tree.count, bytes });
  if (there.length > 1 && there.reduce((sum, { access }) => sum + access.size, 0) > INLINE_BYTES) {
    const jobs = there.map(({ digest, size, diffId, access }, index) => ({
      index,
      names: { digest, size, diffId },
      place: placeOf(access),
    }));
    await readInThreads(jobs, {
      digests: request.digests,
      keptBytes: target.kept.left,
      signal,
      progress,
      item: (i, item) => merging.take(there[i]!.index, item),
    });
  } else {
    let before = 0;
    for (const { index, access, ...names } of there) {
      const tools = {
        signal,
        hasher: target.hasher,
        wants: (path: string, size: number) => target.kept.wants(path, size),
      };
      await readLayer(names, storedBlob(access), tools, {
        member: (member) => merging.take(index, member),
        problem: (problem) => merging.take(index, { problem }),
        progress: (bytes) => progress(before + bytes),
      });
      before += access.size;
    }
  }
  merging.finish();
  return merging.links;
}

function placeOf({ path, offset, size }: FilePlace): Pick<FilePlace, 'path' | 'offset' | 'size'> {
  return { path, offset, size };
}

/** Layers of an image into one tree, the lowest first; each blob is read and hashed once. */

import type { DigestAlgorithm } from '../../core/capture.js';
import { joinPath, ROOT_PATH, type TreePath } from '../../core/path.js';
import type { ArchiveTarget } from '../archive/open-archive.js';
import type { PrepareOptions } from '../define.js';
import { placeMember } from '../tar/index.js';
import type { Image, ImageLayer } from './image.js';
import type { FilePlace } from './image-files.js';
import type { LayerItem } from './layer-batch.js';
import { readInThreads } from './layer-threads.js';
import { LayerMerger } from './merge-layer.js';
import { readLayer } from './read-layer.js';

/** A name that is a hard link to bytes of the same or a lower layer. */
export interface LinkedName {
  readonly path: TreePath;
  readonly target: TreePath;
}

export interface LayersRequest {
  readonly target: Pick<ArchiveTarget, 'tree' | 'kept' | 'hasher'>;
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
  const merging = new Merging(layers, target);
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
      await readLayer(names, access, tools, {
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

/** Takes what the layers hold, in their order, and tells of layers that are not there where they would be. */
class Merging {
  readonly links: LinkedName[] = [];
  readonly #layers: readonly ImageLayer[];
  readonly #target: LayersRequest['target'];
  #merger: LayerMerger;
  #at = 0;

  constructor(layers: readonly ImageLayer[], target: LayersRequest['target']) {
    this.#layers = layers;
    this.#target = target;
    this.#merger = new LayerMerger(target.tree);
  }

  take(index: number, item: LayerItem): void {
    this.#goTo(index);
    if ('problem' in item) return this.#tell(item.problem);
    const placed = this.#merger.place(item);
    if (placed === null) return;
    const { path, linkTarget, kept } = placed;
    const { tree, kept: keptFiles } = this.#target;
    if (placed.typeflag === '1' && keptFiles.wants(path, 0))
      this.links.push({ path: path as TreePath, target: linkTarget as TreePath });
    if (kept !== null && keptFiles.left >= kept.length)
      keptFiles.keep(joinPath(ROOT_PATH, path.replace(/^(?:\.?\/)+/, '')), kept);
    placeMember(placed, { tree });
  }

  finish(): void {
    this.#goTo(this.#layers.length);
  }

  #goTo(index: number): void {
    if (this.#at === index) return;
    // The first layer has its merger already.
    for (let i = this.#at; i < index; i++) {
      this.#at = i;
      const { access, absence } = this.#layers[i]!;
      if (access === null) this.#tell(absence);
    }
    this.#at = index;
    this.#merger = new LayerMerger(this.#target.tree);
  }

  #tell(detail: string): void {
    this.#target.tree.diagnostics.push({
      code: 'format',
      path: null,
      detail: `layer ${this.#at + 1}: ${detail}`,
    });
  }
}

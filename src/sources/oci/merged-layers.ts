/** The tree that layers make one over the other, filled member by member. */

import { joinPath, ROOT_PATH, type TreePath } from '../../core/path.js';
import type { ArchiveTarget } from '../archive/open-archive.js';
import { placeMember } from '../tar/index.js';
import type { ImageLayer } from './image.js';
import type { LayerItem } from './layer-batch.js';
import { LayerMerger } from './merge-layer.js';

/** A name that is a hard link to bytes of the same or a lower layer. */
export interface LinkedName {
  readonly path: TreePath;
  readonly target: TreePath;
}

export type MergeTarget = Pick<ArchiveTarget, 'tree' | 'kept'>;

/** Takes what the layers hold, in their order, and tells of layers that are not there where they would be. */
export class MergedLayers {
  readonly links: LinkedName[] = [];
  readonly #layers: readonly ImageLayer[];
  readonly #target: MergeTarget;
  #merger: LayerMerger;
  #at = 0;

  constructor(layers: readonly ImageLayer[], target: MergeTarget) {
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

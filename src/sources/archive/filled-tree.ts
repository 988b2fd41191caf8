/** What sources that are read as a whole answer with: the tree that was filled, and the files that were kept of it. */

import type { CaptureSet } from '../../core/capture.js';
import type { TreeFiles } from '../../core/tree-files.js';
import type { OpenSource } from '../define.js';
import type { TreeBuilder } from './tree-builder.js';

export interface FilledTree {
  readonly tree: TreeBuilder;
  readonly files: TreeFiles;
}

export interface TreeAnswers extends Pick<OpenSource, 'files' | 'scan'> {
  /** To be called once, before anything is asked. */
  fill(filled: FilledTree): void;
}

export function treeAnswers(
  capture: (options: Parameters<OpenSource['capture']>[0]) => CaptureSet,
): TreeAnswers {
  let state: FilledTree | null = null;
  const filled = (): FilledTree => {
    if (state === null) throw new Error('the source was not read yet');
    return state;
  };
  return {
    fill: (now) => {
      state = now;
    },
    files: {
      read: (path) => filled().files.read(path),
      open: (path) => filled().files.open(path),
      list: (path) => filled().files.list(path),
      readLink: (path) => filled().files.readLink(path),
    },
    scan: (options, sink) => {
      const { tree } = filled();
      for (const directory of tree.directories()) {
        options.signal.throwIfAborted();
        sink.directory(directory);
      }
      for (const diagnostic of tree.diagnostics) sink.diagnostic(diagnostic);
      return Promise.resolve({ root: tree.root(), capture: capture(options), cachedFiles: 0 });
    },
  };
}

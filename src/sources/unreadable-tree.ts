/** An artifact that should be there and cannot be read: a tree of which nothing is known, so that nothing is claimed of it. */

import type { ArtifactName } from '../core/build.js';
import type { CaptureSet } from '../core/capture.js';
import type { Entry } from '../core/entry.js';
import { ROOT_PATH } from '../core/path.js';
import type { OpenSource, ScanOptions } from './define.js';

/** `why`: one sentence for people. */
export function unreadableTree(artifact: ArtifactName, location: string, why: string): OpenSource {
  const capture = (options: Pick<ScanOptions, 'digests' | 'exclusions'>): CaptureSet => ({
    version: 1,
    digests: options.digests,
    xattrs: 'all',
    mtime: true,
    ownership: true,
    hardLinks: true,
    exclusions: options.exclusions,
    mountPoints: [],
  });
  return {
    artifact,
    location,
    mediaType: 'application/octet-stream',
    fileSystem: null,
    files: { read: () => null, open: () => null, list: () => [], readLink: () => null },
    container: null,
    capture,
    scan: (options, sink) => {
      sink.diagnostic({ code: 'unreadable', path: ROOT_PATH, detail: why });
      return Promise.resolve({ root: UNSEEN, capture: capture(options), cachedFiles: 0 });
    },
    close: () => {},
  };
}

const UNSEEN: Entry = {
  name: '',
  type: 'directory',
  coverage: 'unreadable',
  unknown: ['mode', 'owner', 'mtime'],
  mode: 0o755,
  uid: 0,
  gid: 0,
  size: 0,
  mtimeNs: 0n,
  target: null,
  rdev: null,
  xattrs: [],
  xxh64: null,
  sha256: null,
  link: null,
};

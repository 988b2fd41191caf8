/** Records a tree as a build in a store. */

import { readPackages } from '../packages/read-databases.js';
import { readOwnership } from '../packages/read-ownership.js';
import type { OpenSource } from '../sources/define.js';
import { openStore } from '../store/index.js';
import { refuseStoreInRoot } from './guard-root.js';
import { recordBuild, type RecordedBuild, type RecordRequest } from './record.js';

export interface SnapshotRequest extends Omit<
  RecordRequest,
  'store' | 'packages' | 'ownership' | 'edits' | 'scrubDiagnostics'
> {
  readonly source: OpenSource;
  /** The path of the source as it was given. */
  readonly root: string;
  readonly storeLocation: string;
}

export async function snapshot(request: SnapshotRequest): Promise<RecordedBuild> {
  refuseStoreInRoot(request.root, request.storeLocation);
  const { source } = request;
  await source.prepare?.({
    ...request,
    progress: (progress) => request.onProgress(progress, null),
  });
  const { files } = source;
  const ownership = request.inspection.mode === 'none' ? null : readOwnership(files);
  const store = await openStore(request.storeLocation, { mode: 'write', signal: request.signal });
  try {
    return await recordBuild({
      ...request,
      store,
      packages: ownership ?? readPackages(files),
      ownership,
      edits: [],
      scrubDiagnostics: [],
    });
  } finally {
    await store.close();
  }
}

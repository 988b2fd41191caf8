/** A directory on the file system of this machine. */

import { realpathSync, statSync } from 'node:fs';

import { AuditError, errnoOf } from '../../core/errors.js';
import { displayBytes } from '../../core/path.js';
import { openBeneath } from '../../fs/beneath.js';
import { fileSystemOf, readMounts } from '../../fs/mounts.js';
import { treeFiles } from '../../fs/tree-files.js';
import { defineSource, type OpenSource } from '../define.js';
import { directoryCapture } from './capture.js';
import { scanDirectoryTree } from './scan.js';

export const directory = defineSource({
  id: 'dir',
  claims: (location) => {
    try {
      return statSync(location).isDirectory();
    } catch {
      return false;
    }
  },
  open: (location): OpenSource => {
    const resolved = resolveRoot(location);
    const beneath = openBeneath(location);
    return {
      location: displayBytes(resolved),
      mediaType: 'application/vnd.repro-audit.rootfs',
      fileSystem: fileSystemOf(readMounts(), resolved),
      files: treeFiles(beneath),
      container: null,
      capture: directoryCapture,
      scan: (options, sink) => scanDirectoryTree(resolved, options, sink),
      close: () => beneath.close(),
    };
  },
});

/** The absolute path without links, latin1 bytes. */
function resolveRoot(location: string): string {
  let resolved: Buffer;
  try {
    resolved = realpathSync.native(location, 'buffer');
  } catch (error) {
    throw new AuditError(
      'SOURCE_UNUSABLE',
      `cannot open ${location}: expected a directory, found ${errnoOf(error) ?? 'an error'}`,
      {
        hint: 'give the root directory of the tree to record',
        cause: error,
      },
    );
  }
  if (!statSync(resolved).isDirectory()) {
    throw new AuditError(
      'SOURCE_UNUSABLE',
      `cannot open ${location}: expected a directory, found a file`,
      {
        hint: 'give the root directory of the tree to record',
      },
    );
  }
  return resolved.toString('latin1');
}

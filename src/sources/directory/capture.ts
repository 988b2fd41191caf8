/** What a scan of a directory can see on this machine, as this user. */

import type { CaptureSet } from '../../core/capture.js';
import { nativeCalls } from '../../fs/native.js';
import type { ScanOptions } from '../define.js';

export function directoryCapture(options: Pick<ScanOptions, 'digests' | 'exclusions'>): CaptureSet {
  const native = nativeCalls() !== null;
  const privileged = process.geteuid?.() === 0;
  return {
    version: 1,
    digests: options.digests,
    xattrs: !native ? 'none' : privileged ? 'all' : 'unprivileged',
    mtime: true,
    ownership: true,
    hardLinks: true,
    exclusions: options.exclusions,
    mountPoints: [],
  };
}

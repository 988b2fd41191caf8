/** The `--inspect` flag and what looking into files takes from the outside world. */

import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';

import type { Inspection } from '../app/record.js';
import type { InspectMode } from '../app/inspection/candidates.js';
import { AuditError } from '../core/errors.js';
import { compileGlob, globBytes } from '../util/glob.js';
import type { FlagTable, FlagValues } from './define.js';
import type { ProgressLine } from './progress.js';

export const inspectFlag = {
  inspect: {
    type: 'string',
    isMultiple: true,
    value: 'WHAT',
    help: 'which files to look into: auto (generated ones; default), all, none, or a glob such as boot/**',
  },
} as const satisfies FlagTable;

export function inspectionOf(flags: FlagValues, progress: ProgressLine): Inspection {
  return {
    mode: inspectMode(flags.strings('inspect')),
    freshKey: () => randomBytes(32),
    clock: () => performance.now(),
    onProgress: (files, totalFiles) =>
      progress.working({ what: 'inspecting', files, totalFiles, bytes: 0 }),
  };
}

/** Globs may be given more than once; a word stands alone. */
function inspectMode(values: readonly string[]): InspectMode {
  const [first] = values;
  if (first === undefined) return 'auto';
  if (first === 'auto' || first === 'all' || first === 'none') {
    if (values.length === 1) return first;
    throw new AuditError('USAGE', `--inspect ${first} stands alone, found ${values.join(', ')}`);
  }
  const matchers = values.map(matcherOf);
  return (path) => matchers.some((matches) => matches(path));
}

function matcherOf(pattern: string): (path: string) => boolean {
  try {
    return compileGlob(globBytes(pattern));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new AuditError('USAGE', `--inspect ${JSON.stringify(pattern)}: ${error.message}`);
  }
}

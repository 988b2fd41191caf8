/** The `--inspect` flag and what looking into files takes from the outside world. */

import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';

import type { Inspection } from '../app/record.js';
import type { InspectMode } from '../app/inspection/candidates.js';
import { AuditError } from '../core/errors.js';
import { compileGlob } from '../util/glob.js';
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

export const keepContentFlag = {
  keepContent: {
    type: 'string',
    value: 'SIZE',
    help: 'keep the bytes of generated files for diff --content, SIZE of them for a build, such as 64M; never secrets',
  },
} as const satisfies FlagTable;

export function inspectionOf(flags: FlagValues, progress: ProgressLine): Inspection {
  return {
    mode: inspectMode(flags.strings('inspect')),
    keepContentBytes: keepContentBytes(flags),
    freshKey: () => randomBytes(32),
    clock: () => performance.now(),
    onProgress: (files, totalFiles) =>
      progress.working({ what: 'inspecting', files, totalFiles, bytes: 0 }),
  };
}

/** Null when it was not asked for. What is not looked into may be secret, so it goes with looking only. */
function keepContentBytes(flags: FlagValues): number | null {
  const text = flags.string('keepContent');
  if (text === null) return null;
  const found = /^([0-9]{1,15})([KMGT]?)(?:i?B)?$/i.exec(text);
  const bytes =
    found === null ? 0 : Number(found[1]) * 1024 ** ' KMGT'.indexOf(found[2]!.toUpperCase() || ' ');
  if (bytes < 1 || !Number.isSafeInteger(bytes))
    throw new AuditError(
      'USAGE',
      `--keep-content: expected a size such as 64M, found ${JSON.stringify(text)}`,
      { hint: 'a number of bytes, or one with K, M, G or T' },
    );
  const refused = (other: string): AuditError =>
    new AuditError('USAGE', `--keep-content cannot go with ${other}`, {
      hint: 'only what was looked into and is known by its SHA-256 is kept',
    });
  if (flags.strings('inspect').includes('none')) throw refused('--inspect none');
  if (flags.string('digest') === 'xxh64') throw refused('--digest xxh64');
  return bytes;
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
    return compileGlob(pattern);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new AuditError('USAGE', `--inspect ${JSON.stringify(pattern)}: ${error.message}`);
  }
}

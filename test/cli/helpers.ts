/** Runs the program as users get it: the bundle in dist/bin, with a bare environment. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

export const PROGRAM = resolve(import.meta.dirname, '../../bin/repro-audit.js');

export interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function run(
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Run {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], {
    cwd,
    encoding: 'utf8',
    env: {
      PATH: process.env['PATH'] ?? '',
      NO_COLOR: '1',
      TZ: 'UTC',
      LC_ALL: 'C',
      CI: 'true',
      XDG_CACHE_HOME: `${cwd}/.cache`,
      ...env,
    },
    maxBuffer: 1 << 28,
  });
  return { status, stdout, stderr };
}

/** Fails with what the program wrote to stderr. */
export function expectOk(result: Run): Run {
  assert.equal(result.status, 0, result.stderr);
  return result;
}

/** What this machine and this process say about themselves: the outside half of the build facts. */

import { readFileSync } from 'node:fs';
import os from 'node:os';

import { VERSION } from '../version.js';
import type { Circumstances } from '../app/build-facts.js';
import type { CommandContext } from './define.js';

/** Variables that are known to leak into builds; nothing else of the environment is recorded. */
const RECORDED_VARIABLES = [
  'SOURCE_DATE_EPOCH',
  'LANG',
  'LC_ALL',
  'LC_COLLATE',
  'LC_TIME',
  'LANGUAGE',
  'TZ',
  'TMPDIR',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'PATH',
  'PYTHONHASHSEED',
  'PYTHONDONTWRITEBYTECODE',
  'DEB_BUILD_OPTIONS',
  'MAKEFLAGS',
  'CI',
] as const;

export function gatherCircumstances(context: CommandContext): Circumstances {
  const { env } = context;
  return {
    hostName: os.hostname(),
    kernel: `${os.type()} ${os.release()} ${os.version()}`,
    architecture: os.machine(),
    user: userName(),
    uid: process.getuid?.() ?? -1,
    gid: process.getgid?.() ?? -1,
    cwd: context.cwd,
    tmpDir: os.tmpdir(),
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    locale: env['LC_ALL'] ?? env['LC_CTYPE'] ?? env['LANG'] ?? 'C',
    umask: process.umask(),
    cpuCount: os.availableParallelism(),
    cpuModel: os.cpus()[0]?.model ?? 'unknown',
    bootId: bootId(),
    tools: { 'repro-audit': VERSION, node: process.versions.node },
    environment: Object.fromEntries(
      RECORDED_VARIABLES.flatMap((name) => {
        const value = env[name];
        return value === undefined ? [] : [[name, value]];
      }),
    ),
  };
}

function userName(): string {
  try {
    return os.userInfo().username;
  } catch {
    return String(process.getuid?.() ?? '');
  }
}

function bootId(): string | null {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return null;
  }
}

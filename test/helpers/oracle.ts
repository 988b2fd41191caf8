/** Tests that check against a program we did not write say which; a missing one skips the test, in CI it fails. */

import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Value for the `skip` option: false when all programs are there, otherwise what is missing. */
export function needs(...programs: readonly string[]): string | false {
  const missing = programs.filter((program) => !onPath(program));
  if (missing.length === 0) return false;
  const message = `needs ${missing.join(', ')}`;
  if (process.env['REPRO_AUDIT_REQUIRE_ORACLES'] === '1')
    throw new Error(`${message}, and CI may not skip`);
  return message;
}

/** Value for `skip` of tests that create owners, devices, mounts or capabilities. */
export function needsRoot(): string | false {
  if (process.getuid?.() === 0) return false;
  if (process.env['REPRO_AUDIT_REQUIRE_ORACLES'] === '1')
    throw new Error('needs root, and CI may not skip');
  return 'needs root';
}

function onPath(program: string): boolean {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => existsSync(join(folder, program)));
}

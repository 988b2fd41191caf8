/** A bind mount for the length of a test body; undone before the test's folders are removed. Needs root. */

import { execFileSync } from 'node:child_process';

export async function withBindMount(
  source: string,
  target: string,
  body: () => void | Promise<void>,
): Promise<void> {
  execFileSync('mount', ['--bind', source, target]);
  try {
    await body();
  } finally {
    execFileSync('umount', [target]);
  }
}

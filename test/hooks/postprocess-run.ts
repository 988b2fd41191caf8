/** Running the postprocess script, on a folder or inside a target as rpm-ostree does. */

import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { tempFolder } from '../helpers/temp-tree.js';
import { settle, writeImage } from './image.js';
import { repositoryRoot } from '../helpers/repository-root.js';

/** The script itself. */
export const script = join(
  repositoryRoot(),
  'hooks/rpm-ostree/postprocess/repro-audit-postprocess.sh',
);
/** Where rpm-ostree puts the file of `postprocess-script`, and the whole environment it gives it. */
const inTarget = '/usr/bin/rpmostree-treefile-postprocess-script';
export const sandbox = {
  LANG: 'C.UTF-8',
  PATH: '/usr/sbin:/usr/bin',
  SOURCE_DATE_EPOCH: '1700000000',
};

/** A root with something of everything, removed after the test. */
export function image(t: TestContext): string {
  const root = join(tempFolder(t), 'root');
  mkdirSync(root);
  writeImage(root);
  return root;
}

/** Puts the script into a root; all mtimes are the same again. */
export function installScript(root: string): void {
  copyFileSync(script, join(root, inTarget));
  settle(root);
}

/** As the target runs it: chroot, no environment but the sandbox's. */
export function inside(
  root: string,
  args: readonly string[] = [],
  more: Readonly<Record<string, string>> = {},
): SpawnSyncReturns<string> {
  return spawnSync('chroot', [root, '/usr/bin/sh', inTarget, ...args], {
    env: { ...sandbox, ...more },
    encoding: 'utf8',
  });
}

/** On a folder, by this machine's sh. */
export function below(root: string, args: readonly string[] = []): SpawnSyncReturns<string> {
  return spawnSync('sh', [script, ...args, '--', root], { env: sandbox, encoding: 'utf8' });
}

/** The paths of the lines that tell of an edit, done or planned. */
export function editedPaths(run: SpawnSyncReturns<string>): string[] {
  const line = /^repro-audit: (?:would )?(?:remove|empty|rewrite) (\S+) \(/gm;
  return [...run.stderr.matchAll(line)].map((match) => match[1] ?? '').sort();
}

/** A path with any bytes in its last part, given as latin1. */
export function bytePath(folder: string, name: string): Buffer {
  return Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name, 'latin1')]);
}

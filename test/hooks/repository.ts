/** Where the hooks and the built program are, seen from a compiled test. */

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder with package.json and hooks/; the tests are compiled into a folder below it. */
export function repository(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) || !existsSync(join(folder, 'hooks'))) {
    if (folder === dirname(folder)) throw new Error('no repository above the test');
    folder = dirname(folder);
  }
  return folder;
}

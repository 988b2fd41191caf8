/** Where the repository is: the tests are compiled into a folder inside it, or run from its root. */

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export function repositoryRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'docs', 'schema'))) {
    const up = dirname(folder);
    if (up === folder) return process.cwd();
    folder = up;
  }
  return folder;
}

/** Rows of docs/truth.md that the programs themselves can make anew: file, causes of its roots, and nothing else. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { needs } from '../helpers/oracle.js';
import { MADE, recordedPair, toldOf } from '../helpers/recorded-pair.js';
import { tempTree } from '../helpers/temp-tree.js';
import type { Side } from './list-files.js';

interface Row {
  readonly file: string;
  readonly tools: readonly string[];
  /** Run in a folder with `doc/a`, `doc/b` and `m.py`, whose mtimes are those of the side; $1 is the side, $2 the time. */
  readonly script: string;
  readonly causes: readonly string[];
}

const ROWS: readonly Row[] = [
  {
    file: 'x.tar',
    tools: ['tar'],
    script: 'tar -cf x.tar --sort=name doc',
    causes: ['time.field high'],
  },
  {
    file: 'x.tar.gz',
    tools: ['tar', 'gzip'],
    script: 'tar -c --sort=name doc | gzip -n >x.tar.gz',
    causes: ['time.field high'],
  },
  {
    file: 'x.tar.xz',
    tools: ['tar', 'xz'],
    script: 'tar -c --sort=name doc | xz >x.tar.xz',
    causes: ['time.field high'],
  },
  {
    file: 'x.tar.zst',
    tools: ['tar', 'zstd'],
    script: 'tar -c --sort=name doc | zstd -q >x.tar.zst',
    causes: ['time.field high'],
  },
  {
    file: 'x.cpio',
    tools: ['cpio'],
    script: 'printf "doc\\ndoc/a\\ndoc/b\\n" | cpio -o -H newc --quiet --reproducible >x.cpio',
    causes: ['time.field high'],
  },
  {
    file: 'x.zip',
    tools: ['zip'],
    script: 'TZ=UTC zip -qrX x.zip doc',
    causes: ['time.field high'],
  },
  { file: 'x.gz', tools: ['gzip'], script: 'gzip -c doc/a >x.gz', causes: ['time.field high'] },
  {
    file: 'level.gz',
    tools: ['gzip'],
    script: 'gzip -n -$([ $1 = before ] && echo 1 || echo 9) <doc/b >level.gz',
    causes: ['codec.level medium'],
  },
  {
    file: 'level.xz',
    tools: ['xz'],
    script: 'xz -$([ $1 = before ] && echo 0 || echo 9) <doc/b >level.xz',
    causes: ['codec.level medium'],
  },
  {
    file: 'level.zst',
    tools: ['zstd'],
    script: 'zstd -q -$([ $1 = before ] && echo 1 || echo 19) <doc/b >level.zst',
    causes: ['codec.level medium'],
  },
  {
    file: 'x.sqfs',
    tools: ['mksquashfs'],
    script: 'mksquashfs doc x.sqfs -quiet -no-progress -all-root -mkfs-time "$2" >/dev/null',
    causes: ['time.field high'],
  },
  {
    file: 'level.sqfs',
    tools: ['mksquashfs'],
    script:
      'touch -d @1600000000 doc doc/*; mksquashfs doc level.sqfs -quiet -no-progress -all-root -mkfs-time 1600000000 -Xcompression-level $([ $1 = before ] && echo 1 || echo 9) >/dev/null',
    causes: ['codec.level medium'],
  },
  { file: 'x.a', tools: ['ar'], script: 'ar rcU x.a doc/a doc/b', causes: ['time.field high'] },
  {
    file: 'm.pyc',
    tools: ['python3'],
    script: "python3 -c \"import py_compile; py_compile.compile('m.py', cfile='m.pyc')\"",
    causes: ['time.field high'],
  },
  {
    file: 'dated',
    tools: ['gcc'],
    script:
      'echo "char *d = \\"this program was built on \\" __DATE__; int main(void) { return *d; }" >d.c; SOURCE_DATE_EPOCH=$2 gcc d.c -o dated',
    causes: ['time.text high'],
  },
  {
    file: 'placed',
    tools: ['gcc'],
    script:
      'printf \'char *d = "data of /build/%s-x/src/data"; int main(void) { return *d; }\' $(printf %.5s $1y) >d.c; gcc d.c -o placed',
    causes: ['path.build medium'],
  },
];

for (const { file, tools, script, causes } of ROWS)
  test(`${file} of two builds: ${causes.join(', ')}`, { skip: needs(...tools) }, async (t) => {
    const made = (side: Side): Uint8Array => {
      const folder = tempTree(t, { 'm.py': 'A = 1\n' });
      mkdirSync(join(folder, 'doc'));
      writeFileSync(join(folder, 'doc/a'), 'first\n');
      writeFileSync(join(folder, 'doc/b'), 'a line that comes again\n'.repeat(4000));
      for (const name of ['doc/a', 'doc/b', 'doc', 'm.py'])
        utimesSync(join(folder, name), MADE[side], MADE[side]);
      const { SOURCE_DATE_EPOCH: _, ...env } = process.env;
      execFileSync('sh', ['-c', script, 'sh', side, String(MADE[side])], { cwd: folder, env });
      return readFileSync(join(folder, file));
    };
    const path = `srv/${file}`;
    const roots = {
      before: tempTree(t, { [path]: made('before') }),
      after: tempTree(t, { [path]: made('after') }),
    };
    const told = toldOf(await recordedPair(t, roots), path);
    assert.deepEqual([told.status, told.causes], ['explained', causes]);
  });

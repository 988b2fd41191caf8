/** The DWARF readers against readelf, on what the compiler of this system makes. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';

import { bufferAccess } from '../../src/core/random-access.js';
import { readDwarf } from '../../src/formats/dwarf.js';
import { readElf } from '../../src/formats/elf.js';
import { needs } from '../helpers/oracle.js';
import { tempFolder } from '../helpers/temp-tree.js';

const KINDS: readonly (readonly string[])[] = [
  ...[2, 3, 4, 5].flatMap((version) => [
    [`-gdwarf-${version}`, '-gstrict-dwarf'],
    [`-gdwarf-${version}`, '-gstrict-dwarf', '-c'],
  ]),
  ['-gdwarf-5', '-gdwarf64'],
  ['-gdwarf-5', '-gz=zlib'],
  ['-gdwarf-5', '-gz=zlib', '-c'],
  ['-gdwarf-4', '-fdebug-types-section'],
  ['-gdwarf-5', '-fdebug-types-section', '-c'],
];

suite('readelf agrees', () => {
  for (const options of KINDS)
    test(
      `on units and line tables with ${options.join(' ')}`,
      { skip: needs('gcc', 'readelf') },
      (t) => {
        const root = tempFolder(t);
        mkdirSync(join(root, 'sub'));
        writeFileSync(
          join(root, 'sub', 'h.h'),
          'struct s { int a; };\nstatic inline int g(struct s *s) { return s->a; }\n',
        );
        writeFileSync(
          join(root, 'a.c'),
          '#include <stdio.h>\n#include "sub/h.h"\nint f(struct s *s) { return printf("%d", g(s)); }\n',
        );
        writeFileSync(
          join(root, 'b.c'),
          'int f(void *);\nint main(void) { int a = 1; return f(&a); }\n',
        );
        const sources = options.includes('-c') ? ['a.c'] : ['a.c', 'b.c'];
        execFileSync('gcc', [...options, ...sources, '-o', 'out'], { cwd: root });
        compare(join(root, 'out'));
      },
    );
});

function compare(path: string): void {
  const { units, lineTables, problems } = readDwarf(readElf(bufferAccess(readFileSync(path))));
  assert.deepEqual(problems, []);
  const print = (what: string) =>
    execFileSync('readelf', ['-W', `--debug-dump=${what}`, path], {
      encoding: 'latin1',
      stdio: ['ignore', 'pipe', 'ignore'],
    });

  const printedUnits = print('info')
    .split(/Compilation Unit @ offset /)
    .slice(1)
    .map((part) => {
      const root = part.split(/^ <1>/m)[0]!;
      const value = (name: string) =>
        new RegExp(`${name} +: (.*?)\\s*$`, 'm').exec(root)?.[1]?.replace(/^(\(.*?\):? )+/, '');
      return [
        Number.parseInt(part, 16),
        Number(/Version: +(\d)/.exec(part)![1]),
        value('DW_AT_name'),
        value('DW_AT_comp_dir'),
        value('DW_AT_producer'),
      ];
    });
  assert.deepEqual(
    new Set(
      units.map(({ at, version, name, compDir, producer }) =>
        JSON.stringify([at, version, name?.text, compDir?.text, producer?.text]),
      ),
    ),
    new Set(printedUnits.map((unit) => JSON.stringify(unit))),
  );
  assert.ok(units.some(({ name }) => name?.text === 'a.c'));

  const printedTables = print('rawline')
    .split(/^  Offset: +/m)
    .slice(1)
    .map((part) => {
      const [directories, files] = part
        .replaceAll(/\([a-z].*?\):?[\t ]/g, '')
        .split('The File Name Table');
      return [
        Number.parseInt(part, 16),
        Number(/DWARF Version: +(\d)/.exec(part)![1]),
        [...directories!.matchAll(/^  \d+\t(.*)$/gm)].map(([, directory]) => directory),
        [...(files ?? '').matchAll(/^  \d+\t(\d+)\t(?:\d+\t\d+\t)?(.*)$/gm)].map(
          ([, directory, name]) => [Number(directory), name],
        ),
      ];
    });
  assert.deepEqual(
    lineTables.map(({ at, version, directories, files }) => [
      at,
      version,
      directories.map((value) => (value.kind === 'string' ? value.text : null)),
      files.map(({ name, directory }) => [directory, name?.kind === 'string' ? name.text : null]),
    ]),
    printedTables,
  );
}

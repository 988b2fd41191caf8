import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import fc from 'fast-check';

import { buildZip } from '../../formats/build-zip.js';
import { needs } from '../../helpers/oracle.js';
import { tempFolder } from '../../helpers/temp-tree.js';
import { zipContent } from './zip-content.js';
import { fixed, MODE, ntfs, owner, times } from './zip-samples.js';

test('Random archives of one content, packed in many ways, become one', () => {
  const how = fc.record({
    dosTime: fc.nat(0x7fffffff),
    versionMadeBy: fc.constantFrom(0x0314, 0x031e, 0x1314, 0x0014),
    versionNeeded: fc.constantFrom(10, 20, 45),
    flags: fc.constantFrom(0, 2, 4, 1 << 11),
    externalAttributes: fc.constantFrom(0o100600 * MODE, 0o100664 * MODE, 0o644 * MODE + 0x20),
    extra: fc.constantFrom(times, owner, ntfs, Buffer.concat([times, owner]), Buffer.alloc(0)),
    descriptor: fc.constantFrom(undefined, 'signed' as const, 'bare-wide' as const),
    zip64: fc.constantFrom(undefined, 'local' as const, 'both' as const),
  });
  const packing = fc.record({
    hows: fc.array(how, { minLength: 4, maxLength: 4 }),
    order: fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }),
    localOrder: fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }),
    zip64End: fc.boolean(),
  });
  type Packing = ReturnType<typeof packing.generate>['value'];
  const build = ({ hows, order, localOrder, zip64End }: Packing): Buffer =>
    buildZip(
      order.map((i) => {
        const { descriptor, zip64, ...rest } = hows[i]!;
        return {
          name: `file${i}`,
          content: 'x'.repeat(20 * i),
          ...rest,
          ...(descriptor === undefined ? {} : { descriptor }),
          ...(zip64 === undefined ? {} : { zip64 }),
        };
      }),
      { localOrder, zip64End, comment: 'c' },
    );
  fc.assert(
    fc.property(packing, packing, (one, other) => {
      const first = fixed({ title: '', name: 'a.zip', bytes: build(one) });
      const second = fixed({ title: '', name: 'a.zip', bytes: build(other) });
      assert.deepEqual(Buffer.from(first), Buffer.from(second));
      assert.deepEqual(zipContent(first), zipContent(build(one)));
    }),
    { numRuns: 200 },
  );
});

const packers: readonly (readonly [program: string, name: string, script: string])[] = [
  ['zip', 'a.zip', 'find . ! -name . | $SORT | zip -q $HOW "$OUT" -@'],
  [
    'bsdtar',
    'a.zip',
    'bsdtar --format zip -cf "$OUT" --no-recursion $(find . ! -name . | cut -c3- | $SORT)',
  ],
  ['jar', 'a.jar', 'jar --create --file "$OUT" $(ls | $SORT)'],
  ['python3', 'a.zip', 'python3 -m zipfile -c "$OUT" $(ls | $SORT)'],
  ['python3', 'a.pyz', 'python3 -m zipapp -p /usr/bin/python3 -o "$OUT" .'],
];

for (const [program, name, script] of packers)
  test(
    `${name} packed twice by ${program} becomes one file`,
    { skip: needs(program, 'bash') },
    (t) => {
      const folder = tempFolder(t);
      const pack = (round: number): Uint8Array => {
        const root = join(folder, String(round));
        for (const path of ['d', 'e']) mkdirSync(join(root, path), { recursive: true });
        for (const path of ['__main__.py', 'd/b', 'e/c', 'd/program']) {
          const file = join(root, path);
          writeFileSync(file, `print()\n#${path.repeat(50)}`);
          chmodSync(file, (path === 'd/program' ? 0o777 : 0o666) & ~(round === 1 ? 0o022 : 0o077));
          utimesSync(file, 1_600_000_000 + round * 1e6, 1_500_000_000 + round * 1e6);
        }
        const out = join(folder, `${round}-${name}`);
        const env = {
          ...process.env,
          OUT: out,
          SORT: round === 1 ? 'sort' : 'sort -r',
          HOW: round === 1 ? '-X' : '',
        };
        execFileSync('bash', ['-c', `umask 0${round}7; ${script}`], { cwd: root, env });
        return readFileSync(out);
      };
      const [one, other] = [pack(1), pack(2)];
      assert.notDeepEqual(one, other);
      const results = [one, other].map((bytes) =>
        Buffer.from(fixed({ title: program, name, bytes })),
      );
      assert.deepEqual(results[0], results[1]);
    },
  );

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';

import type { Report } from '../../src/core/report.js';
import { diffSources } from '../helpers/diff-sources.js';
import { needs } from '../helpers/oracle.js';
import { tempFolder } from '../helpers/temp-tree.js';
import { runIn } from '../sources/contract.js';

/** Fields that differ and follow from nothing else, with their causes. */
const fieldsOf = ({ container }: Report): readonly string[] =>
  (container?.explanation?.counts ?? [])
    .filter(({ consequence }) => !consequence)
    .map(({ field, cause }) => `${field} ${cause}`)
    .toSorted();

const SKIP = { skip: needs('mksquashfs', 'unsquashfs') };
const TREE = `mkdir -p tree/folder
seq 1 20000 >tree/numbers; head -c 300000 /dev/urandom >tree/noise
for i in $(seq 1 40); do seq 1 $((i * 50)) >tree/folder/$i; done
find tree -exec touch -d @1600000000 {} +`;
const make = (image: string, options: string): string =>
  `mksquashfs tree ${image} -no-progress -quiet -noappend ${options} >/dev/null`;

async function pair(folder: string, script: string): Promise<Report> {
  runIn(folder, script);
  return diffSources(`squashfs:${join(folder, 'a')}`, `squashfs:${join(folder, 'b')}`);
}

test('two images of one tree differ in the time of mkfs alone', SKIP, async (t) => {
  const report = await pair(
    tempFolder(t),
    `${TREE}
unset SOURCE_DATE_EPOCH; ${make('a', '')}; sleep 1.1; ${make('b', '')}`,
  );
  assert.equal(report.container?.verdict, 'same-content');
  assert.equal(report.changes.length, 0);
  assert.deepEqual(fieldsOf(report), ['mkfs_time time.field']);
});

test(
  'the same image twice is identical with -mkfs-time, by one processor and by two',
  SKIP,
  async (t) => {
    const report = await pair(
      tempFolder(t),
      `${TREE}
${make('a', '-mkfs-time 1600000000 -processors 1')}; ${make('b', '-mkfs-time 1600000000 -processors 2')}`,
    );
    assert.equal(report.container?.verdict, 'identical');
  },
);

test('other times of files are named, with the paths, and nothing else', SKIP, async (t) => {
  const report = await pair(
    tempFolder(t),
    `${TREE}
${make('a', '-mkfs-time 1600000000')}; touch -d @1650000000 tree/noise tree/folder; ${make('b', '-mkfs-time 1600000001')}`,
  );
  assert.equal(report.container?.verdict, 'same-content');
  assert.deepEqual(
    report.changes.map(({ path }) => path),
    ['folder', 'noise'],
  );
  assert.deepEqual(fieldsOf(report), ['mkfs_time time.field', 'mtime time.field']);
});

test(
  'the same files at another level, in another block size, without fragments or padding',
  SKIP,
  async (t) => {
    const folder = tempFolder(t);
    runIn(folder, TREE);
    const time = '-mkfs-time 1600000000';
    const told = async (options: string): Promise<readonly string[]> => {
      const report = await pair(folder, `${make('a', time)}; ${make('b', `${time} ${options}`)}`);
      assert.equal(report.container?.verdict, 'same-content', options);
      assert.equal(report.changes.length, 0);
      return fieldsOf(report);
    };
    for (const options of [
      '-Xcompression-level 1',
      '-comp zstd',
      '-b 4096',
      '-no-fragments',
      '-noD',
    ])
      for (const field of await told(options)) assert.match(field, / codec\.level$/, options);
    assert.deepEqual(await told('-nopad'), ['padded_to codec.slack']);
  },
);

test('other contents are different', SKIP, async (t) => {
  const report = await pair(
    tempFolder(t),
    `${TREE}
${make('a', '')}; echo >>tree/numbers; ${make('b', '')}`,
  );
  assert.equal(report.container?.verdict, 'different');
  assert.deepEqual(
    report.changes.map(({ path }) => path),
    ['numbers'],
  );
});

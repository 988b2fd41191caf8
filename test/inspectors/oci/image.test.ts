import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { oci } from '../../../src/sources/oci/index.js';
import {
  file,
  folder,
  layoutFiles,
  writeLayout,
  type ImageSpec,
} from '../../helpers/build-image.js';
import { tempFolder } from '../../helpers/temp-tree.js';
import { lookInto, proveEveryByte, proveTruncation } from '../prove.js';

const IMAGE: ImageSpec = {
  layers: [
    { members: [folder('etc'), file('etc/a', 'hello\n', { mtime: 1_767_323_045 })] },
    {
      members: [file('b', 'x')],
      compression: 'none',
      annotations: { 'ostree.components': 'bash,glibc' },
    },
  ],
  config: {
    config: {
      Env: ['PATH=/usr/bin', 'API_TOKEN=hunter2'],
      Labels: { 'ostree.commit': 'a'.repeat(64) },
    },
    history: [{ created: '2026-03-04T05:06:07.5Z', created_by: 'COPY a' }],
  },
};

function documentOf(t: TestContext, image: ImageSpec): Buffer {
  const source = oci.open(writeLayout(tempFolder(t), layoutFiles(image)));
  const { bytes } = source.container!;
  const all = Buffer.from(bytes.read(0, bytes.size));
  source.close();
  return all;
}

test('an image is told level by level, with times as times and digests as digests', async (t) => {
  const { format, facts, problems } = await lookInto('image', documentOf(t, IMAGE));
  assert.equal(format, 'oci-image');
  assert.deepEqual(problems, []);
  const formats = facts.map((each) => each.facts.format);
  for (const wanted of ['oci-json', 'gzip', 'tar']) assert.ok(formats.includes(wanted), wanted);
  const image = facts.at(-1)!.facts;
  assert.deepEqual(
    image.tables[0]!.rows.map(({ key, part }) => [key, part?.format]),
    [
      ['index.json', 'oci-json'],
      ['manifest', 'oci-json'],
      ['config', 'oci-json'],
      ['layer 1', 'gzip'],
      ['layer bash,glibc', 'tar'],
    ],
  );
  const values = facts
    .filter((each) => each.facts.format === 'oci-json')
    .flatMap(({ facts: { tables } }) =>
      tables.flatMap(({ columns, rows }) =>
        rows.flatMap(({ key, values: cells }) =>
          cells.flatMap((value, i) => (value === null ? [] : [`${key} ${columns[i]!.kind}`])),
        ),
      ),
    );
  for (const wanted of [
    'created time',
    'history[].created time',
    'config.Env.API_TOKEN secret',
    'config.Env.PATH path',
    'rootfs.diff_ids[] digest',
    'layers[].digest digest',
    'layers[].size size',
    'config.Labels.ostree.commit digest',
  ])
    assert.ok(values.includes(wanted), `${wanted} in ${values.join('; ')}`);
  assert.ok(!JSON.stringify(facts).includes('hunter2'));
});

test('every byte of an image is in some fact', async (t) => {
  const bytes = documentOf(t, IMAGE);
  await proveEveryByte('image', bytes, 400);
  await proveTruncation('image', bytes, 100);
});

test('random damage to an image never throws', async (t) => {
  const bytes = documentOf(t, IMAGE);
  let seed = 7;
  for (let round = 0; round < 150; round++) {
    const changed = Buffer.from(bytes);
    for (let i = 0; i < 4; i++) {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      changed[seed % changed.length] = seed % 251;
    }
    await lookInto('image', changed);
  }
});

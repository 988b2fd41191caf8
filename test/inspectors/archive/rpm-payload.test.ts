import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { bufferAccess } from '../../../src/core/random-access.js';
import { readRpmHeader, RPM_TAG, RPM_TYPE } from '../../../src/formats/rpm-header.js';
import { inspectRpmPayload } from '../../../src/inspectors/archive/rpm-payload.js';
import type { InspectContext } from '../../../src/inspectors/define.js';
import { cpioArchive, cpioMember } from '../../formats/build-cpio.js';
import { buildRpmHeader, numbers, texts } from '../../formats/build-rpm-header.js';

const HEADER = readRpmHeader(
  buildRpmHeader(
    [
      texts(RPM_TAG.BASENAMES, ['one', 'two']),
      texts(RPM_TAG.DIRNAMES, ['/usr/']),
      numbers(RPM_TAG.DIRINDEXES, [0, 0]),
      numbers(RPM_TAG.FILEMODES, [0o100644, 0o100644], RPM_TYPE.INT16),
      numbers(RPM_TAG.FILEFLAGS, [0, 0]),
      numbers(RPM_TAG.FILEINODES, [1, 2]),
      numbers(RPM_TAG.FILEDEVICES, [1, 1]),
      numbers(RPM_TAG.FILESIZES, [1, 5]),
    ],
    [],
  ),
);

/** Parts that are only counted. */
const CONTEXT: InspectContext = {
  part: async (_, input) => {
    let size = 0;
    if (Symbol.asyncIterator in input) for await (const chunk of input) size += chunk.length;
    else size = input.size;
    return { size, digest: 'digest', format: null, skipped: null };
  },
  isSecret: () => false,
  spend: () => undefined,
  keyed: () => '',
  isTime: () => false,
  outputBudget: () => 1e6,
};

function stripped(index: number, data: string): Buffer {
  const head = Buffer.from(`07070X${index.toString(16).padStart(8, '0')}\0\0`);
  return Buffer.concat([head, Buffer.from(data), Buffer.alloc((4 - (data.length % 4)) % 4)]);
}

const TRAILER = cpioMember('newc', { name: 'TRAILER!!!' });

test('members that are numbers only have their names from the header of the package', async () => {
  const payload = Buffer.concat([stripped(1, 'hello'), stripped(0, 'x'), TRAILER]);
  for (const bytes of [payload, gzipSync(payload)]) {
    const { tables, problems } = await inspectRpmPayload(bufferAccess(bytes), HEADER, CONTEXT);
    assert.deepEqual(problems, []);
    assert.deepEqual(
      tables[0]!.rows.map(({ key, values, part }) => [key, values, part?.size]),
      [
        ['usr/two', [1], 5],
        ['usr/one', [0], 1],
      ],
    );
  }
});

test('members of a plain payload have the fields of their headers', async () => {
  const bytes = gzipSync(cpioArchive('newc', [{ name: './usr/one', data: 'x', mtime: 5 }]));
  const { tables, facts } = await inspectRpmPayload(bufferAccess(bytes), HEADER, CONTEXT);
  const mtime = tables[0]!.columns.findIndex(({ name }) => name === 'mtime');
  assert.equal(tables[0]!.rows[0]!.values[mtime], '5');
  assert.ok(facts.some(({ name }) => name === 'MTIME'));
});

test('a payload that is cut keeps the members before', async () => {
  const whole = cpioArchive('newc', [
    { name: 'a', data: 'x' },
    { name: 'b', data: 'y'.repeat(99) },
  ]);
  const bytes = bufferAccess(whole.subarray(0, 250));
  const { tables, problems, facts } = await inspectRpmPayload(bytes, HEADER, CONTEXT);
  assert.equal(tables[0]!.rows.length, 1);
  assert.equal(problems.length, 1);
  assert.ok(facts.some(({ name }) => name === 'payload'));
});

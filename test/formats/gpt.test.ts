import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { FormatError } from '../../src/core/errors.js';
import { bufferAccess } from '../../src/core/random-access.js';
import { readGpt, type GptImage } from '../../src/formats/gpt.js';
import { needs } from '../helpers/oracle.js';
import { gptSample } from './build-gpt.js';
import { proveFlips, proveMutations, proveTruncation } from './prove-parser.js';

const read = (bytes: Uint8Array): GptImage => readGpt(bufferAccess(bytes));

test('both tables are read with identifiers, names and checksums', () => {
  const { primary, backup, mbrDiskSignature, account } = read(gptSample());
  assert.deepEqual(account.problems, []);
  assert.equal(mbrDiskSignature, 0x11223344);
  for (const table of [primary, backup])
    assert.deepEqual(
      [table?.diskGuid, table?.headerCrcValid, table?.entriesCrcValid, table?.partitions.length],
      ['ccddeeff-aabb-8899-7766-554433221100', true, true, 1],
    );
  const { typeGuid, guid, name, firstSector, lastSector } = primary.partitions[0]!;
  assert.deepEqual(
    [typeGuid, guid, name, firstSector, lastSector],
    [
      'c12a7328-f81f-11d2-ba4b-00a0c93ec93b',
      '33221100-5544-7766-8899-aabbccddeeff',
      'EFI \u00e9',
      3n,
      4n,
    ],
  );
});

test('an image stands cuts, flips and mutations', () => {
  proveTruncation(gptSample(), read, 17);
  proveFlips(gptSample(), read, 3);
  proveMutations(gptSample(), read);
});

test('a changed byte of header or entries breaks a checksum', () => {
  for (const at of [512 + 60, 1024 + 20]) {
    const bytes = Buffer.from(gptSample());
    bytes[at]! ^= 1;
    const { primary } = read(bytes);
    assert.deepEqual([primary.headerCrcValid, primary.entriesCrcValid], [at > 1024, at < 1024]);
  }
});

test('other files are refused', () => {
  assert.throws(() => read(Buffer.alloc(5000)), FormatError);
});

test('sfdisk tells the same of the table that it made', { skip: needs('sfdisk') }, (t) => {
  const root = mkdtempSync(join(tmpdir(), 'gpt-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const image = join(root, 'image');
  writeFileSync(image, '');
  truncateSync(image, 8 << 20);
  execFileSync('sfdisk', ['-q', image], {
    input: 'label: gpt\nsize=2MiB, type=U, name="EFI system"\nsize=1MiB, type=L, name="root"\n',
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const { primary, backup, account } = read(readFileSync(image));
  assert.deepEqual(account.problems, []);
  const told = JSON.parse(execFileSync('sfdisk', ['-J', image], { encoding: 'utf8' })) as {
    partitiontable: { id: string; partitions: Record<string, string | number>[] };
  };
  for (const table of [primary, backup]) {
    assert.equal(table?.diskGuid.toUpperCase(), told.partitiontable.id);
    assert.deepEqual([table?.headerCrcValid, table?.entriesCrcValid], [true, true]);
    assert.deepEqual(
      table?.partitions.map((one) => [
        one.typeGuid.toUpperCase(),
        one.guid.toUpperCase(),
        one.name,
        Number(one.firstSector),
        Number(one.lastSector - one.firstSector) + 1,
      ]),
      told.partitiontable.partitions.map((one) => [
        one['type'],
        one['uuid'],
        one['name'],
        one['start'],
        one['size'],
      ]),
    );
  }
});

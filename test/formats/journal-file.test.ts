import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { FormatError } from '../../src/core/errors.js';
import { bufferAccess } from '../../src/core/random-access.js';
import { readJournal, type JournalFile } from '../../src/formats/journal-file.js';
import { needs } from '../helpers/oracle.js';
import { journalFileSample } from './build-journal-file.js';
import { proveFlips, proveMutations, proveTruncation } from './prove-parser.js';

const read = (bytes: Uint8Array): JournalFile => readJournal(bufferAccess(bytes));

for (const headerSize of [208, 240, 272]) {
  test(`a journal with a header of ${headerSize} bytes is read`, () => {
    const found = read(journalFileSample(headerSize));
    assert.deepEqual(found.account.problems, []);
    assert.deepEqual(
      found.objects.map(({ kind, offset, length }) => [kind, offset - headerSize, length]),
      [
        ['field', 0, 47],
        ['data', 48, 70],
        ['entry', 120, 72],
      ],
    );
    const { seqnum, realtimeUs, bootId } = found.entries[0]!;
    assert.deepEqual(
      [seqnum, realtimeUs, bootId, found.headRealtimeUs],
      [7n, 1600n, 'ffeeddcc-bbaa-9988-7766-554433221100', 1600n],
    );
    const named = found.account.fields.reduce((sum, { length }) => sum + length, 0);
    assert.equal(named, headerSize);
  });

  test(`a journal with a header of ${headerSize} bytes stands cuts, flips and mutations`, () => {
    proveTruncation(journalFileSample(headerSize), read);
    proveFlips(journalFileSample(headerSize), read);
    proveMutations(journalFileSample(headerSize), read);
  });
}

test('other files are refused', () => {
  assert.throws(() => read(Buffer.alloc(300)), FormatError);
});

test(
  'journalctl tells the same of a journal that systemd wrote',
  { skip: needs('journalctl', '../lib/systemd/systemd-journal-remote') },
  (t) => {
    const root = mkdtempSync(join(tmpdir(), 'journal-'));
    t.after(() => rmSync(root, { recursive: true, force: true }));
    const file = join(root, 'a.journal');
    const entries = [0, 1, 2].map(
      (i) =>
        `__REALTIME_TIMESTAMP=160000000${i}000000\n__MONOTONIC_TIMESTAMP=${1000 * i}\n` +
        `_BOOT_ID=00112233445566778899aabbccddeeff\nMESSAGE=message ${i}\n\n`,
    );
    execFileSync('/usr/lib/systemd/systemd-journal-remote', ['-o', file, '-'], {
      input: entries.join(''),
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    const found = read(readFileSync(file));
    assert.deepEqual(found.account.problems, []);
    const told = execFileSync('journalctl', ['--file', file, '--header'], { encoding: 'utf8' });
    const field = (name: string): string | undefined =>
      new RegExp(`^${name}: (.*)$`, 'm').exec(told)?.[1];
    const plain = (uuid: string): string => uuid.replaceAll('-', '');
    assert.equal(plain(found.fileId), field('File ID'));
    assert.equal(plain(found.machineId), field('Machine ID'));
    assert.equal(plain(found.bootId), field('Boot ID'));
    assert.equal(plain(found.seqnumId), field('Sequential number ID'));
    assert.equal(String(found.objects.length), field('Objects'));
    assert.equal(String(found.entries.length), field('Entry objects'));
    assert.equal(
      String(found.objects.filter(({ kind }) => kind === 'data').length),
      field('Data objects'),
    );
    const exported = execFileSync('journalctl', ['--file', file, '-o', 'export'], {
      encoding: 'utf8',
    });
    assert.deepEqual(
      found.entries.map(({ realtimeUs }) => String(realtimeUs)),
      [...exported.matchAll(/^__REALTIME_TIMESTAMP=(\d+)$/gm)].map((line) => line[1]),
    );
  },
);

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { FormatError } from '../../src/core/errors.js';
import { readSystemdCatalog } from '../../src/formats/systemd-catalog.js';
import { needs } from '../helpers/oracle.js';
import { IDS, systemdCatalogSample } from './build-systemd-catalog.js';
import { proveFlips, proveMutations, proveTruncation } from './prove-parser.js';

test('items are read with id, language and text', () => {
  const { items, account } = readSystemdCatalog(systemdCatalogSample(['one text', 'ein Text']));
  assert.deepEqual(account.problems, []);
  assert.deepEqual(account.gaps, []);
  assert.deepEqual(
    items.map(({ id, language, text }) => [id, language, text]),
    [
      [IDS[0], '', 'one text'],
      [IDS[1], 'de', 'ein Text'],
    ],
  );
});

test('longer items of a later version are read, and what is new in them is a gap', () => {
  const { items, account } = readSystemdCatalog(systemdCatalogSample(['a', 'b'], 64));
  assert.deepEqual(
    items.map(({ text }) => text),
    ['a', 'b'],
  );
  assert.deepEqual(
    account.gaps.map(({ length }) => length),
    [8, 8],
  );
});

test('the database stands cuts, flips and mutations', () => {
  const bytes = systemdCatalogSample(['one text', 'ein Text', 'a third']);
  proveTruncation(bytes, readSystemdCatalog);
  proveFlips(bytes, readSystemdCatalog);
  proveMutations(bytes, readSystemdCatalog);
});

test('other files are refused', () => {
  assert.throws(() => readSystemdCatalog(Buffer.from('KSLPHHRH')), FormatError);
});

test(
  'the database that journalctl writes has the texts it was made of',
  { skip: needs('journalctl') },
  (t) => {
    const root = mkdtempSync(join(tmpdir(), 'catalog-'));
    t.after(() => rmSync(root, { recursive: true, force: true }));
    mkdirSync(join(root, 'usr/lib/systemd/catalog'), { recursive: true });
    mkdirSync(join(root, 'var/lib/systemd/catalog'), { recursive: true });
    const entry = (id: string, text: string): string =>
      `-- ${id.replaceAll('-', '')}\nSubject: ${text}\n\nMore of ${text}.\n\n`;
    writeFileSync(
      join(root, 'usr/lib/systemd/catalog/a.catalog'),
      entry(IDS[0]!, 'a') + entry(IDS[1]!, 'b'),
    );
    writeFileSync(join(root, 'usr/lib/systemd/catalog/a.de.catalog'), entry(IDS[1]!, 'c'));
    execFileSync('journalctl', [`--root=${root}`, '--update-catalog'], { stdio: 'ignore' });
    const bytes = readFileSync(join(root, 'var/lib/systemd/catalog/database'));
    const { items, account } = readSystemdCatalog(bytes);
    assert.deepEqual(account.problems, []);
    assert.deepEqual(
      items.map(({ id, language, text }) => [id, language, text.split('\n')[0]]),
      [
        [IDS[0], '', 'Subject: a'],
        [IDS[1], '', 'Subject: b'],
        [IDS[1], 'de', 'Subject: c'],
      ],
    );
    proveFlips(bytes, readSystemdCatalog);
  },
);

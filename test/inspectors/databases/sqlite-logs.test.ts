import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import Database from 'better-sqlite3';

import { tempFolder } from '../../helpers/temp-tree.js';
import { everyDifference } from '../every-difference.js';
import { lookInto, proveEveryByte, proveTruncation } from '../prove.js';

/** What lies beside a database within or after a few transactions. */
function log(t: TestContext, mode: 'wal' | 'persist' | 'open', value = 'x'): Buffer {
  const file = join(tempFolder(t), 'a.db');
  const database = new Database(file);
  database.pragma(`journal_mode=${mode === 'wal' ? 'wal' : 'persist'}`);
  database.pragma('page_size=512');
  database.exec('CREATE TABLE a (k TEXT PRIMARY KEY, v TEXT)');
  database.exec(`INSERT INTO a VALUES ('one', '${value}'), ('two', 'y')`);
  if (mode === 'open') database.exec(`BEGIN; PRAGMA cache_spill=1; DELETE FROM a`);
  const bytes = readFileSync(`${file}${mode === 'wal' ? '-wal' : '-journal'}`);
  database.close();
  return bytes;
}

test('every byte of a write-ahead log is in some fact', async (t) => {
  const bytes = log(t, 'wal');
  const { format, problems, facts } = await lookInto('a.db-wal', bytes);
  assert.deepEqual([format, problems], ['sqlite-wal', []]);
  assert.ok(facts[0]!.facts.tables[0]!.rows.length >= 3);
  await proveEveryByte('a.db-wal', bytes, 800);
  await proveTruncation('a.db-wal', bytes, 60);
});

test('logs of two databases differ in salts, and in what follows from them', async (t) => {
  const found = await everyDifference('a.db-wal', log(t, 'wal'), log(t, 'wal'));
  assert.deepEqual(
    found.filter((each) => !each.endsWith(' checksum')),
    ['salt-1 random', 'salt-2 random'].filter((each) => found.includes(each)),
  );
  const other = await everyDifference('a.db-wal', log(t, 'wal'), log(t, 'wal', 'z'));
  assert.ok(other.includes('frames!page 2!content opaque'));
});

test('every byte of a journal is in some fact', async (t) => {
  const bytes = Buffer.from(log(t, 'open'));
  // The header is written last: here as it is when pages have to be put back.
  Buffer.from('d9d505f920a163d7', 'hex').copy(bytes);
  const { format, problems } = await lookInto('a.db-journal', bytes);
  assert.deepEqual([format, problems], ['sqlite-journal', []]);
  await proveEveryByte('a.db-journal', bytes, 800);
  await proveTruncation('a.db-journal', bytes, 60);
});

test('a journal of a transaction that ended is bytes', async (t) => {
  assert.equal((await lookInto('a.db-journal', log(t, 'persist'))).format, 'blocks');
});

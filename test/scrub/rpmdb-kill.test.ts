/** What SQLite and rpm make of every state that a kill can leave; the reasoning is at the head of `rpmdb-plan.ts`. */

import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';

import Database from 'better-sqlite3';

import type { Edit } from '../../src/core/edit.js';
import { RPM_TAG, readRpmHeader, rpmNumber, rpmString } from '../../src/formats/rpm-header.js';
import { addPackage, createRpmdb, type TestPackage } from '../formats/build-rpmdb.js';
import { needs, needsRoot } from '../helpers/oracle.js';
import { tempFolder, tempTree } from '../helpers/temp-tree.js';
import {
  buildRpms,
  DATABASE,
  installRpms,
  RPM_FOLDER,
  rpm,
  rpmdb as rpmdbTool,
} from '../packages/rpm-root.js';
import { applyEdit, planRpmRules } from './rpmdb-edits.js';

const EPOCH = 1700000000;
const OLD = 1800000000;
const PACKAGES: readonly TestPackage[] = ['one', 'two', 'three', 'four'].map((name) => ({
  name,
  installTime: OLD,
  installTid: OLD,
  files: Array.from({ length: 120 }, (_, i) => ({ path: `/usr/share/${name}/${i}` })),
}));

/** SQLite's own view of a copy of the folder: sound, and each package with its install time. */
function asSqliteShowsIt(t: TestContext, root: string, readonly: boolean): string[] {
  const copy = join(tempFolder(t), 'copy');
  cpSync(join(root, dirname(DATABASE)), copy, { recursive: true });
  const database = new Database(join(copy, 'rpmdb.sqlite'), { readonly });
  try {
    assert.equal(database.pragma('integrity_check', { simple: true }), 'ok');
    const blobs = database.prepare('SELECT blob FROM Packages ORDER BY hnum').pluck().all();
    return blobs.map((blob) => {
      const header = readRpmHeader(blob as Buffer);
      return `${rpmString(header, RPM_TAG.NAME)} ${rpmNumber(header, RPM_TAG.INSTALLTIME)}`;
    });
  } finally {
    database.close();
  }
}

/** Databases with a log that is full, half taken in, empty, or of an earlier life. */
const LOGS: Readonly<Record<string, (database: Database.Database) => void>> = {
  'everything in the log': (database) => addAll(database, PACKAGES),
  'half of it checkpointed': (database) => {
    addAll(database, PACKAGES.slice(0, 2));
    database.pragma('wal_checkpoint(PASSIVE)');
    addAll(database, PACKAGES.slice(2));
  },
  'all of it checkpointed, the frames still there': (database) => {
    addAll(database, PACKAGES);
    database.pragma('wal_checkpoint(PASSIVE)');
  },
  'an empty log': (database) => {
    addAll(database, PACKAGES);
    database.pragma('wal_checkpoint(TRUNCATE)');
  },
  'a log begun anew over old frames': (database) => {
    addAll(database, PACKAGES.slice(0, 3));
    database.pragma('wal_checkpoint(RESTART)');
    addAll(database, PACKAGES.slice(3));
  },
};

function addAll(database: Database.Database, items: readonly TestPackage[]): void {
  for (const item of items) addPackage(database, item);
}

function rootWith(
  t: TestContext,
  fill: (database: Database.Database) => void,
  sidecars: readonly string[],
): string {
  const root = tempTree(t, { [RPM_FOLDER]: null });
  const file = join(tempFolder(t), 'rpmdb.sqlite');
  const database = createRpmdb(file, []);
  fill(database);
  for (const suffix of ['', ...sidecars])
    cpSync(`${file}${suffix}`, join(root, `${DATABASE}${suffix}`));
  database.close();
  return root;
}

const BEFORE = PACKAGES.map(({ name }) => `${name} ${OLD}`);
const AFTER = PACKAGES.map(({ name }, i) => `${name} ${EPOCH + i}`);

for (const [title, fill] of Object.entries(LOGS))
  for (const sidecars of [['-wal', '-shm'], ['-wal']])
    for (const epoch of [EPOCH, null])
      test(`A kill after any edit leaves a right database: ${title}, ${sidecars.join(' ')}, ${epoch === null ? 'no epoch' : 'an epoch'}`, (t) => {
        const root = rootWith(t, fill, sidecars);
        assert.deepEqual(asSqliteShowsIt(t, root, false), BEFORE);
        let isNew = false;
        for (const edit of planRpmRules(root, epoch).edits) {
          applyEdit(root, edit);
          for (const readonly of [false, true]) {
            const shown = asSqliteShowsIt(t, root, readonly);
            // From the old times to the new ones, once, and nothing else in between.
            const expected: readonly string[] =
              epoch !== null && (isNew || shown[0] === AFTER[0]) ? AFTER : BEFORE;
            assert.deepEqual(shown, expected);
            isNew ||= expected === AFTER;
          }
          // Another run goes on from here and ends at the same bytes.
          const again = join(tempFolder(t), 'again');
          cpSync(root, again, { recursive: true });
          for (const rest of planRpmRules(again, epoch).edits) applyEdit(again, rest);
          assert.deepEqual(asSqliteShowsIt(t, again, true), epoch === null ? BEFORE : AFTER);
        }
        assert.equal(isNew, epoch !== null);
      });

test('New content beside the old log would be corruption: the order is needed', (t) => {
  const root = rootWith(t, LOGS['half of it checkpointed']!, ['-wal', '-shm']);
  const { edits } = planRpmRules(root, EPOCH);
  const last = edits.filter(({ kind }) => kind === 'rewrite').at(-1) as Edit & {
    readonly content: Uint8Array;
  };
  writeFileSync(join(root, DATABASE), last.content);
  assert.equal(readFileSync(join(root, DATABASE))[18], 1);
  let isRight: boolean;
  try {
    isRight = asSqliteShowsIt(t, root, false).join() === AFTER.join();
  } catch {
    isRight = false;
  }
  assert.equal(isRight, false);
});

test(
  'rpm itself reads every state that a kill can leave',
  { skip: needs('rpm', 'rpmbuild', 'rpmdb') || needsRoot() },
  (t) => {
    const installed = installRpms(t, [buildRpms()]);
    // A log with frames in it, as a copy of a running system has.
    const database = new Database(join(installed, DATABASE));
    database.pragma('journal_mode = wal');
    database.pragma('wal_autocheckpoint = 0');
    database.exec(
      'CREATE TABLE extra (a); INSERT INTO extra VALUES (zeroblob(20000)); DROP TABLE extra',
    );
    const root = join(tempFolder(t), 'root');
    cpSync(installed, root, { recursive: true, verbatimSymlinks: true });
    database.close();

    const told = (): readonly string[] => {
      const copy = join(tempFolder(t), 'root');
      cpSync(root, copy, { recursive: true, verbatimSymlinks: true });
      rpmdbTool(copy, '--verifydb');
      return rpm(copy, '-qa').trimEnd().split('\n').toSorted();
    };
    const before = told();
    assert.equal(before.length, 3);
    const { edits } = planRpmRules(root, EPOCH);
    assert.deepEqual(
      edits.filter(({ rule }) => rule === 'rpmdb').map(({ kind }) => kind),
      ['rewrite', 'remove', 'rewrite', 'remove'],
    );
    for (const edit of edits) {
      applyEdit(root, edit);
      assert.deepEqual(told(), before);
    }
  },
);

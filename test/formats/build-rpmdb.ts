/** Databases with rpm's tables, written by SQLite; only what the code under test looks at is filled. */

import Database from 'better-sqlite3';

import { RPM_TAG, RPM_TYPE } from '../../src/formats/rpm-header.js';
import { buildRpmHeader, numbers, text, texts, type TagValue } from './build-rpm-header.js';

export interface TestPackage {
  readonly name: string;
  readonly epoch?: number;
  readonly installTime?: number;
  readonly installTid?: number;
  readonly files?: readonly TestFile[];
}

export interface TestFile {
  /** Absolute. */
  readonly path: string;
  readonly digest?: string;
  readonly flags?: number;
  readonly verify?: number;
  readonly state?: number;
}

export function packageHeader(item: TestPackage): Buffer {
  const files = item.files ?? [];
  const directories = [
    ...new Set(files.map(({ path }) => path.slice(0, path.lastIndexOf('/') + 1))),
  ];
  const perFile = (tag: number, of: (file: TestFile) => number): TagValue[] =>
    files.length === 0 ? [] : [numbers(tag, files.map(of))];
  return buildRpmHeader(
    [
      text(RPM_TAG.NAME, item.name),
      text(RPM_TAG.VERSION, '1.0'),
      text(RPM_TAG.RELEASE, '2'),
      ...(item.epoch === undefined ? [] : [numbers(RPM_TAG.EPOCH, [item.epoch])]),
      text(RPM_TAG.ARCH, 'noarch'),
      ...perFile(RPM_TAG.FILEMTIMES, () => 1577836800),
      ...(files.length === 0
        ? []
        : [
            texts(
              RPM_TAG.FILEDIGESTS,
              files.map(({ digest = '' }) => digest),
            ),
          ]),
      ...perFile(RPM_TAG.FILEFLAGS, ({ flags = 0 }) => flags),
      ...perFile(RPM_TAG.FILEVERIFYFLAGS, ({ verify = 0xffffffff }) => verify),
      ...perFile(RPM_TAG.DIRINDEXES, ({ path }) =>
        directories.indexOf(path.slice(0, path.lastIndexOf('/') + 1)),
      ),
      ...(files.length === 0
        ? []
        : [
            texts(
              RPM_TAG.BASENAMES,
              files.map(({ path }) => path.slice(path.lastIndexOf('/') + 1)),
            ),
            texts(RPM_TAG.DIRNAMES, directories),
          ]),
      numbers(RPM_TAG.FILEDIGESTALGO, [8]),
    ],
    [
      numbers(RPM_TAG.INSTALLTIME, [item.installTime ?? 1800000000]),
      ...(files.length === 0
        ? []
        : [
            numbers(
              RPM_TAG.FILESTATES,
              files.map(({ state = 0 }) => state),
              RPM_TYPE.CHAR,
            ),
          ]),
      numbers(RPM_TAG.INSTALLTID, [item.installTid ?? 1800000000]),
    ],
  );
}

/** Opens `file` (or memory) with rpm's schema and adds packages, one transaction each. */
export function createRpmdb(
  file: string,
  items: readonly TestPackage[],
  options: { readonly bigEndian?: boolean; readonly journal?: 'wal' | 'delete' } = {},
): Database.Database {
  const database = new Database(file);
  database.pragma(`journal_mode = ${options.journal ?? 'wal'}`);
  database.pragma('wal_autocheckpoint = 0');
  database.exec(`
    CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL);
    CREATE TABLE 'Name' (key 'TEXT' NOT NULL, hnum INTEGER NOT NULL, idx INTEGER NOT NULL);
    CREATE INDEX 'Name_key_idx' ON 'Name'(key ASC);
    CREATE TABLE 'Installtid' (key 'BLOB' NOT NULL, hnum INTEGER NOT NULL, idx INTEGER NOT NULL);`);
  for (const item of items) addPackage(database, item, options.bigEndian ?? false);
  return database;
}

export function addPackage(
  database: Database.Database,
  item: TestPackage,
  bigEndian = false,
): void {
  const key = Buffer.alloc(4);
  if (bigEndian) key.writeUInt32BE(item.installTid ?? 1800000000);
  else key.writeUInt32LE(item.installTid ?? 1800000000);
  database.transaction(() => {
    const { lastInsertRowid: number } = database
      .prepare('INSERT INTO Packages (blob) VALUES (?)')
      .run(packageHeader(item));
    database.prepare('INSERT INTO Name VALUES (?, ?, 0)').run(item.name, number);
    database.prepare('INSERT INTO Installtid VALUES (?, ?, 0)').run(key, number);
  })();
}

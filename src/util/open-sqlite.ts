/**
 * Opens SQLite databases whose native objects live as long as the process.
 *
 * From 24.19 on, Node's ObjectWrap takes back a cleanup hook in its destructor, and aborts the process when the garbage
 * collector runs it outside of a JavaScript context. better-sqlite3 before 13, the last line that runs on Node 20,
 * derives databases, statements and iterators from it. So none of them may ever become garbage. Closing a database
 * still frees what it and its statements hold; what stays are small empty shells.
 */

import Database from 'better-sqlite3';

const retained: object[] = [];

interface NativeDatabase {
  prepare(...args: readonly unknown[]): object;
}

/** A file name, `:memory:`, or the bytes of a database; as better-sqlite3's constructor. */
export function openSqlite(
  source: string | Buffer,
  options: Database.Options = {},
): Database.Database {
  const database = new Database(source, options);
  const native = nativeOf(database);
  const prepare = native.prepare.bind(native);
  native.prepare = (...args) => retainStatement(prepare(...args));
  retained.push(database, native);
  return database;
}

/** The native object hangs on the public one under a symbol of better-sqlite3's own. */
function nativeOf(database: Database.Database): NativeDatabase {
  for (const symbol of Object.getOwnPropertySymbols(database)) {
    const value: unknown = Reflect.get(database, symbol);
    if (isNativeDatabase(value)) return value;
  }
  throw new Error('better-sqlite3 no longer keeps its native object under a symbol');
}

function isNativeDatabase(value: unknown): value is NativeDatabase {
  return (
    typeof value === 'object' &&
    value !== null &&
    'prepare' in value &&
    typeof value.prepare === 'function'
  );
}

function retainStatement(statement: object): object {
  retained.push(statement);
  const iterate: unknown = Reflect.get(statement, 'iterate');
  if (typeof iterate === 'function') {
    Reflect.set(statement, 'iterate', (...args: readonly unknown[]): object => {
      const iterator = Reflect.apply(iterate, statement, args) as object;
      retained.push(iterator);
      return iterator;
    });
  }
  return statement;
}

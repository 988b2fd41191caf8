/**
 * Nothing that was planted comes out: not as it is, not encoded, and not as a digest that a guess could be held against. What is allowed:
 * the length of a secret, keyed digests in the store, and the digests of whole files that the manifest is made of.
 */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { before, test, type TestContext } from 'node:test';
import { crc32, inflateRawSync } from 'node:zlib';

import Database from 'better-sqlite3';

import { diffBuilds } from '../../src/diff/index.js';
import { classify } from '../../src/scrub/catalogue/index.js';
import { openStore } from '../../src/store/index.js';
import { ASCII_GLYPHS } from '../../src/tui/text/glyphs.js';
import { lineText } from '../../src/tui/text/line.js';
import { changeDetail } from '../../src/tui/view-models/change-detail.js';
import { createModel, findingOf } from '../../src/tui/view-models/model.js';
import { loadXxh64, xxh64Hex } from '../../src/util/xxh64.js';
import { run } from '../cli/helpers.js';
import { tempFolder } from '../helpers/temp-tree.js';
import { plantSecrets, type Planted } from './plant-secrets.js';

const SEEDS = ['first', 'second'] as const;

before(loadXxh64);

interface Recorded {
  readonly cwd: string;
  readonly store: string;
  readonly planted: readonly Planted[];
  readonly paths: readonly string[];
}

/** Two builds with other secrets, with all that can be kept of them. The tree of the second is there until `leave`. */
function record(t: TestContext): Recorded {
  const cwd = tempFolder(t);
  const planted = SEEDS.map((seed) => plantSecrets(seed, cwd));
  for (const [i, { files }] of planted.entries()) {
    for (const [path, content] of files) {
      mkdirSync(join(cwd, 'tree', dirname(path)), { recursive: true });
      writeFileSync(join(cwd, 'tree', path), content);
    }
    mkdirSync(join(cwd, 'tree/usr'), { recursive: true });
    const flags = ['--inspect', 'all', '--keep-content', '100M', '--stream', 's', '--db', 's.db'];
    const { status, stderr, stdout } = run(cwd, [
      'snapshot',
      'tree',
      '--build',
      SEEDS[i]!,
      ...flags,
      '--json',
    ]);
    assert.equal(status, 0, stderr);
    new Search(planted).text('snapshot', stdout);
  }
  return { cwd, store: join(cwd, 's.db'), planted, paths: [...planted[0]!.files.keys()] };
}

test('what is planted is found where it is', (t) => {
  const planted = plantSecrets(SEEDS[0], tempFolder(t));
  const search = new Search([planted]);
  for (const [path, content] of planted.files)
    if (!/gz$|img$|zip$|machine-id$/.test(path))
      assert.throws(() => search.bytes(path, content), path);
  for (const value of planted.values)
    for (const [, digest] of digestsOf(value))
      assert.throws(() => search.text('', `a ${digest} b`));
});

test('no secret is in the store, in whatever form', (t) => {
  const { store, planted } = record(t);
  const search = new Search(planted);
  search.bytes('the file', readFileSync(store));
  const database = new Database(store, { readonly: true });
  const tables = database
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
    .pluck()
    .all() as string[];
  let cells = 0;
  for (const table of tables)
    for (const row of database.prepare(`SELECT * FROM "${table}"`).raw().iterate() as Iterable<
      unknown[]
    >)
      for (const cell of row) {
        cells++;
        if (typeof cell === 'string') search.text(table, cell);
        if (Buffer.isBuffer(cell)) for (const bytes of decoded(cell)) search.bytes(table, bytes);
      }
  database.close();
  assert.ok(cells > 1000);
});

test('no secret is shown by any command, whether the tree is there or not', (t) => {
  const { cwd, planted, paths } = record(t);
  const search = new Search(planted);
  const said = (args: readonly string[], statuses: readonly number[]): void => {
    const { status, stdout, stderr } = run(cwd, [...args, '--db', 's.db']);
    assert.ok(statuses.includes(status ?? -1), `${args.join(' ')}: ${status} ${stderr}`);
    search.text(args.slice(0, 4).join(' '), stdout);
    search.text(args.slice(0, 4).join(' '), stderr);
  };
  const show = (): void => {
    for (const format of [['--format', 'json'], ['--all'], []])
      said(['diff', 'first', 'second', ...format], [1]);
    said(['diff', 'first', 'second', ...paths.flatMap((path) => ['--content', path])], [1, 4]);
  };
  said(['inspect', ...paths.map((path) => join('tree', path)), '--json'], [0, 4]);
  said(['inspect', ...paths.map((path) => join('tree', path)), '--all'], [0, 4]);
  show();
  rmSync(join(cwd, 'tree'), { recursive: true });
  show();
  for (const format of ['--json', '--all'])
    said(['inspect', ...paths.map((path) => `second:${path}`), format], [0, 4]);
  said(['show', 'second'], [0]);
  said(['show', 'second', '--json'], [0]);
  said(['export', 'second'], [0]);
});

test('no secret is on any page of the terminal interface, and none in the report behind it', async (t) => {
  const { store: location, planted } = record(t);
  const store = await openStore(location, { mode: 'read' });
  const [old, now] = [await store.read('first'), await store.read('second')];
  const report = await diffBuilds(
    { reader: old, location },
    { reader: now, location },
    { classify },
  );
  await store.close();
  const search = new Search(planted);
  search.text(
    'report',
    JSON.stringify(report, (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    ),
  );
  // Not even keyed digests: they would be of no use to anybody.
  const secrets = report.changes.flatMap(({ explanation }) =>
    (explanation?.changes ?? []).filter(({ kind }) => kind === 'secret'),
  );
  assert.ok(secrets.length > 20);
  for (const { before: was, after: is, witness } of secrets)
    for (const value of [was, is, witness?.before, witness?.after])
      assert.match(value ?? 'none', /^(?:\(secret(?:, [\d,]+ bytes?)?\)|none)$/);
  const model = createModel(report, ASCII_GLYPHS);
  for (const [at, change] of report.changes.entries())
    search.text(
      change.path,
      changeDetail(change, findingOf(model, at), 200, ASCII_GLYPHS).map(lineText).join('\n'),
    );
});

test('what is shown of a secret is its length, also inside of archives', (t) => {
  const { cwd } = record(t);
  const { stdout } = run(cwd, ['diff', 'first', 'second', '--format', 'json', '--db', 's.db']);
  const { changes } = JSON.parse(stdout) as {
    changes: {
      path: string;
      explanation: { changes: { chain: { name: string }[]; kind: string; after: string }[] };
    }[];
  };
  const of = (path: string, member: string) =>
    changes
      .find((change) => change.path === path)!
      .explanation.changes.find(
        ({ chain, kind }) => kind === 'secret' && chain.at(-1)?.name === member,
      )?.after;
  assert.equal(of('srv/a.tar', 'key.bin'), '(secret, 48 bytes)');
  assert.equal(of('srv/a.zip', 'k'), '(secret, 32 bytes)');
});

/** The cell, what its body holds, and that inflated. */
function* decoded(cell: Buffer): Generator<Buffer> {
  yield cell;
  for (const body of [cell, cell.subarray(1)])
    try {
      yield inflateRawSync(body);
    } catch {
      // Most cells are digests.
    }
}

interface Needle {
  readonly what: string;
  readonly bytes: Buffer;
}

/** Looks for every secret in every form. */
class Search {
  readonly #literal: readonly Needle[];
  /** The first 16 digits of digests, and whole ones that are shorter. */
  readonly #digests: ReadonlyMap<string, string>;
  readonly #binary: readonly Needle[];

  constructor(planted: readonly Planted[]) {
    const secrets = planted.flatMap((each) => [...each.secrets]);
    this.#literal = secrets.flatMap(([name, secret]) =>
      literals(secret.subarray(0, 64)).map(([form, text]) => ({
        what: `${name} as ${form}`,
        bytes: Buffer.from(text, 'latin1'),
      })),
    );
    const digests = planted
      .flatMap(({ values }) => values)
      .flatMap((value) =>
        digestsOf(value).map(([form, digest]) => ({
          what: `${form} of ${value.toString('latin1').slice(0, 60)}`,
          digest,
        })),
      );
    this.#digests = new Map(digests.map(({ what, digest }) => [digest.slice(0, 16), what]));
    const long = [...this.#digests].filter(([digest]) => digest.length === 16);
    this.#binary = [
      ...this.#literal,
      ...long.map(([digest, what]) => ({ what, bytes: Buffer.from(digest) })),
      ...long.map(([digest, what]) => ({ what, bytes: Buffer.from(digest, 'hex') })),
    ];
  }

  text(where: string, text: string): void {
    const bytes = Buffer.from(text);
    for (const { what, bytes: needle } of this.#literal)
      assert.equal(bytes.includes(needle), false, `${where} tells ${what}`);
    for (const [digits] of text.matchAll(/[0-9a-f]{8,}/g)) {
      const what = this.#digests.get(digits.slice(0, 16));
      assert.equal(what, undefined, `${where} tells ${what}`);
    }
  }

  bytes(where: string, bytes: Buffer): void {
    for (const { what, bytes: needle } of this.#binary)
      assert.equal(bytes.includes(needle), false, `${where} tells ${what}`);
  }
}

/** base64 at each of its three places, without the ends that depend on what stands around. */
function literals(secret: Buffer): readonly (readonly [string, string])[] {
  const base64 = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), secret])
      .toString('base64')
      .replace(/=+$/, '');
    return ['base64', text.slice(shift === 0 ? 0 : 4, -1)] as const;
  });
  return [['it is', secret.toString('latin1')], ['hex', secret.toString('hex')], ...base64];
}

/** Hexadecimal, 8 digits and more. */
function digestsOf(value: Buffer): readonly (readonly [string, string])[] {
  const sums = ['sha256', 'sha1', 'md5', 'sha512'].map(
    (name) => [name, createHash(name).update(value).digest('hex')] as const,
  );
  const crc = crc32(value);
  const xxh64 = xxh64Hex(value);
  return [
    ...sums,
    ['xxh64', xxh64],
    ['first half of xxh64', xxh64.slice(0, 8)],
    ['crc-32', crc.toString(16).padStart(8, '0')],
    ['crc-32, decimal', String(crc).padStart(8, '0')],
  ];
}

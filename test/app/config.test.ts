/** Configuration files: what they may say, that the published schema says the same, and where trouble is told to be. */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { Ajv } from 'ajv';
import fc from 'fast-check';

import { loadConfig, parseConfig } from '../../src/app/config.js';
import type { Config } from '../../src/app/config-shape.js';
import { AuditError } from '../../src/core/errors.js';
import { repositoryRoot } from '../helpers/repository-root.js';
import { tempFolder } from '../helpers/temp-tree.js';

const schema = JSON.parse(
  readFileSync(join(repositoryRoot(), 'docs/schema/config-1.json'), 'utf8'),
) as object;
const isValid = new Ajv({ strict: false }).compile(schema);

const FULL = {
  version: 1,
  profile: 'strict',
  rules: { 'man-cache': 'off', 'home-cache-all': true, own: false },
  own: [{ id: 'own', paths: ['opt/x/**'], reason: 'times', remedy: 'remove' }],
  exclude: [{ path: 'srv/data', reason: 'filled later' }],
  owners: [
    { glob: 'usr/x/**', place: 'base.yaml:12' },
    { glob: 'y', place: 'z', reason: 'r' },
  ],
};
const FULL_CONFIG: Config = {
  profile: 'strict',
  enable: ['home-cache-all'],
  skip: ['man-cache', 'own'],
  userRules: [{ id: 'own', paths: ['opt/x/**'], reason: 'times', remedy: 'remove' }],
  exclusions: [{ pattern: 'srv/data', reason: 'filled later' }],
  owners: [
    { glob: 'usr/x/**', place: 'base.yaml:12', reason: null },
    { glob: 'y', place: 'z', reason: 'r' },
  ],
};

const YAML = `# a comment
version: 1
profile: strict
rules:
  man-cache: off
  home-cache-all: true
  own: false
own:
  - id: own
    paths: [opt/x/**]
    reason: times
    remedy: remove
exclude:
  - {path: srv/data, reason: filled later}
owners:
  - {glob: usr/x/**, place: 'base.yaml:12'}
  - {glob: y, place: z, reason: r}
`;

test('JSON and YAML say the same', async () => {
  assert.deepEqual(await parseConfig(JSON.stringify(FULL), 'c.json'), FULL_CONFIG);
  assert.deepEqual(await parseConfig(YAML, 'c.yaml'), FULL_CONFIG);
  assert.ok(isValid(FULL), JSON.stringify(isValid.errors));
});

test('the example of the documentation is a configuration', async () => {
  const text = readFileSync(join(repositoryRoot(), 'docs/config.md'), 'utf8');
  const example = /```yaml\n([^]*?)```/.exec(text)![1]!;
  const config = await parseConfig(example, 'c.yaml');
  assert.equal(config.profile, 'strict');
  assert.equal(config.userRules.length, 2);
});

test('the smallest configuration sets nothing', async () => {
  const nothing = {
    profile: null,
    enable: [],
    skip: [],
    userRules: [],
    exclusions: [],
    owners: [],
  };
  assert.deepEqual(await parseConfig('version: 1', 'c.yml'), nothing);
});

const own = (fields: object): object => ({
  version: 1,
  own: [{ id: 'own', paths: ['x/**'], reason: 'r', remedy: 'remove', ...fields }],
});

/** What the schema refuses as well. */
const WRONG: readonly unknown[] = [
  null,
  [],
  'x',
  {},
  { version: 2 },
  { version: '1' },
  { version: 1, profil: 'strict' },
  { version: 1, profile: 'harsh' },
  { version: 1, rules: [] },
  { version: 1, rules: { 'man-cache': 'maybe' } },
  { version: 1, own: {} },
  { version: 1, own: [1] },
  own({ id: 'Own' }),
  own({ id: 'own-' }),
  own({ paths: [] }),
  own({ paths: 'x' }),
  own({ paths: [1] }),
  own({ reason: ' ' }),
  own({ remedy: 'rewrite' }),
  own({ remedy: undefined }),
  own({ more: 1 }),
  { version: 1, exclude: [{ path: 'x' }] },
  { version: 1, exclude: [{ reason: 'x' }] },
  { version: 1, exclude: ['x'] },
  { version: 1, owners: {} },
  { version: 1, owners: ['x'] },
  { version: 1, owners: [{ glob: 'x' }] },
  { version: 1, owners: [{ place: 'x' }] },
  { version: 1, owners: [{ glob: 'x', place: ' ' }] },
  { version: 1, owners: [{ glob: 'x', place: 'y', reason: 1 }] },
  { version: 1, owners: [{ glob: 'x', place: 'y', line: 12 }] },
];

/** What only the program can tell. */
const WRONG_HERE: readonly unknown[] = [
  { version: 1, rules: { 'man-cash': 'off' } },
  own({ id: 'mtime-clamp' }),
  own({ paths: ['**'] }),
  own({ paths: ['/**'] }),
  own({ paths: ['*'] }),
  own({ paths: ['a[b'] }),
  { version: 1, exclude: [{ path: '**', reason: 'all' }] },
  { version: 1, owners: [{ glob: '**', place: 'x' }] },
  { version: 1, owners: [{ glob: 'a[b', place: 'x' }] },
  { version: 1, own: [FULL.own[0], FULL.own[0]] },
];

const isUsage = (error: unknown): boolean =>
  error instanceof AuditError && error.code === 'USAGE' && error.hint !== undefined;

test('what is no configuration is a usage error with a hint, and the schema refuses it too', async () => {
  for (const value of WRONG) {
    const text = JSON.stringify(value);
    await assert.rejects(parseConfig(text, 'c.json'), isUsage, text);
    assert.equal(isValid(JSON.parse(text)), false, text);
  }
  for (const value of WRONG_HERE) {
    const text = JSON.stringify(value);
    await assert.rejects(parseConfig(text, 'c.yaml'), isUsage, text);
    assert.equal(isValid(value), true, text);
  }
});

/** Text, the line of the trouble, a word of the hint or message. */
const PLACES: readonly (readonly [string, string, number, string])[] = [
  ['c.yaml', 'version: 1\n\nrules:\n  log: on\n  man-cash: off\n', 5, 'man-cache'],
  ['c.yaml', 'version: 1\nprofil: strict\n', 2, 'profile'],
  ['c.yaml', '# x\nversion: 3\n', 2, '3'],
  ['c.yaml', 'version: 1\nown:\n  - id: a\n    paths: [x]\n    reason: r\n', 3, 'remedy'],
  [
    'c.yaml',
    'version: 1\nown:\n  - id: a\n    paths:\n      - y\n      - "a[b"\n    reason: r\n    remedy: remove\n',
    6,
    'a[b',
  ],
  ['c.yaml', 'version: 1\nowners:\n  - glob: a\n    places: b\n', 4, 'place'],
  ['c.yaml', 'version: 1\nversion: 1\n', 2, ''],
  ['c.yaml', 'version: 1\nrules: {a: [}\n', 2, ''],
  ['c.json', '{\n "version": 1,\n "profile": "x"\n}', 3, 'strict'],
  ['c.json', '{\n "version": 1,\n}', 3, ''],
];

test('an error names file and line', async () => {
  for (const [file, text, line, word] of PLACES)
    await assert.rejects(parseConfig(text, file), (error) => {
      assert.ok(isUsage(error), text);
      const { message, hint } = error as AuditError;
      assert.ok(message.startsWith(`${file}:${line}: `), `${text}\n${message}`);
      assert.ok(`${message} ${hint}`.includes(word), message);
      return true;
    });
});

test('aliases, which could multiply a file, are refused', async () => {
  await assert.rejects(parseConfig('version: &v 1\nprofile: *v\n', 'c.yaml'), isUsage);
});

test('whatever the file holds, it is read or refused', async () => {
  const piece = fc.constantFrom(
    ...YAML.split(/(?<=[\n: ])/),
    '{',
    '[',
    '"',
    '&a ',
    '*a',
    '\t',
    '\0',
    '__proto__: ',
  );
  const texts = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''));
  await fc.assert(
    fc.asyncProperty(texts, fc.constantFrom('c.json', 'c.yaml'), async (text, file) => {
      try {
        await parseConfig(text, file);
      } catch (error) {
        assert.ok(isUsage(error), String(error));
      }
    }),
    { numRuns: 500 },
  );
  for (let length = 0; length < YAML.length; length++)
    await parseConfig(YAML.slice(0, length), 'c.yaml').catch((error: unknown) =>
      assert.ok(isUsage(error), String(error)),
    );
});

test('the file is found in the current folder, unless that lies in the tree', async (t) => {
  const cwd = tempFolder(t);
  const load = (root: string | null, file: string | null = null): Promise<Config> =>
    loadConfig({ file, cwd, root });
  assert.equal((await load(null)).profile, null);
  writeFileSync(join(cwd, 'repro-audit.config.yaml'), YAML);
  assert.deepEqual(await load(null), FULL_CONFIG);
  assert.deepEqual(await load(join(cwd, 'root')), FULL_CONFIG);
  assert.equal((await load(cwd)).profile, null);
  assert.equal((await load('/')).profile, null);
  assert.deepEqual(await load(cwd, join(cwd, 'repro-audit.config.yaml')), FULL_CONFIG);
  writeFileSync(join(cwd, 'repro-audit.config.json'), JSON.stringify({ version: 1 }));
  await assert.rejects(load(null), isUsage);
  await assert.rejects(load(null, join(cwd, 'missing.yaml')), { code: 'USAGE' });
  await assert.rejects(load(null, cwd), { code: 'USAGE' });
});

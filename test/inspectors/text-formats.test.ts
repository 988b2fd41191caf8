import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { FormatError } from '../../src/core/errors.js';
import { readIniLines } from '../../src/formats/ini-lines.js';
import { readJsonValues } from '../../src/formats/json-values.js';
import { differences } from './differences.js';
import { lookInto, proveEveryByte, proveTruncation } from './prove.js';

const json = (value: unknown, indent = 2): Uint8Array =>
  Buffer.from(`${JSON.stringify(value, null, indent)}\n`);
const VALUE = {
  name: 'x',
  version: '1.2.3',
  built: '2026-01-02T03:04:05Z',
  stamp: 1767225600,
  count: 3,
  ok: true,
  list: ['a', 'b', { deep: null }],
  empty: {},
  password: 'hunter2',
};
const UNIT = `# made by x on 2026-01-02
[Unit]
Description=A service
After=a.service \\
  b.service

[Service]
ExecStart=/usr/bin/x --now
TimeoutSec = 90
Token=abc
`;
const TOML = `# libdnf5
version = "1.0"
[packages]
list = [
  "a",
  "b",
]
bash = {reason = "User"}
`;

for (const [format, path, bytes] of [
  ['json', 'a.json', json(VALUE)],
  ['json', 'b.json', json(VALUE, 0)],
  ['ini', 'a.service', Buffer.from(UNIT)],
  ['ini', 'a.toml', Buffer.from(TOML)],
] as const) {
  test(`every byte of ${path} is in a fact, and damage never throws`, async () => {
    const looked = await lookInto(path, bytes);
    assert.deepEqual([looked.format, looked.problems], [format, []]);
    await proveEveryByte(path, bytes);
    await proveTruncation(path, bytes);
  });
}

test('a changed value of JSON is told under its path, by its kind', async () => {
  const changes = [
    [{ version: '1.2.4' }, 'version!version version'],
    [{ built: '2026-01-03T03:04:05Z' }, 'built!time time'],
    [{ stamp: 1767225601 }, 'stamp!time time'],
    [{ count: 4 }, 'count!number number'],
    [{ ok: false }, 'ok!number number'],
    [{ name: 'y' }, 'name!text opaque'],
    [{ password: 'hunter3' }, 'password!secret secret'],
    [{ list: ['a', 'c', { deep: null }] }, 'list[]!text opaque'],
  ] as const;
  for (const [change, told] of changes)
    assert.deepEqual(await differences('a.json', json(VALUE), json({ ...VALUE, ...change })), [
      told,
    ]);
});

test('keys in another order are an order and nothing else', async () => {
  const reversed = Object.fromEntries(Object.entries(VALUE).reverse());
  assert.deepEqual(await differences('a.json', json(VALUE), json(reversed)), ['order order']);
});

test('another indentation is told as that', async () => {
  assert.deepEqual(await differences('a.json', json(VALUE), json(VALUE, 4)), ['indent text']);
});

test('property: values in other arrays and objects are no other form of the same', async () => {
  const key = fc.constantFrom('a', 'b', 'a.b', '[]');
  const tree = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom<unknown>(1, 'x', null),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(key, tie('value'), { maxKeys: 2 }),
    ),
  })).value;
  const canonical = (value: unknown): string =>
    Array.isArray(value)
      ? `[${value.map(canonical).join()}]`
      : value !== null && typeof value === 'object'
        ? `{${Object.entries(value)
            .map(([name, each]) => `${JSON.stringify(name)}:${canonical(each)}`)
            .toSorted()
            .join()}}`
        : JSON.stringify(value);
  const isForm = (found: readonly string[]): boolean =>
    found.length > 0 && found.every((each) => / (layout|order)$|^indent /.test(each));
  for (const [a, b] of [
    [
      [[1], [2, 3]],
      [[1, 2], [3]],
    ],
    [[{ a: 1 }, { b: 2 }], [{ a: 1, b: 2 }]],
    [{ 'a.b': 1 }, { a: { b: 1 } }],
  ] as const)
    assert.ok(!isForm(await differences('a.json', json(a), json(b))));
  await fc.assert(
    fc.asyncProperty(fc.tuple(tree, tree), async ([a, b]) => {
      const found = await differences('a.json', json([a, 0]), json([b, 0]));
      if (isForm(found)) assert.equal(canonical(a), canonical(b));
    }),
    { numRuns: 500 },
  );
});

test('a section without keys that came or has another name is no other form', async () => {
  const found = await differences(
    'a.toml',
    Buffer.from(`${TOML}[x]\n`),
    Buffer.from(`${TOML}[y]\n`),
  );
  assert.deepEqual(found, ['sections opaque']);
});

test('secrets are in no fact, however their keys are written', async () => {
  for (const [path, text] of [
    ['a.json', '{"wifi": {"PSK-raw": "hunter2"}, "auth": {"apiKey": ["hunter2"]}}'],
    ['a.ini', '[wifi]\nPsk=hunter2\nApi-Token = hunter2\n'],
  ] as const) {
    const looked = await lookInto(path, Buffer.from(text));
    assert.equal(looked.problems.length, 0);
    const kinds = looked.facts.at(-1)!.facts.tables[0]!;
    assert.deepEqual(
      kinds.columns.map(({ kind }) => kind),
      ['secret'],
    );
  }
});

test('a changed value of a unit is told by section and key, a changed comment as text', async () => {
  const changed = async (from: string, to: string) =>
    differences('a.service', Buffer.from(UNIT), Buffer.from(UNIT.replace(from, to)));
  assert.deepEqual(await changed('= 90', '= 80'), ['Service.TimeoutSec!number number']);
  assert.deepEqual(await changed('/usr/bin/x', '/usr/bin/y'), ['Service.ExecStart!path path']);
  assert.deepEqual(await changed('b.service', 'c.service'), ['Unit.After!text opaque']);
  const [comment] = await changed('2026-01-02', '2026-01-03');
  assert.match(comment!, / time$/);
});

test('what does not parse stays text, without a word where the start shows it', async () => {
  for (const [path, text] of [
    ['tsconfig.json', '// settings\n{ "a": 1 }\n'],
    ['a.service', 'this is no unit\n'],
    ['a.cfg', 'define x {\n  y\n}\n'],
  ] as const) {
    const looked = await lookInto(path, Buffer.from(text));
    assert.deepEqual([looked.format, looked.problems], ['text', []], path);
  }
  const late = await lookInto('a.json', Buffer.from('{"a": 1,}'));
  assert.deepEqual([late.format, late.problems.length], ['text', 1]);
});

test('the reader of JSON agrees with the one of the language about what is JSON', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.json(), fc.string()),
      fc.nat(),
      fc.string({ maxLength: 2 }),
      (text, at, put) => {
        const place = at % (text.length + 1);
        const changed = text.slice(0, place) + put + text.slice(place);
        let expected = true;
        try {
          JSON.parse(changed);
        } catch {
          expected = false;
        }
        let found = true;
        try {
          readJsonValues(changed);
        } catch (error) {
          assert.ok(error instanceof FormatError);
          found = false;
        }
        assert.equal(found, expected, changed);
      },
    ),
    { numRuns: 500 },
  );
});

test('lines of sections and keys give back the text that they were read from', () => {
  const line = fc.constantFrom(
    '[a]',
    'k=v',
    ' x : y',
    '# c',
    '',
    '  more',
    'l=[',
    ']',
    'k="""',
    '"""',
    'e=\\',
  );
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const text = lines.join('\n');
      const read = readIniLines(text);
      if (read !== null) assert.equal(read.map(({ raw }) => raw).join('\n'), text);
    }),
  );
});

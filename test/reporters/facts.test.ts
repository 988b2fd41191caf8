import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import { Ajv2020 } from 'ajv/dist/2020.js';

import { FACT_KINDS, type FactRow, type Facts } from '../../src/core/facts.js';
import type { FileFacts } from '../../src/reporters/facts/define.js';
import { factsJson } from '../../src/reporters/facts/json.js';
import { factsText } from '../../src/reporters/facts/text.js';
import { factValueText } from '../../src/reporters/facts/value-text.js';
import { repositoryRoot } from '../helpers/repository-root.js';

const DIGEST = 'ab'.repeat(32);
const KEYED = 'cd'.repeat(32);
const EVIL = 'x\n\x1b[2J\xff\x9b';

function facts(format: string, more: Partial<Facts> = {}): Facts {
  const none = { facts: [], tables: [], content: null, problems: [] };
  return { format, version: 1, size: 33, key: null, ...none, ...more };
}

function row(key: string, format: string | null, digest = DIGEST): FactRow {
  return {
    key,
    values: [0o100644, 1_795_180_209, EVIL],
    offset: 110,
    part: { size: 7, digest, format, skipped: format === null ? 'nested too deeply' : null },
  };
}

const secret = facts('secret', {
  facts: [{ name: 'content', kind: 'secret', value: KEYED, offset: 0 }],
});
const inner = facts('text', {
  content: {
    kind: 'text',
    lineEnds: '\\n',
    lines: [
      {
        digest: 'a'.repeat(16),
        shape: 'b'.repeat(16),
        tokens: [
          { kind: 'time', value: '2026-01-02' },
          { kind: 'opaque', value: 'deadbeef' },
        ],
      },
      { digest: 'a'.repeat(16), shape: 'b'.repeat(16), tokens: null },
    ],
  },
});

function sample(rows: readonly FactRow[]): FileFacts {
  const columns = [
    { name: 'c_mode', kind: 'mode' },
    { name: 'c_mtime', kind: 'time' },
    { name: 'note', kind: 'text' },
  ] as const;
  const blocks = {
    kind: 'blocks',
    rank: 0,
    blocks: [{ length: 4096, rank: 35, digest: 'c'.repeat(16), shape: 'c'.repeat(16) }],
    tokens: [{ kind: 'time', value: '1795180209', offset: 8, length: 4, encoding: 'u32le' }],
  } as const;
  return {
    path: EVIL,
    size: 1000,
    digest: DIGEST,
    facts: facts('cpio', {
      facts: [
        { name: 'magic', kind: 'text', value: '070701', offset: 0 },
        { name: EVIL, kind: 'text', value: EVIL, offset: null },
      ],
      tables: [{ name: '', ordered: true, columns, rows }],
      content: blocks,
      problems: [{ offset: 3, detail: EVIL }],
    }),
    partFacts: ({ format }) => (format === 'secret' ? secret : format === 'text' ? inner : null),
    isSecret: ({ part }) => part?.format !== 'text',
    problems: [{ offset: 3, detail: EVIL }],
  };
}

const ROWS = [row(EVIL, 'text'), row('etc/shadow', 'secret', KEYED), row('deep', null, KEYED)];
const written = (file: FileFacts, maxRows = 20): string =>
  [...factsText(file, { maxRows, maxLines: 1000 })].join('');

function validator() {
  const ajv = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true });
  const file = join(repositoryRoot(), 'docs/schema/facts-1.json');
  return ajv.compile(JSON.parse(readFileSync(file, 'utf8')) as object);
}

test('facts as JSON keep the published schema, which refuses what is not in it', () => {
  const validate = validator();
  const json = JSON.parse([...factsJson([sample(ROWS), sample([])])].join('')) as object;
  validate(json);
  assert.deepEqual(validate.errors ?? [], []);
  assert.equal(validate({ ...json, extra: 1 }), false);
  assert.equal(validate({ ...json, schemaVersion: 2 }), false);
});

test('the schema has the kinds of facts that there are', () => {
  const file = join(repositoryRoot(), 'docs/schema/facts-1.json');
  const schema = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly $defs: { readonly kind: { readonly enum: readonly string[] } };
  };
  assert.deepEqual(schema.$defs.kind.enum, FACT_KINDS);
});

test('no digest of a secret is written, as text or as JSON', () => {
  const file = sample(ROWS);
  assert.ok([...factsJson([file])].join('').includes(DIGEST));
  assert.equal([...factsJson([file])].join('').includes(KEYED), false);
  assert.equal(written(file).includes(KEYED), false);
  assert.ok(written(file).includes('33 bytes)'));
});

test('bytes that are no text are whole in the JSON', () => {
  const { files } = JSON.parse([...factsJson([sample(ROWS)])].join('')) as {
    files: { pathBase64: string; pieces: { tables: { rows: { keyBase64: string }[] }[] }[] }[];
  };
  const expected = Buffer.from(EVIL, 'latin1').toString('base64');
  assert.equal(files[0]!.pathBase64, expected);
  assert.equal(files[0]!.pieces[0]!.tables[0]!.rows[0]!.keyBase64, expected);
});

test('equal members are one piece, in JSON and in text', () => {
  const file = sample(Array.from({ length: 50 }, (_, i) => row(`m${i}`, 'text')));
  const { files } = JSON.parse([...factsJson([file])].join('')) as {
    files: { pieces: unknown[] }[];
  };
  assert.equal(files[0]!.pieces.length, 2);
  assert.equal(written(file, 100).match(/2026-01-02/g)?.length, 1);
});

test('long tables are cut, and the number of what is left out is told', () => {
  const file = sample(Array.from({ length: 50 }, (_, i) => row(`m${i}.`, 'text')));
  assert.equal(written(file).match(/m\d+\./g)?.length, 20);
  assert.ok(written(file).includes('30 more rows'));
  assert.equal(written(file, Infinity).match(/m\d+\./g)?.length, 50);
});

test('no name or value drives the terminal', () => {
  for (const text of [written(sample(ROWS)), [...factsJson([sample(ROWS)])].join('')])
    for (const character of text)
      assert.ok(character === '\n' || /[\x20-\x7e\u2026\ufffd]|ÿ/.test(character));
});

test('values are written as their kind asks for', () => {
  assert.equal(factValueText('mode', 0o644), '0644');
  assert.equal(factValueText('time', 0), '0');
  assert.equal(factValueText('time', '1767322445.5'), '1767322445.5 (2026-01-02T02:54:05Z)');
  assert.equal(factValueText('time', '13:10:01'), '13:10:01');
  assert.equal(factValueText('number', null), '-');
  assert.ok(factValueText('text', 'x'.repeat(10_000)).length < 200);
});

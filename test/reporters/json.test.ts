import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import { Ajv2020 } from 'ajv/dist/2020.js';

import { isDeceptive, treePathBytes } from '../../src/core/path.js';
import type { Report } from '../../src/core/report.js';
import { json } from '../../src/reporters/json.js';
import { jsonInteger } from '../../src/reporters/json-text.js';
import { diffTrees } from '../helpers/diff-trees.js';
import { explainedReport, MANY } from '../helpers/explained-report.js';
import { reportText } from '../helpers/report-text.js';
import { reportKinds } from '../helpers/report-kinds.js';
import { repositoryRoot } from '../helpers/repository-root.js';

interface JsonChange {
  readonly path: string;
  readonly pathBase64?: string;
  readonly attributes: readonly Readonly<Record<string, string | null>>[];
  readonly before: Readonly<Record<string, unknown>> | null;
}
interface JsonReport {
  readonly verdict: string;
  readonly changes: readonly JsonChange[];
  readonly findings: readonly Readonly<Record<string, unknown>>[];
  readonly before: { readonly meta: unknown };
}

const parsed = async (report: Report): Promise<JsonReport> =>
  JSON.parse(await reportText(json, report)) as JsonReport;

function validator() {
  const ajv = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true });
  const file = join(repositoryRoot(), 'docs/schema/report-1.json');
  return ajv.compile(JSON.parse(readFileSync(file, 'utf8')) as object);
}

test('reports of every kind keep the published schema', async () => {
  const validate = validator();
  for (const [name, report] of Object.entries({
    ...(await reportKinds()),
    explained: explainedReport(),
  })) {
    validate(await parsed(report));
    assert.deepEqual(validate.errors ?? [], [], name);
  }
});

test('the schema refuses what is not in it', async () => {
  const validate = validator();
  const { everyAttribute } = await reportKinds();
  const report = await parsed(everyAttribute!);
  const [change, ...rest] = report.changes;
  assert.equal(validate({ ...report, extra: 1 }), false);
  assert.equal(validate({ ...report, schemaVersion: 2 }), false);
  assert.equal(validate({ ...report, verdict: 'maybe' }), false);
  assert.equal(validate({ ...report, changes: [{ ...change, extra: 1 }, ...rest] }), false);
  assert.equal(validate({ ...report, changes: [{ ...change, path: undefined }, ...rest] }), false);
  assert.equal(
    validate({ ...report, changes: [{ ...change, before: { ...change!.before, mtimeNs: 5 } }] }),
    false,
  );
});

test('every path, name and target comes back byte for byte', async () => {
  const { nasty } = await reportKinds();
  const report = await parsed(nasty!);
  assert.deepEqual(
    report.changes.map(({ path, pathBase64 }) => bytesOf(path, pathBase64)),
    nasty!.changes.map(({ path }) => treePathBytes(path)),
  );
  for (const [i, { attributes }] of report.changes.entries())
    for (const [k, each] of attributes.entries()) {
      const source = nasty!.changes[i]!.attributes[k]!;
      if (each['attribute'] !== 'xattr' && each['attribute'] !== 'target') continue;
      for (const side of ['before', 'after', 'name'] as const) {
        const expected = source[side];
        if (expected === null) continue;
        assert.deepEqual(bytesOf(each[side]!, each[`${side}Base64`]), treePathBytes(expected));
      }
    }
});

test('a name that is UTF-8 has no second form, and one that is not has both', async () => {
  const report = await parsed(await diffTrees({}, { '\xc3\xbc': {}, 'n\xff': {} }));
  assert.deepEqual(
    report.changes.map(({ path, pathBase64 }) => [path, pathBase64]),
    [
      ['n\\xff', 'bv8='],
      ['ü', undefined],
    ],
  );
});

test('binary xattr values are escaped with the bytes beside, text is text', async () => {
  const xattrs = (value: string) => ({ xattrs: [{ name: 'user.x', value }] });
  const report = await parsed(
    await diffTrees({ f: xattrs('text \\ here') }, { f: xattrs('\x00\xff') }),
  );
  assert.deepEqual(report.changes[0]?.attributes, [
    {
      attribute: 'xattr',
      name: 'user.x',
      before: 'text \\ here',
      after: '\\x00\\xff',
      afterBase64: 'AP8=',
    },
  ]);
});

test('no character of the output drives a terminal or ends a line inside a value', async () => {
  const { nasty } = await reportKinds();
  const text = await reportText(json, nasty!);
  for (const character of text) {
    assert.ok(character === '\n' || character >= ' ');
    assert.equal(isDeceptive(character), false);
  }
  assert.equal(
    text.split('\n').some((line) => line.startsWith('::')),
    false,
  );
});

test('each change and finding is one line', async () => {
  const { everyAttribute } = await reportKinds();
  const lines = (await reportText(json, everyAttribute!)).split('\n');
  const changes = lines.filter((line) => line.startsWith('{"path":') && line.includes('"finding"'));
  assert.equal(changes.length, everyAttribute!.changes.length);
});

test('integers that a double cannot hold are strings, times always are', async () => {
  assert.equal(jsonInteger(2 ** 53 - 1), 9007199254740991);
  assert.equal(jsonInteger(2 ** 53), '9007199254740992');
  assert.equal(jsonInteger(2n ** 63n), '9223372036854775808');
  assert.equal(jsonInteger(2 ** 70), '1180591620717411303424');
  const { everyAttribute } = await reportKinds();
  const report = await parsed(everyAttribute!);
  const change = report.changes.find(({ path }) => path === 'content');
  assert.equal(change?.before?.['size'], '1152921504606846976');
  assert.equal(change?.before?.['mtimeNs'], '1577836800000000000');
  assert.equal(JSON.stringify(report.before.meta).includes('"big":"1152921504606846976"'), true);
});

test('the same report gives the same bytes, whatever the order of meta keys', async () => {
  const tree = { f: {} };
  const report = (meta: Readonly<Record<string, unknown>>) =>
    diffTrees(tree, tree, { before: { build: { meta } } });
  const first = await reportText(json, await report({ a: 1, b: { c: 1, d: 2 } }));
  const second = await reportText(json, await report({ b: { d: 2, c: 1 }, a: 1 }));
  assert.equal(first, second);
});

test('a long report is handed over in pieces, and a slow reader is waited for', async () => {
  const files = Object.fromEntries(Array.from({ length: 400 }, (_, i) => [`f${i}`, {}]));
  const report = await diffTrees({}, files);
  let isBusy = false;
  let pieces = 0;
  await json.write(report, {
    write: async () => {
      assert.equal(isBusy, false);
      isBusy = true;
      pieces += 1;
      await new Promise((resume) => setImmediate(resume));
      isBusy = false;
    },
  });
  assert.ok(pieces > 1);
  await assert.rejects(
    json.write(report, { write: () => Promise.reject(new Error('disk full')) }),
    /disk full/,
  );
});

function bytesOf(text: string, base64: string | null | undefined): Buffer {
  return typeof base64 === 'string' ? Buffer.from(base64, 'base64') : Buffer.from(text, 'utf8');
}

test('explanations are told in full, and secrets by their length', async () => {
  const written = await reportText(json, explainedReport());
  const { changes } = JSON.parse(written) as {
    changes: {
      path: string;
      explanation: { changes: { before: string; chain: { nameBase64?: string }[] }[] };
    }[];
  };
  const of = (path: string) => changes.find((change) => change.path === path)!.explanation.changes;
  assert.equal(of('etc/machine-id')[0]?.before, '(secret, 33 bytes)');
  assert.equal(of('var/keys.tar')[0]?.before, '(secret, 33 bytes)');
  assert.equal(of('boot/initrd.img').length, MANY + 2);
  assert.notEqual(of('boot/initrd.img').at(-1)?.chain[0]?.nameBase64, undefined);
});

test('the share of what is explained is counted in files and bytes', async () => {
  const { explained } = JSON.parse(await reportText(json, explainedReport())) as {
    explained: object;
  };
  const share = (files: number) => ({ files, bytes: files * 33 });
  assert.deepEqual(explained, {
    changed: share(8),
    byStatus: {
      explained: share(5),
      partly: share(1),
      unknown: share(1),
      'not-inspected': share(1),
    },
    reasons: [{ reason: 'the after build has no facts of it', files: 1 }],
    natures: { nondeterminism: 2, 'input-drift': 1, consequence: 1, unknown: 1 },
  });
});

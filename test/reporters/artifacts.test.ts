import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import { Ajv2020 } from 'ajv/dist/2020.js';

import { json } from '../../src/reporters/json.js';
import { text } from '../../src/reporters/text.js';
import { reportText } from '../helpers/report-text.js';
import { repositoryRoot } from '../helpers/repository-root.js';
import { severalArtifacts } from '../helpers/several-artifacts.js';

interface Artifact {
  readonly name: string;
  readonly side: string;
  readonly verdict: string | null;
  readonly changes?: readonly unknown[];
}

test('the JSON has every artifact, and keeps the published schema', async () => {
  const ajv = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true });
  const schema = readFileSync(join(repositoryRoot(), 'docs/schema/report-1.json'), 'utf8');
  const validate = ajv.compile(JSON.parse(schema) as object);
  const report = JSON.parse(await reportText(json, severalArtifacts())) as {
    readonly artifacts: readonly Artifact[];
  };
  validate(report);
  assert.deepEqual(validate.errors ?? [], []);
  assert.deepEqual(
    report.artifacts.map(({ side, verdict, changes }) => [side, verdict, changes?.length ?? null]),
    [
      ['both', 'same', 0],
      ['after', 'different', null],
    ],
  );
  const [first, second] = report.artifacts;
  for (const artifacts of [
    [{ ...first, changes: undefined }],
    [{ ...second, changes: [] }],
    [{ ...second, side: 'both' }],
  ]) {
    assert.equal(validate(JSON.parse(JSON.stringify({ ...report, artifacts }))), false);
  }
});

test('the text tells the first artifact, then each of the others; names cannot drive a terminal', async () => {
  const shown = await reportText(text, severalArtifacts());
  const headings = shown.split('\n').filter((line) => /^== .* ==$/.test(line));
  assert.equal(headings.length, 3);
  assert.equal(headings[0], '== rootfs ==');
  assert.equal(headings[1], '== live-initramfs ==');
  // oxlint-disable-next-line no-control-regex
  assert.doesNotMatch(shown, /[\u001b\u202e]/);
  assert.match(shown.split('\n')[0]!, /^different: 2 of 3 /);
});

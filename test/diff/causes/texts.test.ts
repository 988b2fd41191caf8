import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import { CAUSES } from '../../../src/core/explanation.js';
import { causesMarkdown } from '../../../src/diff/causes/causes-markdown.js';
import { listCauses } from '../../../src/diff/causes/list-causes.js';
import { remedyFor } from '../../../src/diff/causes/remedies.js';
import type { TreePath } from '../../../src/core/path.js';
import { inspectors } from '../../../src/inspectors/index.js';
import { scrubRules } from '../../../src/scrub/index.js';
import { repositoryRoot } from '../../helpers/repository-root.js';

test('every cause is told in full, and its remedies name rules that exist', () => {
  const rules = new Set(scrubRules.map(({ id }) => id));
  assert.deepEqual(
    listCauses().map(({ id }) => id),
    [...CAUSES],
  );
  for (const { id, title, text, signal, remedies } of listCauses()) {
    for (const words of [title, text, signal]) assert.notEqual(words, '', id);
    assert.ok(
      remedies.some(({ formats, paths }) => formats === undefined && paths === undefined),
      `${id} has no remedy for all`,
    );
    for (const { rule } of remedies)
      if (rule !== null) assert.ok(rules.has(rule), `${id}: ${rule}`);
  }
});

test('every format that a remedy is for is one that is looked into', () => {
  const known = new Set(inspectors.map(({ id }) => id));
  const named = listCauses().flatMap(({ id, remedies }) =>
    remedies.flatMap(({ formats = [] }) => formats.map((format) => ({ id, format }))),
  );
  assert.deepEqual(
    named.filter(({ format }) => !known.has(format)),
    [],
  );
});

test('the most special remedy is chosen', () => {
  const rule = (path: string, ...formats: string[]) =>
    remedyFor('time.field', new Set(formats), path as TreePath)?.rule ?? null;
  assert.equal(rule('usr/share/x.gz', 'gzip'), 'normalize-gzip');
  assert.equal(rule('boot/initrd.img', 'initramfs', 'cpio'), null);
  assert.equal(rule('usr/x.cpio', 'cpio'), 'normalize-cpio');
  assert.equal(rule('usr/lib/bootupd/updates/EFI.json', 'json'), 'bootupd-efi-json');
  assert.equal(rule('x', 'y'), null);
});

test('docs/causes.md is what the causes say', () => {
  const file = join(repositoryRoot(), 'docs', 'causes.md');
  const page = causesMarkdown();
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, page);
  assert.equal(readFileSync(file, 'utf8'), page, 'run with UPDATE_GOLDEN=1');
});

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { normalizers } from '../../../src/scrub/normalizers/index.js';
import { repositoryRoot } from '../../helpers/repository-root.js';

test('normalisers have unique kebab-case ids, say what they do, and have a proof', () => {
  const ids = normalizers.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  for (const { id, version, summary, rationale, extensions } of normalizers) {
    assert.match(id, /^[a-z0-9]+(-[a-z0-9]+)*$/);
    assert.ok(version >= 1 && summary.length > 5 && rationale.length > 5, id);
    assert.ok(
      extensions.every((one) => /^\.[^A-Z/*]+$/.test(one)),
      id,
    );
    const proof = join(import.meta.dirname, `${id}.test.js`);
    assert.ok(existsSync(proof), `${id} has no ${proof}`);
  }
});

test('what is no file of any format is recognised by none', () => {
  for (const bytes of ['', '\0', 'hello\n', '\x7fELF\x02\x01\x01', '#!/bin/sh\n'])
    for (const name of ['a', 'a.gz', 'a.zip'])
      assert.deepEqual(
        normalizers
          .filter((one) => one.matches(Buffer.from(bytes, 'latin1'), name))
          .map((one) => one.id),
        [],
      );
});

test('docs/normalize.md has a row for every normaliser', () => {
  const page = readFileSync(join(repositoryRoot(), 'docs', 'normalize.md'), 'utf8');
  for (const { id } of normalizers) assert.match(page, new RegExp(`^\\| \`${id}\``, 'm'));
});

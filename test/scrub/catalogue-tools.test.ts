import assert from 'node:assert/strict';
import test from 'node:test';

import { catalogue } from '../../src/scrub/catalogue/index.js';
import { TOOLS } from '../../src/scrub/catalogue/tools.js';

test('tools are told of rows that exist', () => {
  const rows = new Set(catalogue.map(({ id }) => id));
  assert.deepEqual(
    Object.keys(TOOLS).filter((id) => !rows.has(id)),
    [],
  );
});

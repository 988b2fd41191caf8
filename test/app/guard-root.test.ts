import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { refuseRunningSystem } from '../../src/app/guard-root.js';
import { directoryOf } from '../../src/app/open-location.js';
import { withBindMount } from '../helpers/bind-mount.js';
import { needsRoot } from '../helpers/oracle.js';
import { tempFolder } from '../helpers/temp-tree.js';

// As a function: a program with a defect here would edit the machine that tests it.

test('the running system is refused by whatever name', () => {
  for (const root of ['/', '//', '/..', '/proc/self/root', directoryOf('dir:/')]) {
    assert.throws(() => refuseRunningSystem(root, false), { code: 'ROOT_REFUSED' }, root);
    refuseRunningSystem(root, true);
  }
  refuseRunningSystem('/usr', false);
});

test('a bind mount of / is the running system too', { skip: needsRoot() }, async (t) => {
  const point = join(tempFolder(t), 'r');
  mkdirSync(point);
  await withBindMount('/', point, () => {
    assert.throws(() => refuseRunningSystem(point, false), { code: 'ROOT_REFUSED' });
  });
});

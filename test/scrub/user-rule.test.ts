import assert from 'node:assert/strict';
import { linkSync, lstatSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { scrubRules } from '../../src/scrub/index.js';
import { leavingAlone, withUserRules, type UserRule } from '../../src/scrub/user-rule.js';
import { tempTree } from '../helpers/temp-tree.js';
import { editsOf, plan, scrub } from './support.js';

const REMOVE: UserRule = {
  id: 'own',
  paths: ['opt/x/**', 'etc/id'],
  reason: 'r',
  remedy: 'remove',
};
const TRUNCATE: UserRule = { id: 'own-log', paths: ['opt/a.log'], reason: 'r', remedy: 'truncate' };

test('a user rule removes or empties what it names, but not what a package owns', async (t) => {
  const root = tempTree(t, {
    'opt/x/a/b': 'x',
    'opt/x/c': { link: '/etc/passwd' },
    'opt/x/owned/d': 'x',
    'usr/etc/id': 'x',
    'opt/a.log': 'x',
    'opt/b.log': 'x',
  });
  const rules = withUserRules(scrubRules, [REMOVE, TRUNCATE]).filter(({ defaultOn }) => defaultOn);
  const options = { rules, ownership: { owned: ['opt/x/owned/d'] } };
  const { plan: planned, result } = await scrub(root, options);
  assert.deepEqual(editsOf(planned), [
    'remove opt/x/a/b',
    'remove opt/x/a',
    'remove opt/x/c',
    'remove usr/etc/id',
    'truncate opt/a.log',
  ]);
  assert.deepEqual(result.diagnostics, []);
  assert.deepEqual((await plan(root, options)).edits, []);
});

test('user rules run before the times are clamped', () => {
  const ids = withUserRules(scrubRules, [REMOVE]).map(({ id }) => id);
  assert.equal(ids.indexOf('own') + 1, ids.indexOf('mtime-clamp'));
});

test('what is left alone is not edited by any rule, under any name, nor anything below it', async (t) => {
  const root = tempTree(t, {
    'var/log/a': 'x',
    'var/log/kept/b': 'x',
    'etc/machine-id': 'x',
    'etc/shadow': 'a:!:1::::::\n',
    'kept/new': 'x',
  });
  linkSync(join(root, 'etc/machine-id'), join(root, 'kept/id'));
  const globs = ['var/log/kept', 'kept', 'etc/shadow'];
  const rules = scrubRules
    .filter(({ defaultOn }) => defaultOn)
    .map((rule) => leavingAlone(rule, globs));
  const before = lstatSync(join(root, 'kept')).mtimeMs;
  const { plan: planned } = await scrub(root, { rules });
  assert.deepEqual(editsOf(planned), ['remove var/log/a']);
  assert.ok(planned.edits.every(({ names }) => !names.some((name) => name.startsWith('kept'))));
  assert.equal(lstatSync(join(root, 'kept')).mtimeMs, before);
});

test('edits of one entry are left together: a database is not settled without its log', async (t) => {
  const root = tempTree(t, { 'a/db': 'x', 'a/db-wal': 'x' });
  const rule = {
    ...scrubRules[0]!,
    id: 'pair',
    wants: ['a/db'],
    *plan({ path }: { path: string }) {
      for (const name of [path, `${path}-wal`])
        yield { kind: 'remove' as const, rule: 'pair', path: name as never, reason: 'r' };
    },
  };
  assert.equal((await plan(root, { rules: [rule] })).edits.length, 2);
  assert.deepEqual((await plan(root, { rules: [leavingAlone(rule, ['a/db-wal'])] })).edits, []);
});

import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { AuditError, FormatError } from '../../src/core/errors.js';
import { openBeneath, type Beneath } from '../../src/fs/beneath.js';
import {
  defineRule,
  type PlanContext,
  type ScrubEntry,
  type ScrubRule,
} from '../../src/scrub/define.js';
import { scrubRules } from '../../src/scrub/index.js';
import { isAnchored } from '../../src/scrub/interests.js';
import { planScrub } from '../../src/scrub/plan.js';
import { linkIndex } from '../../src/scrub/links.js';
import { seenAt, walkTree, type Seen } from '../../src/scrub/walk.js';
import { listTree } from '../helpers/list-tree.js';
import { tempTree } from '../helpers/temp-tree.js';
import { editsOf, ownershipOf, path, plan, scrub } from './support.js';

const VARIED = {
  'etc/machine-id': 'abc\n',
  'usr/etc/machine-id': 'abc\n',
  'etc/shadow': 'a:!:123::::::\nb:$6$x:123::::::\n',
  'etc/passwd-': 'x',
  'var/log/dpkg.log': 'x',
  'var/lib/dpkg.log2': 'x',
  'var/log/apt/history.log': 'x',
  'var/log/wtmp': 'x',
  'var/cache/ldconfig/aux-cache': 'x',
  'srv/var/log/dpkg.log': 'not ours',
  'usr/lib/python3/a.py': '',
  'usr/lib/python3/__pycache__/a.cpython-311.pyc': 'x',
};

const NAMED = [
  'truncate etc/machine-id',
  'truncate usr/etc/machine-id',
  'remove etc/passwd-',
  'rewrite etc/shadow',
  'truncate var/log/wtmp',
  'remove var/log/dpkg.log',
  'remove var/log/apt/history.log',
  'remove var/cache/ldconfig/aux-cache',
];

test('rules see their paths at the root alone, below etc and usr/etc', async (t) => {
  const root = tempTree(t, VARIED);
  assert.deepEqual(editsOf(await plan(root)), [
    ...NAMED,
    'remove usr/lib/python3/__pycache__/a.cpython-311.pyc',
    'remove usr/lib/python3/__pycache__',
  ]);
});

test('anchored rules plan the same by globs as by the walk', async (t) => {
  const root = tempTree(t, VARIED);
  const anchored = scrubRules.filter((rule) => rule.defaultOn && isAnchored([rule]));
  assert.ok(anchored.length > 10);
  assert.equal(isAnchored(anchored), true);
  assert.equal(isAnchored(scrubRules), false);
  assert.deepEqual(editsOf(await plan(root, { rules: anchored })), NAMED);
  assert.deepEqual(editsOf(await plan(root, { only: ['machine-id'] })), NAMED.slice(0, 2));
});

test('planning writes nothing, and plans the same again', async (t) => {
  const root = tempTree(t, VARIED);
  const before = listTree(root);
  const first = await plan(root);
  assert.deepEqual(await plan(root), first);
  assert.deepEqual(listTree(root), before);
});

test('a second run plans nothing, for every rule on its own and for all', async (t) => {
  for (const only of [undefined, ...scrubRules.map((rule) => [rule.id])]) {
    const root = tempTree(t, VARIED);
    const options = only === undefined ? {} : { only };
    const { result } = await scrub(root, options);
    assert.deepEqual(result.diagnostics, []);
    assert.deepEqual((await plan(root, options)).edits, [], only?.[0] ?? 'all');
  }
});

test('without SOURCE_DATE_EPOCH time-valued rules are skipped and named', async (t) => {
  const root = tempTree(t, VARIED);
  const { skipped, edits } = await planScrub({
    root,
    rules: scrubRules,
    layout: 'plain',
    sourceDateEpoch: null,
    ownership: ownershipOf(),
  });
  assert.ok(skipped.includes('mtime-clamp'));
  assert.ok(edits.every(({ edit }) => edit.kind !== 'set-mtime'));
});

test('an empty tree, one without /var, and a missing root', async (t) => {
  assert.deepEqual(editsOf(await plan(tempTree(t, {}))), []);
  assert.deepEqual(editsOf(await plan(tempTree(t, { 'usr/etc/machine-id': '' }))), []);
  const missing = plan(join(tempTree(t, {}), 'none'));
  await assert.rejects(
    missing,
    (error) => error instanceof AuditError && error.code === 'SOURCE_UNUSABLE',
  );
});

test('what a package owns is not removed unless the rule says so', async (t) => {
  const root = tempTree(t, { 'var/log/dpkg.log': 'x', 'm.pyc': 'x', 'm.py': '' });
  const ownership = { owned: ['var/log/dpkg.log', 'm.pyc'] };
  assert.deepEqual(editsOf(await plan(root, { ownership })), []);
  assert.deepEqual(editsOf(await plan(root, { ownership, only: ['pyc-all'] })), ['remove m.pyc']);
});

test('entries come in byte order, directories after what they hold, and edits in that of the rules', async (t) => {
  const root = tempTree(t, { 'a/z': '', 'a.b': '', 'a/\xff': '', 'B/x': '' });
  const seen: string[] = [];
  const spy = spyRule((entry) => void seen.push(entry.path));
  await plan(root, { rules: [spy] });
  assert.deepEqual(seen, [
    'B/x',
    'B',
    'a/z',
    `a/${Buffer.from('\xff').toString('latin1')}`,
    'a',
    'a.b',
    '',
  ]);
});

test('a later rule sees what an earlier one planned', async (t) => {
  const root = tempTree(t, { 'var/log/dpkg.log': 'x' });
  const kinds: string[] = [];
  const spy = spyRule((entry, context) => {
    if (entry.path !== 'var/log') return;
    kinds.push(...context.planned(path('var/log/dpkg.log')).map(({ kind }) => kind));
  });
  await plan(root, { rules: [...scrubRules.filter(({ id }) => id === 'dpkg-log'), spy] });
  assert.deepEqual(kinds, ['remove']);
});

test('a directory that cannot be listed is reported, and the walk goes on', (t) => {
  const beneath = openBeneath(tempTree(t, { 'a/x': '', 'b/y': '' }));
  t.after(() => beneath.close());
  const refused: Beneath = {
    ...beneath,
    open: (one, flags) => (one === 'a' ? -constants.errno.EACCES : beneath.open(one, flags)),
  };
  const seen: string[] = [];
  const told: (readonly [string, string | null])[] = [];
  walkTree(refused, {
    visit: (entry) => seen.push(entry.path),
    report: (diagnostic) => told.push([diagnostic.code, diagnostic.path]),
  });
  assert.deepEqual(seen, ['a', 'b/y', 'b', '']);
  assert.deepEqual(told, [['unreadable', 'a']]);
});

test('what a rule cannot read or understand is reported, and the other entries are planned', async (t) => {
  const root = tempTree(t, { a: 'x', b: 'x', c: 'x' });
  const faulty = defineRule({
    ...spyRule(() => {}),
    wants: ['?'],
    *plan(entry) {
      if (entry.path === 'a') throw Object.assign(new Error('EACCES: open'), { code: 'EACCES' });
      if (entry.path === 'b') throw new FormatError('test', 0, 'nonsense');
      yield { kind: 'remove', rule: 'spy', path: entry.path, reason: 'test' };
    },
  });
  const planned = await plan(root, { rules: [faulty] });
  assert.deepEqual(editsOf(planned), ['remove c']);
  assert.deepEqual(
    planned.diagnostics.map(({ code, path: one }) => [code, one]),
    [
      ['unreadable', 'a'],
      ['format', 'b'],
    ],
  );
  const bug = defineRule({
    ...faulty,
    plan: () => {
      throw new TypeError('a bug');
    },
  });
  await assert.rejects(plan(root, { rules: [bug] }), TypeError);
});

test('links among what a rule wants are passed over, and what comes after them is not', async (t) => {
  const root = tempTree(t, {
    'var/log/alternatives.log': { link: 'dpkg.log' },
    'var/log/bootstrap.log': { link: 'nowhere' },
    'var/log/dpkg.log': 'x',
    'var/log/wtmp': { link: '/etc/passwd' },
    'etc/machine-id': { link: 'loop' },
    'etc/loop': { link: 'machine-id' },
    'etc/shadow': 'a:!:1:::::',
  });
  const { plan: planned, result } = await scrub(root);
  assert.deepEqual(editsOf(planned), ['rewrite etc/shadow', 'remove var/log/dpkg.log']);
  assert.deepEqual(result.diagnostics, []);
});

test('inodes are told apart by device and number', (t) => {
  const beneath = openBeneath(tempTree(t, {}));
  t.after(() => beneath.close());
  const entry = (name: string, dev: string): Seen => ({
    ...seenAt(beneath, path(''))!,
    type: 'file',
    path: path(name),
    dev,
    ino: 7n,
    nlink: 2,
  });
  const entries = [entry('b', '8:1'), entry('a', '8:1'), entry('c', '8:2'), entry('d', '8:2')];
  const links = linkIndex(beneath);
  links.collect((note) => entries.forEach(note));
  assert.deepEqual(links.names(entries[0]!), ['a', 'b']);
  assert.deepEqual(links.names(entries[2]!), ['c', 'd']);
});

/** A rule that only looks. */
function spyRule(look: (entry: ScrubEntry, context: PlanContext) => void): ScrubRule {
  return defineRule({
    id: 'spy',
    version: 1,
    summary: '',
    rationale: '',
    source: '',
    defaultOn: true,
    timeValued: false,
    wants: 'every',
    plan: (entry, context) => {
      look(entry, context);
      return [];
    },
  });
}

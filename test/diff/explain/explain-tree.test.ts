import assert from 'node:assert/strict';
import test from 'node:test';

import type { Owner } from '../../../src/core/explanation.js';
import type { FactKind, Facts, FactValue } from '../../../src/core/facts.js';
import type { TreePath } from '../../../src/core/path.js';
import type { Classify, Report } from '../../../src/core/report.js';
import { diffTrees } from '../../helpers/diff-trees.js';
import { APART, fact, facts, recorded, seconds, text } from '../../helpers/fact-builders.js';
import { memoryDigest, type Node, type Tree } from '../../helpers/memory-tree.js';

const [OWN, OTHER] = [seconds('2026-01-10T11:00:00Z'), seconds('2026-02-10T11:00:00Z')];

const field = (format: string, name: string, kind: FactKind, value: FactValue): Facts =>
  facts(format, { facts: [fact(name, kind, value)] });

/** `path -> finding` of every change, `finding -> nature causes`. */
function summary({ changes, findings }: Report) {
  return {
    changes: Object.fromEntries(changes.map(({ path, finding }) => [path, finding])),
    findings: findings.map(({ id, nature, causes }) =>
      [
        id,
        nature,
        ...causes.map(({ cause, confidence, count }) => `${cause}/${confidence}/${count}`),
      ].join(' '),
    ),
  };
}

const file = (content: string): Node => ({ content });
const of = (path: string, { changes }: Report) => changes.find((change) => change.path === path)!;

test('files that differ for one cause are one finding, wherever they lie', async () => {
  const before: Tree = { 'etc/a.gz': file('a1'), 'opt/x/b.gz': file('b1'), 'srv/c': file('c1') };
  const after: Tree = { 'etc/a.gz': file('a2'), 'opt/x/b.gz': file('b2'), 'srv/c': file('c2') };
  const report = await diffTrees(before, after, {
    before: {
      build: APART.before,
      facts: {
        a1: field('gzip', 'MTIME', 'time', OWN),
        b1: field('gzip', 'MTIME', 'time', OWN + 1),
        c1: field('x', 'v', 'text', 'a'),
      },
    },
    after: {
      build: APART.after,
      facts: {
        a2: field('gzip', 'MTIME', 'time', OTHER),
        b2: field('gzip', 'MTIME', 'time', OTHER),
        c2: field('x', 'v', 'text', 'b'),
      },
    },
  });
  assert.deepEqual(summary(report), {
    changes: {
      'etc/a.gz': 'cause:time.field',
      'opt/x/b.gz': 'cause:time.field',
      'srv/c': 'content:/srv',
    },
    findings: [
      'cause:time.field nondeterminism time.field/high/2',
      'content:/srv unknown unknown/null/1',
    ],
  });
  assert.equal(report.findings[0]!.remedies[0]!.rule, 'normalize-gzip');
});

test('a row of the catalogue stays what it is and has the causes besides', async () => {
  const classify: Classify = (path) =>
    path === 'etc/a.gz' ? { row: 'r', what: 'w', remedy: 'do this', rule: null } : null;
  const { findings } = await diffTrees(
    { 'etc/a.gz': file('a1') },
    { 'etc/a.gz': file('a2') },
    {
      classify,
      before: { build: APART.before, facts: { a1: field('gzip', 'MTIME', 'time', OWN) } },
      after: { build: APART.after, facts: { a2: field('gzip', 'MTIME', 'time', OTHER) } },
    },
  );
  assert.deepEqual(
    findings.map(({ id, nature, causes, remedies }) => [
      id,
      nature,
      causes[0]?.cause,
      remedies.map(({ text: words }) => words)[0],
    ]),
    [['content:r', 'nondeterminism', 'time.field', 'do this']],
  );
});

test('what only follows from other files comes last, and is a consequence', async () => {
  const list = (content: string): Facts => field('list', 'sum', 'digest', memoryDigest(content));
  const before: Tree = { 'a/list': file('l1'), 'z/tool': file('t1') };
  const after: Tree = { 'a/list': file('l2'), 'z/tool': file('t2') };
  const report = await diffTrees(before, after, {
    before: { facts: { l1: list('t1'), t1: field('x', 'v', 'text', 'a') } },
    after: { facts: { l2: list('t2'), t2: field('x', 'v', 'text', 'b') } },
  });
  assert.deepEqual(summary(report), {
    changes: { 'a/list': 'cause:hash.derived', 'z/tool': 'content:/z' },
    findings: [
      'content:/z unknown unknown/null/1',
      'cause:hash.derived consequence hash.derived/high/1',
    ],
  });
  assert.equal(of('a/list', report).explanation!.changes[0]!.follows, '/z/tool');
});

const bash = (version: string): Owner => ({
  kind: 'package',
  manager: 'deb',
  name: 'bash',
  version,
});
const list = (version: string) => ({
  packages: [{ manager: 'deb', name: 'bash', version, architecture: 'amd64' }],
});

test('files of a package in another version are input drift, whatever changed of them', async () => {
  const before: Tree = {
    'bin/bash': file('b1'),
    'share/doc': {},
    'share/old': {},
    mine: file('m1'),
  };
  const after: Tree = {
    'bin/bash': file('b2'),
    'share/doc': { mtimeNs: 5n },
    'share/new': {},
    mine: file('m2'),
  };
  const owners = (version: string) => ({
    'bin/bash': bash(version),
    'share/doc': bash(version),
    'share/old': bash(version),
    'share/new': bash(version),
  });
  const report = await diffTrees(before, after, {
    before: { build: list('5.2'), owners: owners('5.2'), facts: {} },
    after: { build: list('5.3'), owners: owners('5.3'), facts: {} },
  });
  assert.deepEqual(summary(report).findings, [
    'content:/ unknown',
    'drift:deb:bash input-drift dep.version/high/4',
  ]);
  assert.deepEqual(report.findings[1]!.owners, [
    { owner: bash('5.3'), count: 3 },
    { owner: bash('5.2'), count: 1 },
  ]);
  assert.equal(of('bin/bash', report).explanation!.changes[0]!.witness!.after, 'bash 5.3');
});

test("a package's file that scripts write too is drift only where nothing else explains it", async () => {
  const owners = (version: string) => ({ 'etc/a': bash(version), 'etc/b': bash(version) });
  const report = await diffTrees(
    { 'etc/a': file('a1'), 'etc/b': file('b1') },
    { 'etc/a': file('a2'), 'etc/b': file('b2') },
    {
      before: {
        build: { ...APART.before, ...list('5.2') },
        owners: owners('5.2'),
        facts: { a1: field('x', 't', 'time', OWN), b1: field('x', 't', 'text', 'a') },
      },
      after: {
        build: { ...APART.after, ...list('5.3') },
        owners: owners('5.3'),
        facts: { a2: field('x', 't', 'time', OTHER), b2: field('x', 't', 'text', 'b') },
      },
    },
  );
  assert.deepEqual(summary(report).changes, {
    'etc/a': 'cause:time.field',
    'etc/b': 'drift:deb:bash',
  });
});

test('a file whose package is in both builds the same is no drift', async () => {
  const { findings } = await diffTrees(
    { f: file('1') },
    { f: file('2') },
    {
      before: { build: list('5.2'), owners: { f: bash('5.2') }, facts: {} },
      after: { build: list('5.2'), owners: { f: bash('5.2') }, facts: {} },
    },
  );
  assert.deepEqual(
    findings.map(({ nature, owners }) => [nature, owners.length]),
    [['unknown', 1]],
  );
});

test('more packages than can be read are one finding', async () => {
  const names = Array.from({ length: 30 }, (_, i) => `p${i}`);
  const tree = (side: string): Tree =>
    Object.fromEntries(names.map((name) => [`usr/${name}`, file(name + side)]));
  const side = (version: string) => ({
    facts: {},
    owners: Object.fromEntries(
      names.map((name) => [
        `usr/${name}`,
        { kind: 'package', manager: 'rpm', name, version } as const,
      ]),
    ),
    build: { packages: names.map((name) => ({ manager: 'rpm', name, version, architecture: '' })) },
  });
  const { findings } = await diffTrees(tree('1'), tree('2'), {
    before: side('1'),
    after: side('2'),
  });
  assert.deepEqual(
    findings.map(({ id, count }) => [id, count]),
    [['drift:rpm', 30]],
  );
});

test('what no package lists is owned by the program that writes such files', async () => {
  const report = await diffTrees(
    { cache: file('1'), owned: file('1') },
    { cache: file('2'), owned: file('2') },
    {
      classify: () => ({ row: 'r', what: 'w', remedy: 'd', rule: null, tool: 'fc-cache' }),
      after: { owners: { owned: bash('5') } },
    },
  );
  assert.deepEqual(of('cache', report).owner, { kind: 'tool', name: 'fc-cache' });
  assert.deepEqual(of('owned', report).owner, bash('5'));
});

test('what was not looked into says so', async () => {
  const reason = async (before: Record<string, Facts>, after: Record<string, Facts>) => {
    const report = await diffTrees(
      { f: file('1') },
      { f: file('2') },
      { before: { facts: before }, after: { facts: after } },
    );
    const { status, reason: why } = of('f', report).explanation!;
    return [status, why !== null];
  };
  const some = facts('x');
  assert.deepEqual(await reason({}, {}), ['not-inspected', true]);
  assert.deepEqual(await reason({ '1': some }, {}), ['not-inspected', true]);
  assert.deepEqual(await reason({ '1': some }, { '2': { ...some, version: 2 } }), [
    'not-inspected',
    true,
  ]);
  assert.deepEqual(await reason({ '1': some }, { '2': some }), ['unknown', false]);
  assert.deepEqual(await reason({ '1': some }, { '2': facts('y') }), ['unknown', false]);
});

test('a side without facts at all is not asked for any', async () => {
  const report = await diffTrees({ f: file('1') }, { f: file('2') });
  assert.equal(of('f', report).explanation, null);
});

test('an empty side can be told from a full one without facts', async () => {
  const report = await diffTrees(
    { f: file('') },
    { f: file('2') },
    { before: { facts: {} }, after: { facts: {} } },
  );
  assert.equal(of('f', report).explanation!.changes[0]!.before, '0 bytes');
});

test('metadata has causes too: modes under two umasks, owners, times of each build', async () => {
  const at = (seconds_: number) => BigInt(seconds_) * 1_000_000_000n;
  const report = await diffTrees(
    { m: { mode: 0o644 }, o: { uid: 1000 }, t: { mtimeNs: at(OWN) }, x: { mode: 0o644 } },
    { m: { mode: 0o600 }, o: { uid: 1001 }, t: { mtimeNs: at(OTHER) }, x: { mode: 0o600, uid: 7 } },
    {
      before: { build: recorded({ umask: 0o022, uid: 1000 }, {}).before },
      after: { build: recorded({}, { umask: 0o077, uid: 1001 }).after },
    },
  );
  assert.deepEqual(summary(report).findings.toSorted(), [
    'metadata:mode nondeterminism id.umask/high/1',
    'metadata:mode+uid nondeterminism id.umask/high/1 id.owner/medium/1',
    'metadata:mtime nondeterminism meta.mtime/high/1',
    'metadata:uid nondeterminism id.owner/high/1',
  ]);
});

test('lists of another order, and logs, are named', async () => {
  const report = await diffTrees(
    { 'usr/list': file('l1'), 'var/log/x': file('x1') },
    { 'usr/list': file('l2'), 'var/log/x': file('x2') },
    {
      before: {
        facts: {
          l1: facts('text', { content: text('a', 'b', 'c') }),
          x1: facts('text', { content: text('q w e') }),
        },
      },
      after: {
        facts: {
          l2: facts('text', { content: text('c', 'b', 'a') }),
          x2: facts('text', { content: text('r t z u') }),
        },
      },
    },
  );
  assert.deepEqual(summary(report).changes, {
    'usr/list': 'cause:order.lines',
    'var/log/x': 'cause:log.residue',
  });
  assert.equal(of('usr/list', report).explanation!.sameExcept, 'order');
});

test('paths of every kind of bytes are fine', async () => {
  const path = 'n\xff\x1b[2J' as TreePath;
  const report = await diffTrees(
    { [path]: file('1') },
    { [path]: file('2') },
    {
      before: { build: APART.before, facts: { '1': field('gzip', 'MTIME', 'time', OWN) } },
      after: { build: APART.after, facts: { '2': field('gzip', 'MTIME', 'time', OTHER) } },
    },
  );
  assert.doesNotMatch(report.findings.map(({ title }) => title).join(), /\x1b/);
});

import assert from 'node:assert/strict';
import test from 'node:test';

import { flatten } from '../../src/diff/flatten.js';
import { diffTrees } from '../helpers/diff-trees.js';
import type { BuildParts } from '../helpers/memory-tree.js';

const circumstances = async (before: BuildParts, after: BuildParts) => {
  const report = await diffTrees({}, {}, { before: { build: before }, after: { build: after } });
  return {
    remarks: report.remarks,
    changes: report.circumstances.map((c) => [c.group, c.name, c.before, c.after]),
  };
};

test('equal circumstances give nothing', async () => {
  const parts: BuildParts = { meta: { a: { b: [1, null] } }, facts: { umask: 0o27 } };
  assert.deepEqual(await circumstances(parts, parts), { remarks: [], changes: [] });
});

test('facts, environment, os-release, tools and meta are told side by side', async () => {
  const { changes } = await circumstances(
    {
      facts: { hostName: 'a', umask: 0o22, sourceDateEpoch: null, environment: { TZ: 'UTC' } },
      meta: { v: 1, n: { x: [] } },
    },
    {
      facts: {
        hostName: 'b',
        umask: 0o2,
        sourceDateEpoch: 5,
        osRelease: { ID: 'debian', VERSION_ID: '12' },
        tools: {},
      },
      meta: { v: 2, n: { x: ['y'] } },
    },
  );
  assert.deepEqual(changes, [
    ['facts', 'hostName', 'a', 'b'],
    ['facts', 'umask', '0022', '0002'],
    ['facts', 'sourceDateEpoch', null, '5'],
    ['environment', 'TZ', 'UTC', null],
    ['os-release', 'VERSION_ID', null, '12'],
    ['tools', 'repro-audit', '0.1.0', null],
    ['meta', 'n.x', '[]', null],
    ['meta', 'v', '1', '2'],
    ['meta', 'n.x[0]', null, 'y'],
  ]);
});

test('packages are compared by name and architecture, and all versions of one count', async () => {
  const p = (name: string, version: string, architecture = 'amd64') => ({
    manager: 'rpm',
    name,
    version,
    architecture,
  });
  const { changes } = await circumstances(
    {
      packages: [
        p('kernel', '2'),
        p('kernel', '1'),
        p('bash', '5.1'),
        p('gone', '1'),
        p('same', '1'),
      ],
    },
    {
      packages: [
        p('kernel', '1'),
        p('kernel', '3'),
        p('bash', '5.2'),
        p('new', '1', ''),
        p('same', '1'),
      ],
    },
  );
  assert.deepEqual(changes, [
    ['packages', 'rpm:bash.amd64', '5.1', '5.2'],
    ['packages', 'rpm:gone.amd64', '1', null],
    ['packages', 'rpm:kernel.amd64', '1, 2', '1, 3'],
    ['packages', 'rpm:new', null, '1'],
  ]);
});

test('an equal input hash with another content checksum is remarked upon', async () => {
  const meta = (input: string, output: string) => ({
    meta: { 'rpm-ostree-inputhash': input, 'ostree-content-checksum': output },
  });
  const { remarks } = await circumstances(meta('i', 'x'), meta('i', 'y'));
  assert.deepEqual(remarks, [
    {
      kind: 'equal-input',
      input: 'rpm-ostree-inputhash',
      value: 'i',
      output: 'ostree-content-checksum',
      before: 'x',
      after: 'y',
    },
  ]);
  assert.deepEqual((await circumstances(meta('i', 'x'), meta('k', 'y'))).remarks, []);
  assert.deepEqual((await circumstances(meta('i', 'x'), meta('i', 'x'))).remarks, []);
});

test('flattened names are as distinct as the fields', () => {
  const fields = flatten({ a: { b: 1 }, 'a.b': 2, e: {}, 'c[0]': 3, c: [true], __proto__x: null });
  assert.deepEqual(
    [...fields],
    [
      ['"a.b"', '2'],
      ['"c[0]"', '3'],
      ['__proto__x', 'null'],
      ['a.b', '1'],
      ['c[0]', 'true'],
      ['e', '{}'],
    ],
  );
});

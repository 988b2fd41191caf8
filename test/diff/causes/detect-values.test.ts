import assert from 'node:assert/strict';
import test from 'node:test';

import { APART, recorded, seconds } from '../../helpers/fact-builders.js';
import { OTHER, word, UUIDS, causeOf, piece, testCases, type Builds } from './cause-cases.js';

testCases({
  'two UUIDs': [
    { kind: 'text', before: UUIDS[0], after: UUIDS[1] },
    'rand.uuid medium class: UUID',
  ],
  'a UUID on one side': [{ kind: 'text', before: UUIDS[0], after: 'none' }, 'unknown'],
  'the UUID of a line': [
    {
      kind: 'random',
      before: 'uuid4:0011223344556677',
      after: 'uuid4:8899aabbccddeeff',
      more: word,
    },
    'rand.uuid medium class: UUID',
  ],
  'a salt': [
    { kind: 'random', before: 'ab12', after: 'cd34' },
    'rand.hex medium class: drawn by chance',
  ],
  'hex digits': [
    { kind: 'text', before: 'a3f09b77c1d2', after: '5be81d20aa4f' },
    'rand.hex low class: hex digits',
  ],
  'digests of bytes': [
    {
      kind: 'opaque',
      before: 'd3cd64dc5520a3e814866c657950eb84',
      after: '0fd546b47fb321604cd71bc83e9fe7ca',
    },
    'unknown',
  ],
  'words that may be digests': [
    {
      kind: 'opaque',
      before: 'hex64:d3cd64dc5520a3e8',
      after: 'hex64:0fd546b47fb32160',
      more: word,
    },
    'unknown',
  ],
  'a time of day behind a date': [
    {
      kind: 'time',
      before: '11:00:00',
      after: '12:00:00',
      more: {
        line: [
          { kind: 'time', value: '2020-01-10' },
          { kind: 'time', value: '12:00:00' },
        ],
        place: 1,
      },
    },
    'time.text medium class: time',
  ],
  'a private key': [
    { kind: 'secret', before: 'd1', after: 'd2', path: 'etc/ssl/private/x.key' },
    'rand.key medium class: secret',
  ],
  'addresses of a process': [
    { kind: 'address', before: '0x7f1234567890', after: '0x7fabcdef0120' },
    'rand.addr medium class: address',
  ],
  'numbers that are no addresses': [
    { kind: 'address', before: '0x401000', after: '0x402000' },
    'rand.addr low class: address',
  ],
  'the machine id': [
    { kind: 'secret', before: 'd1', after: 'd2', path: 'etc/machine-id' },
    'rand.key medium class: secret',
  ],
  passwords: [
    { kind: 'secret', before: 'd1', after: 'd2', path: 'etc/shadow' },
    'rand.key low class: secret',
  ],
  'the pid of a daemon': [
    { kind: 'number', before: 812, after: 977, field: 'pid' },
    'rand.pid medium class: process number',
  ],
  'a number': [{ kind: 'number', before: 812, after: 977 }, 'unknown'],
  inodes: [
    { kind: 'file-system', before: 12, after: 99 },
    'plat.fs medium class: given out by a file system',
  ],
  'the number of processors': [
    {
      kind: 'number',
      before: 2,
      after: 8,
      field: 'jobs',
      builds: recorded({ cpuCount: 2 }, { cpuCount: 8 }),
    },
    'plat.cpu high facts.cpuCount',
  ],
  'some number that could be it': [
    { kind: 'number', before: 2, after: 8, builds: recorded({ cpuCount: 2 }, { cpuCount: 8 }) },
    'unknown',
  ],
  encodings: [
    { kind: 'text', before: 'UTF-8', after: 'ISO-8859-1' },
    'loc.encoding medium class: encoding',
  ],
  'options of a compiler': [
    { kind: 'flags', before: '-O2 -g', after: '-O3 -g' },
    'build.flags medium class: options of a compiler',
  ],
  'a level of compression': [
    { kind: 'codec', before: 6, after: 9 },
    'codec.level medium class: setting of a compressor',
  ],
  padding: [
    { kind: 'slack', before: 'a', after: 'b' },
    'codec.slack medium class: bytes without meaning',
  ],
  'a signature': [
    { kind: 'signature', before: 'a', after: 'b' },
    'sig.embedded medium class: signature',
  ],
  'lines of a log': [
    {
      kind: 'opaque',
      before: null,
      after: 'line x',
      path: 'var/log/apt/term.log',
      more: { sort: 'line' },
    },
    'log.residue medium class: place for logs and caches',
  ],
  'lines of a list': [
    {
      kind: 'opaque',
      before: null,
      after: 'line x',
      path: 'usr/share/list',
      more: { sort: 'line' },
    },
    'unknown',
  ],
  'words of unknown meaning': [{ kind: 'opaque', before: 'abc', after: 'abd' }, 'unknown'],
  'two texts': [{ kind: 'text', before: 'alpha', after: 'beta' }, 'unknown'],
  'a value on one side': [{ kind: 'time', before: null, after: seconds(OTHER) }, 'unknown'],
});

test('what a layout is of depends on the format', () => {
  const of = (format: string) =>
    causeOf({ kind: 'layout', before: 'a', after: 'b', more: { piece: { ...piece, format } } });
  assert.equal(of('rpmdb'), 'order.rows medium class: equal rows in other places');
  assert.equal(of('elf'), 'order.sections low class: equal symbols in other places');
  for (const format of ['pyc', 'json', 'os-release'])
    assert.equal(of(format), 'codec.form medium class: equal values in another form');
});

test('a sequence by bytes and one by a locale are a matter of collation', () => {
  const order = (before: readonly string[], after: readonly string[], builds: Builds) =>
    causeOf({
      kind: 'layout',
      before: '',
      after: '',
      builds,
      more: { sort: 'order', sequences: { before, after } },
    });
  const [bytes, locale, neither] = [
    ['B', 'a', 'c'],
    ['a', 'B', 'c'],
    ['c', 'a', 'B'],
  ];
  const locales = recorded({ locale: 'C' }, { locale: 'en_US.UTF-8' });
  assert.match(order(bytes!, locale!, locales), /^loc\.collate high/);
  assert.match(order(bytes!, locale!, APART), /^loc\.collate medium/);
  assert.match(order(bytes!, neither!, locales), /^order\.rows medium/);
});

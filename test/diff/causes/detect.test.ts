import assert from 'node:assert/strict';
import test from 'node:test';

import type { FactKind, FactValue } from '../../../src/core/facts.js';
import type { TreePath } from '../../../src/core/path.js';
import { detectCause } from '../../../src/diff/causes/detect.js';
import { valueChange } from '../../../src/diff/facts/collector.js';
import type { ComparedPiece, FoundChange } from '../../../src/diff/facts/found-change.js';
import { wordDigest } from '../../../src/util/words.js';
import { APART, pairOf, recorded, seconds } from '../../helpers/fact-builders.js';
import type { BuildParts } from '../../helpers/memory-tree.js';

type Builds = { readonly before?: BuildParts; readonly after?: BuildParts };
interface Case {
  readonly kind: FactKind;
  readonly before: FactValue;
  readonly after: FactValue;
  readonly builds?: Builds;
  readonly field?: string;
  readonly path?: string;
  readonly more?: Partial<FoundChange>;
}

const piece: ComparedPiece = {
  parent: null,
  row: null,
  chain: [],
  format: 'x',
  isContainer: false,
  sizes: { before: 1, after: 1 },
  digests: { before: 'a', after: 'b' },
};

function causeOf({
  kind,
  before,
  after,
  builds = APART,
  field = 'f',
  path = 'f',
  more,
}: Case): string {
  const change = { ...valueChange(piece, null, field, kind, before, after), ...more };
  const claim = detectCause({ change, path: path as TreePath, builds: pairOf(builds) });
  return claim === null ? 'unknown' : `${claim.cause} ${claim.confidence} ${claim.against}`;
}

const [OWN, OTHER] = ['2026-01-10T11:00:00Z', '2026-02-10T11:00:00Z'];
const HOSTS = recorded({ hostName: 'builder-3.example' }, { hostName: 'builder-7.example' });
const word = { line: [] };
const meta = (before: string, after: string): Builds => ({
  before: { ...APART.before, meta: { version: before } },
  after: { ...APART.after, meta: { version: after } },
});
const packages = (before: string, after: string): Builds => {
  const bash = { manager: 'rpm', name: 'bash', architecture: 'x86_64' };
  return {
    before: { ...APART.before, packages: [{ ...bash, version: before }] },
    after: { ...APART.after, packages: [{ ...bash, version: after }] },
  };
};
const UUIDS = [
  '0f8fad5b-d9cb-469f-a165-70867728950e',
  '7c9e6679-7425-40de-944b-e07fc1f90ae7',
] as const;

const CASES: Readonly<Record<string, readonly [Case, string]>> = {
  'a header time of each build': [
    { kind: 'time', before: seconds(OWN), after: seconds(OTHER) },
    'time.field high facts.startedAt..endedAt',
  ],
  'a header time that was there before both builds': [
    {
      kind: 'time',
      before: seconds('2020-01-01T00:00:00Z'),
      after: seconds('2021-01-01T00:00:00Z'),
    },
    'time.field medium class: time',
  ],
  'times of the other build each': [
    { kind: 'time', before: seconds(OTHER), after: seconds(OWN) },
    'time.field medium class: time',
  ],
  'the SOURCE_DATE_EPOCH of each build': [
    {
      kind: 'time',
      before: 1_000_000,
      after: 2_000_000,
      builds: recorded({ sourceDateEpoch: 1_000_000 }, { sourceDateEpoch: 2_000_000 }),
    },
    'time.field high facts.sourceDateEpoch',
  ],
  'times of two builds on one day': [
    {
      kind: 'time',
      before: seconds('2026-01-10T12:00:30Z'),
      after: seconds('2026-01-10T13:00:30Z'),
      builds: {
        before: APART.before,
        after: {
          facts: { startedAt: '2026-01-10T13:00:00.000Z', endedAt: '2026-01-10T13:05:00.000Z' },
        },
      },
    },
    'time.field high facts.startedAt..endedAt',
  ],
  'times of two builds that ran at once': [
    {
      kind: 'time',
      before: seconds('2026-01-10T12:00:30Z'),
      after: seconds('2026-01-10T12:00:31Z'),
      builds: { before: APART.before, after: APART.before },
    },
    'time.field medium class: time',
  ],
  'a number among bytes': [
    {
      kind: 'time',
      before: String(seconds(OWN)),
      after: String(seconds(OTHER)),
      more: { encoding: 'u32le' },
    },
    'time.epoch high facts.startedAt..endedAt',
  ],
  'milliseconds in a field for numbers': [
    { kind: 'number', before: seconds(OWN) * 1000, after: seconds(OTHER) * 1000 },
    'time.epoch high facts.startedAt..endedAt',
  ],
  'a number that is no time of the builds': [
    { kind: 'number', before: 1_400_000_000, after: 1_500_000_000 },
    'unknown',
  ],
  'a date in a line': [
    {
      kind: 'time',
      before: 'Sat, 10 Jan 2026 11:00:00 +0000',
      after: 'Tue, 10 Feb 2026 11:00:00 +0000',
      more: word,
    },
    'time.text high facts.startedAt..endedAt',
  ],
  __DATE__: [
    { kind: 'time', before: 'Jan 10 2026', after: 'Feb 10 2026', more: word },
    'time.text high facts.startedAt..endedAt',
  ],
  'a line of syslog, without year': [
    { kind: 'time', before: 'Jan 10 11:00:00', after: 'Feb 10 11:00:00', more: word },
    'time.text high facts.startedAt..endedAt',
  ],
  'a date inside of a text': [
    { kind: 'text', before: 'Generated on 2026-01-10 by x', after: 'Generated on 2026-02-10 by x' },
    'time.text high facts.startedAt..endedAt',
  ],
  'a day in a version': [
    { kind: 'version', before: '40.20260110.0', after: '40.20260210.0' },
    'time.text high facts.startedAt..endedAt',
  ],
  'two versions that look like days': [
    { kind: 'version', before: '20200101', after: '20210101' },
    'unknown',
  ],
  'a time of day alone': [
    { kind: 'time', before: '11:00:00', after: '12:00:00', more: word },
    'time.text low class: time of day',
  ],
  'one moment in two zones': [
    {
      kind: 'time',
      before: '2026-01-10T11:00:00+01:00',
      after: '2026-01-10T10:00:00Z',
      more: word,
    },
    'time.tz high class: the same moment in two zones',
  ],
  'local times of the recorded zones': [
    {
      kind: 'local-time',
      before: '2020-06-01T10:00:00',
      after: '2020-06-01T12:00:00',
      builds: recorded({ timeZone: 'UTC' }, { timeZone: 'Europe/Berlin' }),
    },
    'time.tz high facts.timeZone',
  ],
  'summer and winter of one zone': [
    {
      kind: 'local-time',
      before: '2020-06-01T10:00:00',
      after: '2020-06-01T11:00:00',
      builds: {
        before: {
          facts: {
            startedAt: '2026-01-10T12:00:00.000Z',
            endedAt: '2026-01-10T12:05:00.000Z',
            timeZone: 'Europe/Berlin',
          },
        },
        after: {
          facts: {
            startedAt: '2026-07-10T12:00:00.000Z',
            endedAt: '2026-07-10T12:05:00.000Z',
            timeZone: 'Europe/Berlin',
          },
        },
      },
    },
    'time.tz high facts.timeZone',
  ],
  'an hour apart in one zone': [
    { kind: 'local-time', before: '2020-06-01T10:00:00', after: '2020-06-01T11:00:00' },
    'time.field medium class: time',
  ],
  'how long it took': [
    { kind: 'text', before: '0.51s', after: '0.63s' },
    'time.elapsed medium class: duration',
  ],
  'the recorded host': [
    { kind: 'host', before: 'builder-3.example', after: 'builder-7.example', builds: HOSTS },
    'id.host high facts.hostName',
  ],
  'hosts that were not recorded': [
    { kind: 'host', before: 'one', after: 'other', builds: HOSTS },
    'id.host medium class: host name',
  ],
  'the recorded hosts the wrong way round': [
    { kind: 'text', before: 'builder-7.example', after: 'builder-3.example', builds: HOSTS },
    'unknown',
  ],
  'the recorded host on one side alone': [
    { kind: 'text', before: 'builder-3.example', after: 'elsewhere', builds: HOSTS },
    'unknown',
  ],
  'the host inside of a text': [
    {
      kind: 'text',
      before: 'root@builder-3.example (x)',
      after: 'root@builder-7.example (x)',
      builds: HOSTS,
    },
    'id.host high facts.hostName',
  ],
  'the host, and something else that differs': [
    {
      kind: 'text',
      before: 'builder-3.example alpha',
      after: 'builder-7.example omega',
      builds: HOSTS,
    },
    'unknown',
  ],
  'the digest of a word': [
    {
      kind: 'opaque',
      before: wordDigest('builder-3.example'),
      after: wordDigest('builder-7.example'),
      builds: HOSTS,
      more: word,
    },
    'id.host high facts.hostName',
  ],
  'digests of other words': [
    { kind: 'opaque', before: wordDigest('a'), after: wordDigest('b'), builds: HOSTS, more: word },
    'unknown',
  ],
  'the recorded user': [
    { kind: 'owner', before: 1000, after: 1001, builds: recorded({ uid: 1000 }, { uid: 1001 }) },
    'id.owner high facts.uid',
  ],
  'owners that were not recorded': [
    { kind: 'owner', before: 5, after: 6 },
    'id.owner medium class: owner',
  ],
  'modes under the recorded masks': [
    {
      kind: 'mode',
      before: '100644',
      after: '100664',
      builds: recorded({ umask: 0o022 }, { umask: 0o002 }),
    },
    'id.umask high facts.umask',
  ],
  'modes under two masks': [
    { kind: 'mode', before: '0755', after: '0700' },
    'id.umask medium class: modes under two umasks',
  ],
  'another mode': [{ kind: 'mode', before: '0644', after: '0755' }, 'unknown'],
  'the recorded directory': [
    {
      kind: 'path',
      before: '/work/b1/src/a.c',
      after: '/home/ci/src/a.c',
      builds: recorded({ cwd: '/work/b1' }, { cwd: '/home/ci' }),
    },
    'path.build high facts.cwd',
  ],
  'places where builds run': [
    { kind: 'path', before: '/build/x-1/src/a.c', after: '/build/y-2/src/a.c' },
    'path.build medium class: place where builds run',
  ],
  'paths that are no places of builds': [
    { kind: 'path', before: '/usr/share/a', after: '/usr/share/b' },
    'unknown',
  ],
  'another file of one place': [{ kind: 'path', before: '/tmp/a', after: '/tmp/b' }, 'unknown'],
  'a temporary name': [
    {
      kind: 'path',
      before: '/var/tmp/dracut.Ab3xYz/initramfs',
      after: '/var/tmp/dracut.q9QwE1/initramfs',
    },
    'path.build medium class: place where builds run',
  ],
  'a temporary name somewhere': [
    { kind: 'path', before: '/opt/tmp.Ab3xYz01', after: '/opt/tmp.q9QwE1x7' },
    'rand.tempname medium class: name of mktemp(3)',
  ],
  'how deep': [
    { kind: 'path', before: '../../a', after: '../../../a' },
    'path.depth medium class: relative path',
  ],
  'with and without usr': [
    { kind: 'path', before: '/bin/sed', after: '/usr/bin/sed' },
    'plat.usrmerge medium class: one path with and without /usr',
  ],
  'another shell': [
    { kind: 'path', before: '/bin/bash', after: '/bin/dash' },
    'plat.shell medium class: shell',
  ],
  'the kernel that ran': [
    {
      kind: 'version',
      before: '6.1.0-28-amd64',
      after: '6.1.0-30-amd64',
      builds: recorded({ kernel: '6.1.0-28-amd64' }, { kernel: '6.1.0-30-amd64' }),
    },
    'plat.kernel high facts.kernel',
  ],
  'a value that the caller gave': [
    {
      kind: 'text',
      before: 'Fedora 44.x.1',
      after: 'Fedora 44.y.0',
      builds: meta('44.x.1', '44.y.0'),
    },
    'env.var high meta.version',
  ],
  'short values that the caller gave': [
    { kind: 'text', before: 'a 1 b', after: 'a 2 b', builds: meta('1', '2') },
    'unknown',
  ],
  'versions of a package': [
    { kind: 'version', before: '5.2-1', after: '5.3-1', builds: packages('5.2-1', '5.3-1') },
    'dep.version high packages.bash',
  ],
  'versions of no package': [
    { kind: 'version', before: '5.2-1', after: '5.4-1', builds: packages('5.2-1', '5.3-1') },
    'unknown',
  ],
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
};

for (const [name, [value, expected]] of Object.entries(CASES))
  test(`${name}: ${expected}`, () => assert.equal(causeOf(value), expected));

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

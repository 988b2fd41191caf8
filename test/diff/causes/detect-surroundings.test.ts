import { wordDigest } from '../../../src/util/words.js';
import { recorded } from '../../helpers/fact-builders.js';
import { HOSTS, word, meta, packages, testCases } from './cause-cases.js';

testCases({
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
});

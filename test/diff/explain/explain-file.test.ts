import assert from 'node:assert/strict';
import test from 'node:test';

import type { FactKind, Facts, FactValue } from '../../../src/core/facts.js';
import type { TreePath } from '../../../src/core/path.js';
import { ChangedFiles } from '../../../src/diff/explain/file-links.js';
import { wordDigest } from '../../../src/util/words.js';
import {
  APART,
  explain,
  fact,
  facts,
  part,
  recorded,
  row,
  seconds,
  sha256,
  table,
  text,
  told,
} from '../../helpers/fact-builders.js';

const [OWN, OTHER] = [seconds('2026-01-10T11:00:00Z'), seconds('2026-02-10T11:00:00Z')];
const header = (
  format: string,
  fields: Readonly<Record<string, readonly [FactKind, FactValue]>>,
): Facts =>
  facts(format, {
    facts: Object.entries(fields).map(([name, [kind, value]]) => fact(name, kind, value)),
  });

test('a checksum follows from what it covers', async () => {
  const of = (time: number, crc: string) =>
    header('uimage', { time: ['time', time], hcrc: ['checksum', crc] });
  const explanation = await explain(of(OWN, 'a'), of(OTHER, 'b'), { builds: APART });
  assert.deepEqual(told(explanation), ['time time.field high', 'hcrc <- time']);
  assert.equal(explanation.status, 'explained');
  assert.deepEqual(explanation.changes[0]!.witness, {
    before: `${OWN} (2026-01-10T11:00:00Z)`,
    after: `${OTHER} (2026-02-10T11:00:00Z)`,
    against: 'facts.startedAt..endedAt',
  });
});

test('a checksum that follows from nothing is a root, and unknown', async () => {
  const of = (crc: string) => header('x', { crc: ['checksum', crc] });
  const explanation = await explain(of('a'), of('b'));
  assert.deepEqual(told(explanation), ['crc unknown null']);
  assert.equal(explanation.status, 'unknown');
});

const zip = (member: string, time: number, values: readonly [string, number, string]): Facts =>
  facts('zip', {
    tables: [
      table('', { mtime: 'time', crc: 'checksum', size: 'size', data: 'stream' }, [
        row('a', [time, ...values], part(member, 'text')),
        row('b', [1, 'b', 2, 'B'], part('B')),
      ]),
    ],
  });

test('sums, sizes and compressed bytes of a member follow from what is in it', async () => {
  const [before, after] = [
    facts('text', { content: text('x time=2026-01-10') }),
    facts('text', { content: text('x time=2026-02-10') }),
  ];
  const explanation = await explain(zip('1', 5, ['x', 3, 'p']), zip('2', 5, ['y', 4, 'q']), {
    builds: APART,
    before: { '1': before },
    after: { '2': after },
  });
  assert.deepEqual(told(explanation), [
    'a!line 1 time.text high',
    'a!crc <- a!line 1',
    'a!size <- a!line 1',
    'a!data <- a!line 1',
  ]);
  assert.equal(explanation.sameExcept, null);
});

test('compressed bytes that differ over equal content are a matter of the compressor, whatever else differs', async () => {
  const explanation = await explain(zip('1', OWN, ['x', 3, 'p']), zip('1', OTHER, ['x', 4, 'q']), {
    builds: APART,
  });
  assert.deepEqual(told(explanation), [
    'a!mtime time.field high',
    'a!data codec.level medium',
    'a!size <- a!data',
  ]);
});

test('only the compressor', async () => {
  const explanation = await explain(zip('1', 1, ['x', 3, 'p']), zip('1', 1, ['x', 4, 'q']));
  assert.deepEqual([explanation.status, explanation.sameExcept], ['explained', 'compression']);
});

test('only times of members', async () => {
  const { sameExcept } = await explain(
    zip('1', OWN, ['x', 3, 'p']),
    zip('1', OTHER, ['x', 3, 'p']),
  );
  assert.equal(sameExcept, 'metadata');
});

const signed = (code: string, signature: string, sum: string): Facts =>
  facts('pe', {
    facts: [fact('CheckSum', 'checksum', sum), fact('certificates', 'signature', signature)],
    tables: [table('sections', {}, [row('.text', [], part(code))])],
  });

test('a signature alone is the cause; over other code it follows from that', async () => {
  const alone = await explain(signed('c', 's', '1'), signed('c', 't', '2'));
  assert.deepEqual(told(alone), ['certificates sig.embedded medium', 'CheckSum <- certificates']);
  assert.equal(alone.sameExcept, 'signature');
  const over = await explain(signed('c', 's', '1'), signed('d', 't', '2'));
  assert.deepEqual(told(over), [
    'sections!.text!bytes unknown null',
    'CheckSum <- sections!.text!bytes',
    'certificates <- sections!.text!bytes',
  ]);
  assert.equal(over.sameExcept, null);
});

test('a layout that differs over equal rows is one, and slack is one', async () => {
  const of = (layout: string, kind: FactKind) => header('sqlite', { pages: [kind, layout] });
  assert.equal((await explain(of('a', 'layout'), of('b', 'layout'))).sameExcept, 'layout');
  assert.equal((await explain(of('a', 'slack'), of('b', 'slack'))).sameExcept, 'layout');
});

test('another order is a root even where other things differ', async () => {
  const of = (keys: readonly string[], time: number): Facts =>
    facts('cpio', {
      tables: [
        table(
          '',
          { mtime: 'time' },
          keys.map((key) => row(key, [key === 'a' ? time : 1], part(key))),
        ),
      ],
    });
  const both = await explain(of(['a', 'b'], OWN), of(['b', 'a'], OTHER), { builds: APART });
  assert.deepEqual(told(both), ['a!mtime time.field high', 'order order.member medium']);
  assert.equal((await explain(of(['a', 'b'], 1), of(['b', 'a'], 1))).sameExcept, 'order');
});

test('of many alike a few are kept and all are counted', async () => {
  const of = (time: number): Facts =>
    facts('cpio', {
      tables: [
        table(
          '',
          { mtime: 'time' },
          Array.from({ length: 335 }, (_, i) => row(`f${i}`, [time], part('x'))),
        ),
      ],
    });
  const { changes, counts, sameExcept } = await explain(of(OWN), of(OTHER), { builds: APART });
  assert.ok(changes.length < 10);
  assert.deepEqual(counts, [
    {
      cause: 'time.field',
      confidence: 'high',
      field: 'mtime',
      format: 'cpio',
      consequence: false,
      count: 335,
    },
  ]);
  assert.equal(sameExcept, 'metadata');
});

function changedFiles(): ChangedFiles {
  const files = new ChangedFiles();
  files.add(
    'usr/bin/tool' as TreePath,
    { before: sha256('t1'), after: sha256('t2') },
    { before: 10, after: 12 },
  );
  return files;
}

test('the digest of a changed file follows from the file, however it is written', async () => {
  const hex = (bytes: string) => sha256(bytes);
  const base64 = (bytes: string) => Buffer.from(sha256(bytes), 'hex').toString('base64');
  const url = (bytes: string) =>
    wordDigest(Buffer.from(sha256(bytes), 'hex').toString('base64url'));
  for (const write of [hex, base64, url]) {
    const of = (bytes: string) => header('list', { sum: ['digest', write(bytes)] });
    const explanation = await explain(of('t1'), of('t2'), { files: changedFiles() });
    assert.deepEqual(told(explanation), ['sum <- /usr/bin/tool']);
    assert.equal(explanation.status, 'explained');
  }
});

test('the digest of a file on one side alone is nothing', async () => {
  const of = (value: string) => header('list', { sum: ['digest', value] });
  const explanation = await explain(of(sha256('t1')), of(sha256('zz')), { files: changedFiles() });
  assert.deepEqual(told(explanation), ['sum unknown null']);
});

test('a sum on a line that names a changed file follows from the file, and so does the size beside it', async () => {
  const line = (sum: string, size: string): Facts =>
    facts('text', { content: text(`opaque=hex32:${sum} number=${size} usr bin tool`) });
  const explanation = await explain(line('a', '10'), line('b', '12'), { files: changedFiles() });
  assert.deepEqual(told(explanation), ['line 1 <- /usr/bin/tool', 'line 1 <- /usr/bin/tool']);
  const other = (sum: string): Facts =>
    facts('text', { content: text(`opaque=hex32:${sum} usr bin other`) });
  assert.deepEqual(told(await explain(other('a'), other('b'), { files: changedFiles() })), [
    'line 1 unknown null',
  ]);
});

test('a member that is a copy of a changed file follows from it, with all that differs in it', async () => {
  const of = (bytes: string): Facts =>
    facts('cpio', { tables: [table('', {}, [row('bin/tool', [], part(bytes, 'x'))])] });
  const inner = (value: string) => header('x', { v: ['version', value] });
  const explanation = await explain(of('t1'), of('t2'), {
    files: changedFiles(),
    before: { t1: inner('1') },
    after: { t2: inner('2') },
  });
  assert.deepEqual(told(explanation), ['bin/tool!v <- /usr/bin/tool']);
});

test('the digest of a member follows from the member', async () => {
  const of = (bytes: string): Facts =>
    facts('zip', {
      tables: [
        table('', {}, [
          row('META-INF/MANIFEST.MF', [], part(`m${bytes}`, 'text')),
          row('A.class', [], part(bytes)),
        ]),
      ],
    });
  const manifest = (bytes: string) =>
    facts('text', {
      content: text(`Digest opaque=${Buffer.from(sha256(bytes), 'hex').toString('base64')}`),
    });
  const explanation = await explain(of('1'), of('2'), {
    before: { m1: manifest('1') },
    after: { m2: manifest('2') },
  });
  assert.deepEqual(told(explanation), [
    'A.class!bytes unknown null',
    'META-INF/MANIFEST.MF!line 1 <- A.class',
  ]);
});

test('the public half of a key follows from the private one', async () => {
  const files = new ChangedFiles();
  files.add(
    'etc/ssh/k' as TreePath,
    { before: sha256('1'), after: sha256('2') },
    { before: 1, after: 1 },
  );
  const of = (word: string): Facts =>
    facts('text', { content: text(`ssh-ed25519 ${word} root@x`) });
  const follows = async (path: string) =>
    told(await explain(of('AAAA'), of('BBBB'), { path, files }));
  assert.deepEqual(await follows('etc/ssh/k.pub'), ['line 1 <- /etc/ssh/k']);
  assert.deepEqual(await follows('etc/ssh/other.pub'), ['line 1 unknown null']);
});

test('what is explained in part is not called explained', async () => {
  const of = (host: string, rest: string) =>
    header('x', { host: ['host', host], rest: ['text', rest] });
  const builds = recorded({ hostName: 'builder-3' }, { hostName: 'builder-7' });
  const { status } = await explain(of('builder-3', 'alpha'), of('builder-7', 'beta'), { builds });
  assert.equal(status, 'partly');
  const low = await explain(
    header('x', { a: ['address', '1'] }),
    header('x', { a: ['address', '2'] }),
  );
  assert.equal(low.status, 'unknown');
});

test('records of a package that was installed in another version are input drift', async () => {
  const db = (version: string): Facts =>
    facts('rpmdb', {
      tables: [
        table('Packages', { v: 'version', time: 'time' }, [
          row('bash', [version, 1]),
          row('zsh', ['1', Number(version)]),
        ]),
      ],
    });
  const bash = (version: string) => ({
    packages: [{ manager: 'rpm', name: 'bash', version, architecture: '' }],
  });
  const { changes } = await explain(db('5'), db('6'), {
    builds: { before: bash('5'), after: bash('6') },
  });
  assert.deepEqual(
    changes.map(({ chain, field, cause }) => [...chain, field, cause].join(' ')),
    ['Packages bash v dep.version', 'Packages zsh time time.field'],
  );
});

test('what is encrypted under another salt is no secret that was generated, and stays unseen', async () => {
  const store = (salt: string, iterations: number, content: string) =>
    facts('pkcs12', {
      tables: [
        table('safes', { salt: 'random', iterations: 'number', content: 'secret' }, [
          row('safe 0', [salt, iterations, content]),
        ]),
      ],
    });
  const salted = await explain(store('a', 1, 'x'), store('b', 1, 'y'));
  assert.deepEqual(told(salted), [
    'safes!safe 0!salt rand.hex medium',
    'safes!safe 0!content rand.hex low',
  ]);
  assert.equal(salted.status, 'partly');
  assert.deepEqual(told(await explain(store('a', 1, 'x'), store('a', 1, 'y'))), [
    'safes!safe 0!content rand.key low',
  ]);
});

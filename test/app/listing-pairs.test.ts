import assert from 'node:assert/strict';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import fc from 'fast-check';

import type { Report } from '../../src/core/report.js';
import { jsonChange } from '../../src/reporters/json-change.js';
import { diffSources } from '../helpers/diff-sources.js';
import { changedPaths } from '../helpers/diff-trees.js';
import { tempFolder, tempTree } from '../helpers/temp-tree.js';

function list(t: TestContext, id: string, text: string): string {
  const file = join(tempFolder(t), 'list');
  writeFileSync(file, text, 'latin1');
  return `${id}:${file}`;
}

const [SHA_A, SHA_B] = ['aa'.repeat(32), 'bb'.repeat(32)];
const NAMES = ['.', './d', './d/f', './d/g', './l'] as const;

/** By path, the words of a line that may be missing. */
const WORDS: Readonly<Record<(typeof NAMES)[number], readonly string[]>> = {
  '.': ['mode=0755', 'uid=0 gid=0', 'time=1.0'],
  './d': ['mode=0755', 'uid=0 gid=0', 'time=2.0'],
  './d/f': ['mode=0644', 'uid=1 gid=0', 'time=3.5', 'size=1', `sha256=${SHA_A}`],
  './d/g': ['mode=0600', 'uid=0 gid=2', 'time=4.0', 'size=2', `sha256=${SHA_B}`],
  './l': ['mode=0777', 'uid=0 gid=0', 'time=5.0', 'link=d/f'],
};
const TYPE: Readonly<Record<string, string>> = { '.': 'dir', './d': 'dir', './l': 'link' };

/** `kept`: which words each line has, one flag per word. */
function mtreeText(kept: (name: string, word: number) => boolean, words = WORDS): string {
  return `#mtree\n${NAMES.map((name) =>
    [name, `type=${TYPE[name] ?? 'file'}`, ...words[name].filter((_, i) => kept(name, i))].join(
      ' ',
    ),
  ).join('\n')}\n`;
}

const flags = fc.dictionary(
  fc.constantFrom(...NAMES),
  fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
);

test('what one of two lists leaves out is never a change, and never the same without a word', async (t) => {
  const whole = list(
    t,
    'mtree',
    mtreeText(() => true),
  );
  await fc.assert(
    fc.asyncProperty(flags, async (dropped) => {
      const kept = (name: string, i: number): boolean => dropped[name]?.[i] !== true;
      const isWhole = NAMES.every((name) => WORDS[name].every((_, i) => kept(name, i)));
      const part = list(t, 'mtree', mtreeText(kept));
      for (const [before, after] of [
        [whole, part],
        [part, whole],
        [part, part],
      ] as const) {
        const report = await diffSources(before, after);
        assert.deepEqual(changedPaths(report), {});
        const told = report.notCompared.filter(({ what }) => what !== 'xattr' && what !== 'links');
        assert.equal(told.length > 0, !isWhole);
        assert.ok(report.verdict === 'same' || report.verdict === 'incomplete');
      }
    }),
    { numRuns: 25 },
  );
});

test('a list without the digest of one file is not the same as itself', async (t) => {
  const part = list(
    t,
    'mtree',
    mtreeText((name, i) => name !== './d/f' || i !== 4),
  );
  const report = await diffSources(part, part);
  assert.equal(report.verdict, 'incomplete');
  assert.ok(report.notCompared.some(({ what, declared }) => what === 'content' && !declared));
});

test('a change is found where both lists say the attribute, and nowhere else', async (t) => {
  const other = {
    ...WORDS,
    './d/f': ['mode=0640', 'uid=7 gid=0', 'time=9.0', 'size=5', `sha256=${SHA_B}`],
  };
  const before = list(
    t,
    'mtree',
    mtreeText(() => true),
  );
  const words = ['mode', 'uid', 'mtime', 'size', 'content'];
  for (const [missing, attribute] of words.entries()) {
    const kept = (name: string, i: number): boolean => name !== './d/f' || i !== missing;
    const report = await diffSources(before, list(t, 'mtree', mtreeText(kept, other)));
    const found = changedPaths(report)['d/f']?.split(' ') ?? [];
    assert.ok(!found.includes(attribute), attribute);
    const expected = words.filter((word) => word !== attribute);
    assert.deepEqual(found.toSorted(), expected.toSorted());
    assert.equal(report.complete, false, attribute);
  }
});

test('an attribute that no entry has is declared, one that some have is a gap', async (t) => {
  const whole = list(
    t,
    'mtree',
    mtreeText(() => true),
  );
  const none = await diffSources(
    whole,
    list(
      t,
      'mtree',
      mtreeText((_, i) => i !== 0),
    ),
  );
  const some = await diffSources(
    whole,
    list(
      t,
      'mtree',
      mtreeText((name, i) => i !== 0 || name === '.'),
    ),
  );
  const modes = (report: Report) =>
    report.notCompared
      .filter(({ what }) => what === 'mode')
      .map(({ side, declared }) => [side, declared]);
  assert.deepEqual([modes(none), none.verdict], [[['after', true]], 'same']);
  assert.deepEqual([modes(some), some.verdict], [[['after', false]], 'incomplete']);
});

test('values that are not known are null in the report', async (t) => {
  const report = await diffSources(
    list(t, 'mtree', '#mtree\n. type=dir\n'),
    list(t, 'mtree', '#mtree\n. type=dir\na type=file\nl type=link\n'),
  );
  const [file] = report.changes.map((change) => jsonChange(change) as { readonly after: object });
  const unknown = { mode: null, uid: null, gid: null, size: null, mtimeNs: null };
  assert.deepEqual({ ...file?.after, ...unknown }, file?.after);
});

test('a list of contents is compared by contents, and says nothing of what is no file', async (t) => {
  const root = tempTree(t, { a: 'a', 'd/b': 'b', 'd/e': null, link: { link: 'a' } });
  const sha = (text: string): string => (text === 'a' ? SHA.a : SHA.b);
  const same = await diffSources(
    list(t, 'sha256sums', `${sha('a')}  ./a\n${sha('b')}  d/b\n${sha('a')}  link\n`),
    root,
  );
  assert.deepEqual(changedPaths(same), {});
  assert.deepEqual(
    same.notCompared.filter(({ declared }) => !declared).map(({ path, what }) => [path, what]),
    [['link', 'type']],
    'what leads there may be a link',
  );
  const changed = await diffSources(
    root,
    list(t, 'sha256sums', `${sha('b')}  a\n${sha('a')}  new/c\n`),
  );
  assert.deepEqual(changedPaths(changed), { a: 'content', 'd/b': 'removed', 'new/c': 'added' });
  assert.equal(changed.contentBy, 'sha256');
  const whole = await diffSources(
    root,
    list(t, 'sha256sums', `${sha('a')}  a\n${sha('b')}  d/b\n`),
  );
  assert.equal(whole.verdict, 'same');
});

const SHA = {
  a: 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb',
  b: '3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d',
};

test('a directory that a list of contents goes through may be a link', async (t) => {
  const root = tempTree(t, { 'real/a': 'a' });
  symlinkSync('real', join(root, 'way'));
  const report = await diffSources(
    root,
    list(t, 'sha256sums', `${SHA.a}  real/a\n${SHA.a}  way/a\n`),
  );
  assert.deepEqual(changedPaths(report), {});
  assert.equal(report.verdict, 'incomplete');
});

test('contents of which only MD5 is listed are not compared, and not called the same', async (t) => {
  const text = (md5: string): string => `#mtree\n. type=dir\na type=file size=1 md5=${md5}\n`;
  const report = await diffSources(list(t, 'mtree', text('00')), list(t, 'mtree', text('11')));
  assert.deepEqual(
    [report.verdict, report.contentBy, report.complete],
    ['incomplete', null, false],
  );
  assert.deepEqual(report.before.capture.otherDigests, ['md5']);
});

test('what may be missing, and what lies where a list does not look, is not compared', async (t) => {
  const before = list(
    t,
    'mtree',
    '#mtree\n. type=dir\nmaybe type=file optional\nlogs type=dir ignore\n..\n',
  );
  const after = list(t, 'mtree', '#mtree\n. type=dir\nlogs type=dir\n new type=file\n..\n');
  const report = await diffSources(before, after);
  assert.deepEqual(changedPaths(report), {});
  assert.equal(report.verdict, 'incomplete');
});

test('what a list does not say the type of is neither added nor removed', async (t) => {
  const report = await diffSources(
    list(t, 'mtree', '#mtree\n. type=dir\na mode=0644\n'),
    list(t, 'mtree', '#mtree\n. type=dir\na type=file mode=0644\n'),
  );
  assert.deepEqual(changedPaths(report), {});
  assert.equal(report.verdict, 'incomplete');
});

test('a line that makes no sense is told, and the others are compared', async (t) => {
  const report = await diffSources(
    list(t, 'mtree', '#mtree\n. type=dir\n\\q type=file\nb type=file mode=0644\n'),
    list(t, 'mtree', '#mtree\n. type=dir\nb type=file mode=0600\n'),
  );
  assert.deepEqual(changedPaths(report), { b: 'mode' });
  assert.equal(report.complete, false);
  assert.match(report.diagnostics[0]?.detail ?? '', /line 3/);
});

test('names that lead out, through files, or come twice are told and put nowhere else', async (t) => {
  const text = `${SHA.a}  ../x\n${SHA.a}  /abs\n${SHA.a}  f\n${SHA.a}  f/inside\n${SHA.b}  f\n${SHA.a}  abs\n`;
  const report = await diffSources(
    list(t, 'sha256sums', text),
    list(t, 'sha256sums', `${SHA.a}  abs\n${SHA.b}  f\n`),
  );
  assert.deepEqual(changedPaths(report), {});
  assert.equal(report.diagnostics.length, 3);
});

test('a database that is cut is incomplete wherever it is cut', async (t) => {
  const line = `/a 36 100644\n`;
  const text = `@@begin_db\n@@db_spec name attr perm\n/ 36 40755\n${line.repeat(1)}@@end_db\n`;
  const whole = list(t, 'aide', text);
  assert.equal((await diffSources(whole, whole)).diagnostics.length, 0);
  for (let length = text.indexOf('/a'); length < text.length - 1; length += 3) {
    const report = await diffSources(whole, list(t, 'aide', text.slice(0, length)));
    assert.equal(report.complete, false, String(length));
  }
});

test('what is no list is refused', async (t) => {
  for (const id of ['mtree', 'aide', 'composefs-dump', 'sha256sums'])
    for (const text of ['', 'hello\n', '\0\x01\x02', '{"a": 1}\n'])
      await assert.rejects(diffSources(list(t, id, text), list(t, id, text)), {
        code: 'SOURCE_UNUSABLE',
      });
});

test('names, targets and times that no file system has are told, and cost their entry alone', async (t) => {
  const long = 'n'.repeat(70_000);
  const report = await diffSources(
    list(
      t,
      'mtree',
      `#mtree\n. type=dir\n${long} type=file\nl type=link link=${long}\nt type=file time=999999999999.0\n`,
    ),
    list(
      t,
      'aide',
      '@@begin_db\n@@db_spec name perm mtime\n/ 40755 0\n/t 100644 OTk5OTk5OTk5OTk=\n@@end_db\n',
    ),
  );
  assert.deepEqual(changedPaths(report), {});
  assert.equal(report.diagnostics.length, 4);
});

test('nothing is looked into: there are no contents', async (t) => {
  const root = tempTree(t, { 'etc/os-release': 'ID=a\n' });
  const file = list(t, 'sha256sums', `${SHA.a}  etc/os-release\n`);
  const report = await diffSources(root, file);
  assert.deepEqual(changedPaths(report), { 'etc/os-release': 'content' });
  assert.equal(report.container, null);
  assert.equal(report.changes[0]?.explanation?.status ?? 'not-inspected', 'not-inspected');
});

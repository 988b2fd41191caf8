import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { CAUSES } from '../../src/core/explanation.js';
import { catalogue } from '../../src/scrub/catalogue/index.js';
import { scrubRules } from '../../src/scrub/index.js';
import { topicOf } from '../../src/cli/topics.js';
import { repositoryRoot } from '../helpers/repository-root.js';
import { tempFolder } from '../helpers/temp-tree.js';
import { expectOk, run } from './helpers.js';

test('every cause, rule and row can be asked for', () => {
  for (const id of CAUSES) assert.equal(topicOf(id).kind, 'cause');
  for (const { id } of scrubRules) assert.equal(topicOf(id).kind, 'rule');
  for (const { id } of catalogue) assert.ok(['rule', 'row'].includes(topicOf(id).kind), id);
});

test('ids of findings lead to what they are about', () => {
  const about = (word: string): string => {
    const topic = topicOf(word);
    if (topic.kind === 'cause') return topic.cause.id;
    return topic.kind === 'rule' ? topic.rule.id : topic.kind;
  };
  assert.equal(about('cause:time.field'), 'time.field');
  assert.equal(about('[content:apt-cache]'), 'apt-cache');
  assert.equal(about('drift:deb:bash'), 'dep.version');
  assert.equal(about('metadata:mtime'), 'meta.mtime');
  assert.equal(about('metadata:mode+mtime'), 'finding');
  for (const id of ['content:/var/log', 'added:/a', 'removed:/', 'type:/x', 'links:/x'])
    assert.equal(about(id), 'finding', id);
});

test('explain without a word lists the causes, as markdown it is docs/causes.md', (t) => {
  const cwd = tempFolder(t);
  const { stdout } = expectOk(run(cwd, ['explain']));
  for (const id of CAUSES) assert.ok(stdout.includes(`${id} `), id);
  const page = readFileSync(join(repositoryRoot(), 'docs/causes.md'), 'utf8');
  assert.equal(expectOk(run(cwd, ['explain', '--format', 'markdown'])).stdout, page);
  const { causes } = JSON.parse(expectOk(run(cwd, ['explain', '--json'])).stdout) as {
    causes: { id: string }[];
  };
  assert.deepEqual(
    causes.map(({ id }) => id),
    [...CAUSES],
  );
});

test('a cause is told with its remedies in every format, at most 80 columns wide but for links', (t) => {
  const cwd = tempFolder(t);
  for (const format of ['text', 'markdown', 'json']) {
    const { stdout } = expectOk(run(cwd, ['explain', 'time.field', '--format', format]));
    assert.match(stdout, /SOURCE_DATE_EPOCH/);
    if (format === 'text')
      for (const line of stdout.split('\n'))
        assert.ok(line.length <= 80 || line.includes('https://') || line.startsWith('  '), line);
  }
});

test('a name that is nearly right is a usage error that says what was meant', (t) => {
  const cwd = tempFolder(t);
  const { status, stderr } = run(cwd, ['explain', 'time.feild']);
  assert.equal(status, 2);
  assert.match(stderr, /time\.field/);
  assert.match(run(cwd, ['explain', 'content:apt-cahce']).stderr, /apt-cache/);
  assert.equal(run(cwd, ['explain', 'zzzzzzzzzz']).status, 2);
  assert.equal(run(cwd, ['explain', 'a', 'b']).status, 2);
  assert.equal(run(cwd, ['explain', 'time.field', '--format', 'xml']).status, 2);
});

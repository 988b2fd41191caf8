import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import fc from 'fast-check';

import { isText, textDiff } from '../../../src/app/content/text-diff.js';
import { needs } from '../../helpers/oracle.js';
import { tempFolder } from '../../helpers/temp-tree.js';

test('text is what has no NUL, few controls and lines that end', () => {
  assert.ok(isText(Buffer.from('')));
  assert.ok(isText(Buffer.from('caf\xe9\n\tx\r\n', 'latin1')));
  assert.ok(isText(Buffer.from(`${'long text '.repeat(5)}\x1b[0m\n`)));
  assert.equal(isText(Buffer.from('a\0b')), false);
  assert.equal(isText(Buffer.from('\x01\x02\x03')), false);
  assert.equal(isText(Buffer.from('x'.repeat(5000))), false);
});

test('texts without anything in common beyond the budget are not compared by lines', async () => {
  const lines = (word: string): Buffer =>
    Buffer.from(Array.from({ length: 6000 }, (_, i) => `${word} ${i}\n`).join(''));
  assert.equal(await textDiff(lines('a'), lines('b')), null);
});

test('patch makes the text after from the text before', { skip: needs('patch') }, async (t) => {
  const folder = tempFolder(t);
  const [file, patch] = [join(folder, 'file'), join(folder, 'patch')];
  const line = fc.constantFrom('a\n', 'b\n', '\xe9\n', '\n', 'last', '-x\n', 'end\r\n');
  const text = fc
    .array(line, { maxLength: 30 })
    .map((lines) => Buffer.from(lines.join(''), 'latin1'));
  await fc.assert(
    fc.asyncProperty(text, text, async (before, after) => {
      fc.pre(before.length > 0 && after.length > 0 && !before.equals(after));
      const hunks = (await textDiff(before, after))!;
      const lines = hunks.flatMap((hunk) => [
        `@@ -${hunk.before.start},${hunk.before.count} +${hunk.after.start},${hunk.after.count} @@`,
        ...hunk.lines,
      ]);
      writeFileSync(file, before);
      writeFileSync(patch, Buffer.from(`--- file\n+++ file\n${lines.join('\n')}\n`, 'latin1'));
      execFileSync('patch', ['--binary', '-s', '-f', file, patch]);
      assert.deepEqual(readFileSync(file), after);
    }),
    { numRuns: 40 },
  );
});

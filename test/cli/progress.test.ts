import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createProgressLine, progressText, workText } from '../../src/cli/progress.js';

function terminal(isTTY: boolean): { stream: NodeJS.WriteStream; written: () => string } {
  let text = '';
  const stream = { isTTY, columns: 60, write: (part: string) => ((text += part), true) };
  return { stream: stream as unknown as NodeJS.WriteStream, written: () => text };
}

test('nothing is written where stderr is no terminal', () => {
  const { stream, written } = terminal(false);
  const line = createProgressLine(stream, 'x', () => 0);
  line.update({ entries: 1, bytes: 1 }, null);
  line.done();
  assert.equal(written(), '');
});

test('a terminal gets one line that fits, and is taken away at the end', () => {
  const { stream, written } = terminal(true);
  let now = 0;
  const line = createProgressLine(stream, 'x'.repeat(100), () => (now += 200));
  line.update({ entries: 1, bytes: 1 }, null);
  line.update({ entries: 2, bytes: 2 }, null);
  line.done();
  for (const part of written().split('\r\x1b[K')) assert.ok(part.length < 60);
  assert.ok(written().endsWith('\r\x1b[K'));
});

test('with the last build known there is a share, a rate and the time that is left', () => {
  const text = progressText('b', { entries: 250, bytes: 1e6 }, { entries: 1000, bytes: 4e6 }, 2);
  assert.ok(text.includes('25%') && text.includes('500.0 KB/s') && text.includes('6 s left'), text);
});

test('work on files has a share of its own, and a rate of its own', () => {
  const half = { what: 'normalize-gzip', files: 500, totalFiles: 1000, bytes: 1e6 };
  const text = workText('scrub', half, 2);
  for (const part of ['scrub: normalize-gzip', '50%', '500 of 1,000', '500.0 KB/s', '2 s left'])
    assert.ok(text.includes(part), text);
  assert.ok(workText('normalize', { ...half, what: 'normalize' }, 0).startsWith('normalize ['));
  const { stream, written } = terminal(true);
  let now = 0;
  const line = createProgressLine(stream, 'b', () => (now += 200));
  line.working(half);
  line.update({ entries: 1, bytes: 1 }, null);
  line.done();
  assert.equal(written().split('\r\x1b[K').length, 4);
});

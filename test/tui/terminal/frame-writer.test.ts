import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createFrameWriter } from '../../../src/tui/terminal/frame-writer.js';

function recorder() {
  const writes: string[] = [];
  const writer = createFrameWriter((text) => writes.push(text));
  return { writer, take: () => writes.splice(0).join('') };
}

test('the first frame is written whole onto a cleared screen, then only the rows that differ', () => {
  const { writer, take } = recorder();
  writer.show('one\ntwo\nthree');
  const first = take();
  assert.match(first, /\u001b\[2J/);
  assert.match(first, /\u001b\[3;1H\u001b\[2Kthree/);
  writer.show('one\nTWO\nthree');
  const second = take();
  assert.match(second, /\u001b\[2;1H\u001b\[2KTWO/);
  assert.doesNotMatch(second, /one|three|\u001b\[2J/);
  writer.show('one\nTWO\nthree');
  assert.equal(take(), '');
});

test('rows that the next frame does not have are erased', () => {
  const { writer, take } = recorder();
  writer.show('one\ntwo');
  take();
  writer.show('one');
  assert.match(take(), /\u001b\[2;1H\u001b\[2K/);
});

test('after a resize the frame is written whole again, and the scroll-back is left alone', () => {
  const { writer, take } = recorder();
  writer.show('one\ntwo');
  take();
  writer.invalidate();
  writer.show('one\ntwo');
  const whole = take();
  assert.match(whole, /one.*two/s);
  assert.doesNotMatch(whole, /\u001b\[3J/);
});

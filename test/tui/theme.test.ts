import assert from 'node:assert/strict';
import { test } from 'node:test';

import { span } from '../../src/tui/text/line.js';
import { createTheme, themeOptions } from '../../src/tui/theme.js';

const COLOUR = /\u001b\[[0-9;]*(3[0-7]|9[0-7]|4[0-7])[0-9;]*m/;
const line = [span('A ', 'added'), span('/etc/hosts', 'strong'), span(' why', 'muted')];

test('without colour bold and dim remain, and no colour is sent', () => {
  const theme = createTheme({ color: false, unicode: true });
  assert.doesNotMatch(theme.paint(line, 40), COLOUR);
  assert.match(theme.paint(line, 40), /\u001b\[1m/);
  assert.match(createTheme({ color: true, unicode: true }).paint(line, 40), COLOUR);
});

test('the row under the cursor fills its width', () => {
  const painted = createTheme({ color: true, unicode: true }).paint(line, 20, 'selected');
  assert.equal(painted, '\u001b[7mA /etc/hosts why    \u001b[0m');
});

test('a control that slipped through every other check is not sent', () => {
  const theme = createTheme({ color: false, unicode: true });
  assert.equal(theme.paint([span('a\u001b[2Jb\u009b')], 40), 'a\ufffd[2Jb\ufffd');
});

test('NO_COLOR, the kind of terminal and the locale are honoured', () => {
  assert.deepEqual(themeOptions({}), { color: true, unicode: true });
  assert.equal(themeOptions({ NO_COLOR: '1' }).color, false);
  assert.equal(themeOptions({ NO_COLOR: '' }).color, true);
  assert.equal(themeOptions({ TERM: 'vt100' }).color, false);
  assert.equal(themeOptions({ LANG: 'C.UTF-8' }).unicode, true);
  assert.equal(themeOptions({ LANG: 'C.UTF-8', LC_ALL: 'C' }).unicode, false);
});

test('a terminal without Unicode gets ASCII alone', () => {
  const { glyphs } = createTheme({ color: false, unicode: false });
  for (const glyph of Object.values(glyphs)) assert.match(glyph, /^[\x20-\x7e]+$/);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { UNICODE_GLYPHS } from '../../../src/tui/text/glyphs.js';
import { KEYMAP } from '../../../src/tui/keymap.js';
import { layoutOf, listLength } from '../../../src/tui/state/layout.js';
import { initialState, type State } from '../../../src/tui/state/state.js';
import { press, resize } from '../../../src/tui/state/update.js';
import { countMatches } from '../../../src/tui/state/find.js';
import { changeOfRow } from '../../../src/tui/state/file-rows.js';
import { groupTitle } from '../../../src/tui/view-models/group-list.js';
import { createModel } from '../../../src/tui/view-models/model.js';
import { largeReport, report, sampleReport } from '../../helpers/sample-report.js';

const model = createModel(sampleReport(), UNICODE_GLYPHS);
const start = initialState(model, { columns: 80, rows: 24 });

function after(keys: string, from: State = start, of = model): State {
  return keys.split(' ').reduce((state, key) => press(of, state, key), from);
}

function pathUnderCursor(state: State): string | null {
  const change = changeOfRow(state.files, state.cursors.files.at);
  return change === null ? null : model.pathOf(change);
}

test('Enter goes from a group to its files and on to a file; Escape goes back the same way and never out', () => {
  const files = after('j enter');
  assert.equal(files.focus.changes, 'files');
  assert.equal(files.files.total, 2);
  const detail = after('enter', files);
  assert.equal(detail.focus.changes, 'detail');
  assert.equal(after('escape', detail).focus.changes, 'files');
  const back = after('escape escape escape escape escape', detail);
  assert.equal(back.focus.changes, 'groups');
  assert.equal(back.leaving, null);
});

test('a letter shows its kind alone, a second adds another, once more takes it away', () => {
  assert.equal(after('a').files.total, 12);
  assert.equal(after('a r').files.total, 14);
  assert.equal(after('a r a').files.total, 2);
  assert.equal(after('a a').files.total, 145);
  assert.equal(after('a r m u').files.total, 145);
  assert.equal(after('u').groups.length, 5);
});

test('a group that has nothing of the shown kind gives way to all changes', () => {
  const metadata = after('G');
  assert.match(groupTitle(model, metadata.group), /mtime/);
  assert.equal(groupTitle(model, after('a', metadata).group), 'All changes');
  assert.equal(after('u', metadata).group, metadata.group);
});

test('sorting and the tree keep the file under the cursor', () => {
  const state = after('tab j j j');
  const path = pathUnderCursor(state);
  assert.equal(pathUnderCursor(after('s', state)), path);
  assert.equal(pathUnderCursor(after('`', state)), path);
  assert.equal(pathUnderCursor(after('` s', state)), path);
  assert.equal(pathUnderCursor(after('s s', state)), path);
});

test('by size the largest file is first', () => {
  assert.match(pathUnderCursor(after('tab s g'))!, /a-long-directory-name/);
});

test('a search goes along while it is typed, n and N go round, Escape forgets it', () => {
  const typing = after('tab / f o n t');
  assert.equal(typing.search.isTyping, true);
  assert.match(pathUnderCursor(typing)!, /fontconfig/);
  const found = after('enter', typing);
  assert.deepEqual(countMatches(model, found), { total: 2, at: 1 });
  const second = after('n', found);
  assert.deepEqual(countMatches(model, second), { total: 2, at: 2 });
  assert.equal(pathUnderCursor(after('n', second)), pathUnderCursor(found));
  assert.equal(pathUnderCursor(after('N', found)), pathUnderCursor(second));
  assert.equal(after('escape', found).search.needle, '');
});

test('a search that is given up goes back to where it began', () => {
  const state = after('tab j j');
  const path = pathUnderCursor(state);
  assert.equal(pathUnderCursor(after('/ p e r l escape', state)), path);
  assert.equal(pathUnderCursor(after('/ p backspace backspace', state)), path);
  assert.equal(pathUnderCursor(after('/ n o t - t h e r e enter', state)), path);
});

test('letters are letters while a search is typed', () => {
  const state = after('/ q a r space x');
  assert.equal(state.leaving, null);
  assert.equal(state.search.needle, 'qar x');
  assert.equal(after('ctrl-u', state).search.needle, '');
  assert.equal(after('ctrl-c', state).leaving, 'interrupt');
});

test('a match in a collapsed directory opens it', () => {
  const state = after('tab ` - / p a r t _ 0 0 7 enter');
  assert.match(pathUnderCursor(state)!, /part_007\.py$/);
});

test('in the tree h closes, goes up and then leaves; l opens and goes down; Space toggles', () => {
  const state = after('tab ` + g');
  const length = state.files.rows.length;
  const closed = after('h', state);
  assert.ok(closed.files.rows.length < length);
  assert.equal(after('l', closed).files.rows.length, length);
  assert.equal(after('l l', closed).cursors.files.at, 1);
  // The first directory inside is open too: closed by the first h, left by the second.
  assert.equal(after('l l h h', closed).cursors.files.at, 0);
  assert.equal(after('space space', state).files.rows.length, length);
  assert.equal(after('h', closed).focus.changes, 'groups');
});

test('the detail of another file begins at its beginning', () => {
  const scrolled = after('j enter enter j j j');
  assert.ok(scrolled.scroll.detail > 0);
  assert.equal(after('escape j', scrolled).scroll.detail, 0);
});

test('tabs go round, the help opens over all of them, and q closes the help before it quits', () => {
  assert.deepEqual(
    [']', '] ]', '] ] ]', '] ] ] ]', '['].map((keys) => after(keys).tab),
    ['builds', 'edits', 'gaps', 'changes', 'gaps'],
  );
  assert.equal(after('? q').help, false);
  assert.equal(after('? q').leaving, null);
  assert.equal(after('q').leaving, 'quit');
  assert.equal(after('? a').kinds, start.kinds);
});

test('panes stand side by side where there is room, and above one another where not', () => {
  const panes = (columns: number, rows: number): readonly (readonly string[])[] =>
    layoutOf(resize(model, start, { columns, rows })).columns.map((boxes) =>
      boxes.map(({ pane }) => pane),
    );
  assert.deepEqual(panes(200, 50), [['groups'], ['files'], ['detail']]);
  assert.deepEqual(panes(120, 40), [['groups'], ['detail']]);
  assert.deepEqual(panes(80, 24), [['groups', 'detail']]);
  assert.deepEqual(panes(60, 12), [['groups']]);
  assert.equal(layoutOf(resize(model, start, { columns: 20, rows: 5 })).isTooSmall, true);
});

test('an empty report can be walked about in', () => {
  const empty = createModel(
    { ...report([], []), notCompared: [], diagnostics: [] },
    UNICODE_GLYPHS,
  );
  const state = after(
    'j G enter ` + space n / x enter ] j ] enter ] enter',
    initialState(empty, start.size),
    empty,
  );
  assert.equal(state.leaving, null);
});

const KEYS = [...new Set(KEYMAP.flatMap(({ keys }) => keys)), 'x', '日'].filter(
  (key) => !['q', 'ctrl-c', 'ctrl-z', 'ctrl-l'].includes(key),
);

test('after any keys and sizes every cursor stands on a row that is in sight', () => {
  const step = fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...KEYS) },
    { weight: 1, arbitrary: fc.record({ columns: fc.nat(220), rows: fc.nat(60) }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let state = start;
      for (const next of steps)
        state = typeof next === 'string' ? press(model, state, next) : resize(model, state, next);
      const layout = layoutOf(state);
      if (layout.isTooSmall) return;
      for (const { pane, height } of layout.columns.flat()) {
        if (pane === 'detail' || pane === 'builds') continue;
        const { at, top } = state.cursors[pane];
        const length = listLength(state, pane);
        assert.ok(at >= 0 && (at < length || length === 0), `${pane}: ${at} of ${length}`);
        assert.ok(
          top <= at && at < top + height - 1,
          `${pane}: ${at} from ${top}, room ${height - 1}`,
        );
      }
    }),
    { numRuns: 150 },
  );
});

test('a list of 200,000 changes stays arrays of numbers, and a key that moves does not make it anew', () => {
  const large = createModel(largeReport(200_000), UNICODE_GLYPHS);
  const opened = initialState(large, { columns: 80, rows: 24 });
  assert.equal(opened.files.total, 200_000);
  const moved = after('tab j j pagedown G k n', opened, large);
  assert.equal(moved.files, opened.files);
  assert.equal(moved.cursors.files.at, 199_998);
});

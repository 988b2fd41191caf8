import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Report } from '../../../src/core/report.js';
import { hintLine } from '../../../src/tui/screens/status.js';
import { initialState, type State } from '../../../src/tui/state/state.js';
import { press } from '../../../src/tui/state/update.js';
import { UNICODE_GLYPHS } from '../../../src/tui/text/glyphs.js';
import { artifactRows } from '../../../src/tui/view-models/artifacts.js';
import { createModel } from '../../../src/tui/view-models/model.js';
import { severalArtifacts } from '../../helpers/several-artifacts.js';
import { sampleReport } from '../../helpers/sample-report.js';

const SIZE = { columns: 80, rows: 24 };

function opened(report: Report) {
  const artifacts = artifactRows(report);
  const model = createModel(report, UNICODE_GLYPHS, { artifacts, own: 0 });
  const start = initialState(model, SIZE);
  return {
    model,
    keys: (...keys: readonly string[]): State =>
      keys.reduce((state, key) => press(model, state, key), start),
  };
}

test('the list of artifacts opens over everything, moves, and closes without a trace', () => {
  const { keys } = opened(severalArtifacts());
  assert.equal(keys('o').chooser, 0);
  assert.equal(keys('o', 'j', 'down').chooser, 2);
  assert.equal(keys('o', 'G').chooser, 2);
  assert.equal(keys('o', 'G', 'j', 'j', 'k').chooser, 1);
  assert.equal(keys('o', 'k').chooser, 0);
  for (const key of ['o', 'escape', 'q', 'h']) {
    const state = keys('o', 'j', key);
    assert.equal(state.chooser, null);
    assert.equal(state.leaving, null);
  }
  assert.equal(keys('o', '?').help, true);
  assert.equal(keys('o', 'ctrl-c').leaving, 'interrupt');
  assert.deepEqual(keys('o', 's', 'w', '/').kinds, keys('o').kinds);
});

test('enter goes to the artifact under the cursor, where there is something to look at', () => {
  const { keys } = opened(severalArtifacts());
  const chosen = keys('o', 'j', 'enter');
  assert.equal(chosen.leaving, 'switch');
  assert.equal(chosen.chooser, 1);
  const own = keys('o', 'enter');
  assert.equal(own.leaving, null);
  assert.equal(own.chooser, null);
  const absent = keys('o', 'G', 'enter');
  assert.equal(absent.leaving, null);
  assert.notEqual(absent.message, '');
});

test('builds of one tree have no list, and no hint of one', () => {
  const { keys } = opened(sampleReport());
  assert.equal(keys('o').chooser, null);
  const hints = (state: State): string =>
    hintLine(state, 200)
      .map(({ text }) => text)
      .join('');
  assert.doesNotMatch(hints(keys()), /artifacts/);
  assert.match(hints(opened(severalArtifacts()).keys()), /artifacts/);
});

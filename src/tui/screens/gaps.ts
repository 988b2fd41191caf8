/** What was not compared, and what could not be understood. */

import { formatCount } from '../../util/format.js';
import { isListBox } from '../state/layout.js';
import { gapRow } from '../view-models/gaps.js';
import { highlight } from '../view-models/highlight.js';
import { defineScreen } from './define.js';
import { listView, needleFor, pageView } from './pane-views.js';

export const gaps = defineScreen({
  id: 'gaps',
  title: (model) => `Not compared ${formatCount(model.gaps.length)}`,
  view(model, state, box) {
    if (!isListBox(box))
      return pageView(model, state, { id: 'detail', title: 'Why', room: box.height - 1 });
    return listView(state, box, {
      title: 'Not compared, not understood',
      length: model.gaps.length,
      empty: 'everything was compared and understood',
      row: (index, width) =>
        highlight(gapRow(model.gaps[index]!, width, model.glyphs), needleFor(state, 'gaps')),
    });
  },
});

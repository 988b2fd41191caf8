/** What scrub changed before the builds were recorded. */

import { formatCount } from '../../util/format.js';
import { isListBox } from '../state/layout.js';
import { editRow } from '../view-models/edits.js';
import { highlight } from '../view-models/highlight.js';
import { defineScreen } from './define.js';
import { listView, needleFor, pageView } from './pane-views.js';

export const edits = defineScreen({
  id: 'edits',
  title: (model) => `Scrubbed ${formatCount(model.edits.length)}`,
  view(model, state, box) {
    if (!isListBox(box))
      return pageView(model, state, { id: 'detail', title: 'Edit', room: box.height - 1 });
    return listView(state, box, {
      title: 'Edits by scrub: differences that are no longer seen',
      length: model.edits.length,
      empty: 'neither build was scrubbed before it was recorded',
      row: (index, width) =>
        highlight(editRow(model.edits[index]!, width, model.glyphs), needleFor(state, 'edits')),
    });
  },
});

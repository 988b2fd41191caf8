/** The two builds and all their circumstances side by side. */

import { formatCount } from '../../util/format.js';
import { defineScreen } from './define.js';
import { pageView } from './pane-views.js';

export const builds = defineScreen({
  id: 'builds',
  title: ({ report }) => `Builds ${formatCount(report.circumstances.length)}`,
  view: (model, state, box) =>
    pageView(model, state, {
      id: 'builds',
      title: 'Builds and their circumstances',
      room: box.height - 1,
    }),
});

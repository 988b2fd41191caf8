/** Groups, files and the detail of either. */

import { formatCount } from '../../util/format.js';
import { isListBox } from '../state/layout.js';
import type { State } from '../state/state.js';
import { isExpanded } from '../view-models/expansion.js';
import { flatRow, treeRow } from '../view-models/file-rows.js';
import { ALL_GROUPS, groupRow, groupTitle } from '../view-models/group-list.js';
import { highlight } from '../view-models/highlight.js';
import type { Model } from '../view-models/model.js';
import { defineScreen } from './define.js';
import { listView, needleFor, pageView } from './pane-views.js';

export const changes = defineScreen({
  id: 'changes',
  title: ({ index }) => `Changes ${formatCount(index.count)}`,
  view(model, state, box) {
    if (!isListBox(box))
      return pageView(model, state, {
        id: 'detail',
        title: state.subject === 'groups' ? 'Group' : 'File',
        room: box.height - 1,
      });
    if (box.pane === 'groups')
      return listView(state, box, {
        title: 'Groups',
        length: state.groups.length,
        empty: '',
        row: (index, width) =>
          highlight(
            groupRow(model, state.groups[index]!, { kinds: state.kinds, why: state.why, width }),
            needleFor(state, 'groups'),
          ),
      });
    return listView(state, box, {
      title: filesTitle(model, state),
      length: state.files.rows.length,
      empty: model.index.count === 0 ? 'nothing changed' : 'no file of the shown kinds and causes',
      row: (index, width) => fileRow(model, state, index, width),
    });
  },
});

function filesTitle(model: Model, { group, sort, asTree, files }: State): string {
  const whose = group === ALL_GROUPS ? 'Files' : `Files: ${groupTitle(model, group)}`;
  const how = `${asTree ? 'tree, ' : ''}by ${sort}`;
  return asTree ? `${whose} (${formatCount(files.total)}, ${how})` : `${whose} (${how})`;
}

function fileRow(model: Model, state: State, index: number, width: number) {
  const { files } = state;
  const needle = needleFor(state, 'files');
  if (files.kind === 'flat') return flatRow(model, files.rows[index]!, { width, needle });
  const node = files.rows[index]!;
  const expanded = isExpanded(files.tree, node, state.expansion, model.pathOf);
  return treeRow(model, files.tree, node, { width, needle, expanded });
}

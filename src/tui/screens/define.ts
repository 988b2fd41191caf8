/** A screen: what stands under one of the tabs. It says what its panes hold; `components/` draws them. */

import type { Line } from '../text/line.js';
import type { Model } from '../view-models/model.js';
import type { PaneBox } from '../state/layout.js';
import type { State, TabId } from '../state/state.js';

export interface PaneView {
  readonly title: string;
  /** Where one is: `12 of 3,900`. */
  readonly note: string;
  /** The visible rows only. */
  readonly rows: readonly Line[];
  /** The visible row under the cursor; null for a page without one. */
  readonly cursor: number | null;
  /** What to say when there are no rows. */
  readonly empty: string;
}

export interface Screen {
  readonly id: TabId;
  /** Its word in the row of tabs, with the number of what it holds. */
  title(model: Model): string;
  /** What a pane of it shows, for the room that it has. */
  view(model: Model, state: State, box: PaneBox): PaneView;
}

export function defineScreen(screen: Screen): Screen {
  return screen;
}

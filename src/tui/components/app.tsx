/** The whole screen for one state. */

import { Box, Text } from 'ink';

import type { PaneView } from '../screens/define.js';
import { chooserView, pageView } from '../screens/pane-views.js';
import { screens } from '../screens/index.js';
import { hintLine, statusLine } from '../screens/status.js';
import { layoutOf, SMALLEST } from '../state/layout.js';
import { roomOf } from '../state/positions.js';
import type { State } from '../state/state.js';
import { span } from '../text/line.js';
import { wrapText } from '../text/width.js';
import type { Theme } from '../theme.js';
import type { Model } from '../view-models/model.js';
import { Head } from './head.js';
import { Pane } from './pane.js';
import { Rows } from './rows.js';

export interface AppProps {
  readonly model: Model;
  readonly state: State;
  readonly theme: Theme;
}

export function App({ model, state, theme }: AppProps) {
  const { columns: width, rows: height } = state.size;
  if (layoutOf(state).isTooSmall) return <TooSmall state={state} theme={theme} />;
  const status = [statusLine(model, state), hintLine(state, width)].map((line) => ({ line }));
  const overlay = overlayView(model, state);
  return (
    <Box flexDirection="column" width={width} height={height}>
      {overlay === null ? (
        <>
          <Head model={model} state={state} theme={theme} />
          <Body model={model} state={state} theme={theme} />
        </>
      ) : (
        <Pane
          view={overlay}
          width={width}
          height={height - status.length}
          isFocused
          theme={theme}
        />
      )}
      <Rows rows={status} width={width} height={status.length} theme={theme} />
    </Box>
  );
}

/** What takes the place of everything but the status; null: nothing does. */
function overlayView(model: Model, state: State): PaneView | null {
  if (state.chooser !== null) return chooserView(model, state, state.chooser);
  if (!state.help) return null;
  return pageView(model, state, { id: 'help', title: 'Help', room: roomOf(state, 'help') });
}

function Body({ model, state, theme }: AppProps) {
  const { columns, bodyHeight } = layoutOf(state);
  const screen = screens.find(({ id }) => id === state.tab)!;
  return (
    <Box flexDirection="row" height={bodyHeight}>
      {columns.flatMap((boxes, i) => [
        ...(i === 0 ? [] : [<Rule key={`rule ${i}`} height={bodyHeight} theme={theme} />]),
        <Box key={i} flexDirection="column">
          {boxes.map((box) => (
            <Pane
              key={box.pane}
              view={screen.view(model, state, box)}
              width={box.width}
              height={box.height}
              isFocused={state.focus[state.tab] === box.pane}
              theme={theme}
            />
          ))}
        </Box>,
      ])}
    </Box>
  );
}

/** One text of many lines: ink works on it as a whole. */
function Rule({ height, theme }: { readonly height: number; readonly theme: Theme }) {
  const line = theme.paint([span(theme.glyphs.vertical, 'rule')], 1);
  return (
    <Box width={1}>
      <Text>{Array.from({ length: height }, () => line).join('\n')}</Text>
    </Box>
  );
}

function TooSmall({ state, theme }: Pick<AppProps, 'state' | 'theme'>) {
  const { columns, rows } = state.size;
  const text = `terminal too small: ${columns}x${rows}, needs ${SMALLEST.columns}x${SMALLEST.rows}; q quits`;
  const lines = wrapText(text, columns).map((part) => ({ line: [span(part, 'warning')] }));
  return (
    <Box flexDirection="column" width={columns} height={rows}>
      <Rows rows={lines} width={columns} height={rows} theme={theme} />
    </Box>
  );
}

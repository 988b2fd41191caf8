/** What ink takes for the terminal: it gets the size that the state has, and gives its frames. */

import { Writable } from 'node:stream';

import type { Size } from '../state/state.js';

/** Ink hears of no resize: the state changes first, and the frame with it. */
export function inkOutput(size: () => Size, show: (frame: string) => void): NodeJS.WriteStream {
  const output = new Writable({
    decodeStrings: false,
    write(frame: string | Buffer, _, done) {
      // Ink asks with an empty write whether all is written.
      if (frame.length > 0) show(String(frame));
      done();
    },
  });
  Object.defineProperties(output, {
    columns: { get: () => size().columns },
    rows: { get: () => size().rows },
  });
  // Ink uses the two sizes and what every writable stream has.
  return output as Writable as NodeJS.WriteStream;
}

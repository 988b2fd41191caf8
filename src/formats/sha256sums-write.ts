/** Lists that `sha256sum -c` checks in the root of the tree. */

import type { CaptureSet } from '../core/capture.js';
import { writable, type ListingWriter } from './listing-write.js';

/** Regular files alone, under `./`: a file may be called `-`. */
export function sha256sumsWriter(capture: CaptureSet): ListingWriter {
  return {
    head: '',
    line: (path, entry) => {
      const { sha256 } = writable(capture, entry);
      if (sha256 === null) return '';
      // What begins with a backslash has escapes. A carriage return needs none, which releases before 9.1 do not know.
      const isEscaped = /[\\\n]/.test(path);
      const name = isEscaped ? path.replaceAll('\\', '\\\\').replaceAll('\n', '\\n') : path;
      return `${isEscaped ? '\\' : ''}${Buffer.from(sha256).toString('hex')}  ./${name}\n`;
    },
    tail: '',
  };
}

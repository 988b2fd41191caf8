/** Message catalogues as text: the header line by line, all else as any text. */

import { FormatError } from '../../core/errors.js';
import type { Fact } from '../../core/facts.js';
import { poHeaderLines } from '../../formats/po.js';
import { defineInspector } from '../define.js';
import { textContent } from '../generic/text.js';
import { headerFacts } from './header-facts.js';

/** As for any text. */
const MOST_BYTES = 4 * 1024 * 1024;

export const poInspector = defineInspector({
  id: 'po',
  version: 1,
  summary:
    'Message catalogues as text (GNU gettext, "The Format of PO Files"): dates and names of the header; the rest as lines.',
  streams: false,
  claims: ({ name, size, head }) =>
    /\.pot?$/.test(name) && (size ?? 0) <= MOST_BYTES && poHeaderLines(latin1(head)) !== null,
  inspect: async (piece, context) => {
    const text = latin1(await piece.whole(MOST_BYTES));
    const lines = poHeaderLines(text);
    if (lines === null) throw new FormatError('po', 0, 'no header entry');
    const facts: Fact[] = [];
    const rest: string[] = [];
    let at = 0;
    for (const line of lines) {
      // A field ends with its line: `"Language: de\n"`. Anything else stays text.
      if (!/^[A-Za-z][A-Za-z0-9-]*: [^\\]*\\n$/.test(line.text)) continue;
      const [fact] = headerFacts(line.text.slice(0, -2), line.at, context);
      facts.push(fact!);
      rest.push(text.slice(at, line.at), fact!.name);
      at = line.at + line.text.length - 2;
    }
    rest.push(text.slice(at));
    return {
      facts,
      tables: [],
      content: textContent(rest.join(''), context),
    };
  },
});

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

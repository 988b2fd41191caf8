/** dpkg's lists of the digests of a package's files, and others of the form of md5sum(1): digests by path. */

import { FormatError } from '../../core/errors.js';
import type { FactRow } from '../../core/facts.js';
import { defineInspector } from '../define.js';

const MAX_BYTES = 64 * 1024 * 1024;
const LINE = /^([\da-f]{32}) ([ *])([^\n]+)$/;

export const md5sumsInspector = defineInspector({
  id: 'md5sums',
  version: 1,
  summary: 'Digests of files by path, as dpkg and md5sum(1) list them.',
  streams: false,
  claims: ({ name, head }) =>
    /(?:\.|^|\/)md5sums$/.test(name) &&
    /^[\da-f]{32} [ *]/.test(Buffer.from(head.subarray(0, 34)).toString('latin1')),
  inspect: async (piece, context) => {
    const bytes = await piece.whole(MAX_BYTES);
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    const rows: FactRow[] = [];
    let hasEnd = false;
    for (let at = 0; at < text.length;) {
      const newline = text.indexOf('\n', at);
      const end = newline < 0 ? text.length : newline;
      const match = LINE.exec(text.slice(at, end));
      if (match === null) throw new FormatError('md5sums', at, 'a line without digest and path');
      rows.push({ key: match[3]!, values: [match[1]!, match[2]!], offset: at, part: null });
      hasEnd = newline >= 0;
      at = end + 1;
    }
    context.spend(rows.length);
    return {
      facts: [
        { name: 'last newline', kind: 'layout', value: hasEnd ? 'there' : 'missing', offset: null },
      ],
      tables: [
        {
          name: 'files',
          ordered: true,
          columns: [
            { name: 'md5', kind: 'digest' },
            { name: 'mode', kind: 'layout' },
          ],
          rows,
        },
      ],
    };
  },
});

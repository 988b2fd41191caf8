/** Files of sections and keys: INI, TOML, desktop entries, units of systemd. Comments stay text. */

import { FormatError } from '../../core/errors.js';
import type { FactRow } from '../../core/facts.js';
import { readIniLines, type IniLine } from '../../formats/ini-lines.js';
import { isSecretName } from '../../core/secret-words.js';
import { xxh64OfText } from '../../util/xxh64.js';
import { literalValues, VALUE_COLUMNS } from '../common/literal.js';
import { narrow } from '../common/narrow.js';
import { defineInspector } from '../define.js';
import { textContent } from '../generic/text.js';

const MOST_BYTES = 4 * 1024 * 1024;
const NAMES =
  /\.(?:ini|toml|desktop|directory|repo|service|socket|timer|target|mount|automount|swap|path|slice|scope|network|netdev|link|nspawn|device|theme|keyfile|pc|cfg|cnf)$/;

export const iniInspector = defineInspector({
  id: 'ini',
  version: 1,
  summary:
    'Files of sections and keys (desktop entries, systemd.syntax(7), INI, TOML): values by section and key; comments as text.',
  streams: false,
  claims: ({ name, size, head }) => {
    if ((size ?? 0) > MOST_BYTES || !NAMES.test(name)) return false;
    const text = latin1(head);
    const isWhole = size !== null && head.length >= size;
    const lines = readIniLines(isWhole ? text : text.slice(0, text.lastIndexOf('\n') + 1));
    return lines !== null && lines.some(({ kind }) => kind === 'key');
  },
  inspect: async (piece, context) => {
    const text = latin1(await piece.whole(MOST_BYTES));
    const lines = readIniLines(text);
    if (lines === null)
      throw new FormatError('ini', 0, 'a line that is no section, key or comment');
    const rows = lines
      .filter(({ kind }) => kind === 'key')
      .map(({ section, key, value, offset }): FactRow => {
        const name = section === '' ? key : `${section}.${key}`;
        const values = literalValues(value, isSecretName(key), context);
        return { key: name, values, offset, part: null };
      });
    context.spend(rows.length);
    return {
      facts: [
        // Those without keys are in no row.
        { name: 'sections', kind: 'opaque', value: sectionsOf(lines), offset: null },
        { name: 'frame', kind: 'layout', value: frameOf(lines), offset: null },
      ],
      tables: [narrow({ name: '', ordered: true, columns: VALUE_COLUMNS, rows })],
      content: textContent(commentsOf(lines), context),
    };
  },
});

/** Whatever their order. */
function sectionsOf(lines: readonly IniLine[]): string {
  const headers = lines.flatMap(({ kind, raw }) => (kind === 'section' ? [raw.trim()] : []));
  return xxh64OfText(headers.toSorted().join('\n'));
}

/** What stands around keys, values and comments: empty lines, white space. */
function frameOf(lines: readonly IniLine[]): string {
  return xxh64OfText(
    lines
      .map(({ kind, before, between, key, raw }) =>
        kind === 'key'
          ? `${before}${key}${between}`
          : kind === 'comment'
            ? '#'
            : kind === 'section'
              ? `[${raw.length}`
              : raw,
      )
      .join('\n'),
  );
}

function commentsOf(lines: readonly IniLine[]): string {
  return lines.flatMap(({ kind, raw }) => (kind === 'comment' ? [`${raw}\n`] : [])).join('');
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

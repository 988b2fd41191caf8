/** JSON: every value under its path, in the order of the text. */

import type { Fact, FactRow } from '../../core/facts.js';
import { readJsonValues, type JsonScalar } from '../../formats/json-values.js';
import { isSecretName } from '../../core/secret-words.js';
import { xxh64OfText } from '../../util/xxh64.js';
import { literalValues, VALUE_COLUMNS } from '../common/literal.js';
import { narrow } from '../common/narrow.js';
import { shortDigest } from '../common/short-digest.js';
import { defineInspector, type InspectContext } from '../define.js';

const MOST_BYTES = 16 * 1024 * 1024;

export const jsonInspector = defineInspector({
  id: 'json',
  version: 1,
  summary:
    'JSON (RFC 8259): values by their paths; numbers, times and versions as they stand, all else as digests.',
  streams: false,
  claims: ({ name, size, head }) => {
    if ((size ?? 0) > MOST_BYTES || !/\.(?:json|webmanifest|jsonld|geojson|map)$/.test(name))
      return false;
    const start = Buffer.from(head).toString('latin1');
    // With comments it is another language, and stays text.
    return (
      /^(?:\xef\xbb\xbf)?\s*(?:\{\s*["}]|\[\s*[[{"\]\d-])/.test(start) &&
      !/^\}\s*\{/m.test(start) &&
      !/^\s*(?:\/\/|\/\*)/m.test(start)
    );
  },
  inspect: async (piece, context) => {
    const bytes = await piece.whole(MOST_BYTES);
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    const { scalars, frame, structure } = readJsonValues(text);
    context.spend(scalars.length);
    const rows = scalars.map((scalar) => rowOf(scalar, context));
    return {
      facts: [indentFact(frame), canonicalFact(rows), ...frameFacts(frame, structure)],
      tables: [narrow({ name: '', ordered: true, columns: VALUE_COLUMNS, rows })],
    };
  },
});

function rowOf({ path, kind, raw, offset }: JsonScalar, context: InspectContext): FactRow {
  const key = path.join('.').replaceAll('.[]', '[]');
  const isSecret = path.some(isSecretName);
  const values =
    isSecret || kind === 'string'
      ? literalValues(kind === 'string' ? raw.slice(1, -1) : raw, isSecret, context)
      : VALUE_COLUMNS.map((column) =>
          column.kind === (isTimeNumber(kind, raw, context) ? 'time' : 'number') ? raw : null,
        );
  return { key, values, offset, part: null };
}

/** Seconds, milliseconds, microseconds or nanoseconds since 1970. */
function isTimeNumber(kind: JsonScalar['kind'], raw: string, context: InspectContext): boolean {
  if (kind !== 'number' || !/^\d{10}(?:\d{3}|\d{6}|\d{9})?$/.test(raw)) return false;
  return context.isTime(Number(raw) / 10 ** (raw.length - 10));
}

/** How lines are indented: `2`, `tab`, `none` for one line. */
export function indentFact(frame: string): Fact {
  const first = /^[{[]\n([ \t]*)/.exec(frame)?.[1];
  const value =
    first === undefined
      ? 'none'
      : /^ +$/.test(first)
        ? first.length
        : first === '\t'
          ? 'tab'
          : 'mixed';
  return { name: 'indent', kind: 'text', value, offset: null };
}

/** Brackets, commas and white space follow from the values and the indentation; alone they are layout, in an equal structure. */
export function frameFacts(frame: string, structure: string): Fact[] {
  return [
    { name: 'structure', kind: 'opaque', value: xxh64OfText(structure), offset: null },
    { name: 'frame', kind: 'layout', value: xxh64OfText(frame), offset: null },
  ];
}

/** Equal for equal values in another order of their keys. */
export function canonicalFact(rows: readonly FactRow[]): Fact {
  const said = rows.map(({ key, values }) => `${key}\0${values.map(String).join('\0')}`);
  const value = shortDigest(said.toSorted().join('\n'));
  return { name: 'canonical', kind: 'digest', value, offset: null };
}

/** Message catalogues as text: the dates in their header entry. */

import { poHeaderLines } from '../../formats/po.js';
import { defineNormalizer, type FieldChange } from './define.js';
import { clampDates } from './gettext-dates.js';

export const po = defineNormalizer({
  id: 'po',
  version: 1,
  summary:
    'Clamps the dates in the header of message catalogues and their templates to SOURCE_DATE_EPOCH.',
  rationale:
    'As for compiled catalogues: xgettext and msgmerge write the time at which they ran. Only the lines of the header entry are looked at, and only dates in the form that gettext writes; everything else stays, line ends included. GNU gettext manual, "Header Entry".',
  extensions: ['.po', '.pot'],
  matches: (head, name) => /\.pot?$/i.test(name) && !head.includes(0),
  normalize({ bytes, sourceDateEpoch }) {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    const lines = poHeaderLines(text);
    if (lines === null || sourceDateEpoch === null) return { kind: 'normal' };
    const after = new Uint8Array(bytes);
    const fields: FieldChange[] = [];
    let isLineStart = true;
    for (const line of lines) {
      const clamped = isLineStart ? clampDates(line.text, '\\n', sourceDateEpoch) : null;
      if (clamped !== null) {
        after.set(Buffer.from(clamped.text, 'latin1'), line.at);
        fields.push(...clamped.fields);
      }
      if (line.text !== '') isLineStart = line.text.endsWith('\\n');
    }
    return fields.length === 0 ? { kind: 'normal' } : { kind: 'changed', bytes: after, fields };
  },
});

/** Paragraphs of fields, as dpkg's status file has them (deb822(5)). */

import { FormatError } from '../core/errors.js';

/** Values by lower-case name, latin1 bytes; the lines of a long value are joined by newlines, the leading space kept. */
export type Paragraph = ReadonlyMap<string, string>;

/** Yields the paragraphs in order; offsets of a `FormatError` are in bytes. */
export function* readDeb822(bytes: Uint8Array): Generator<Paragraph> {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  let paragraph = new Map<string, string>();
  let field: string | null = null;
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const first = text.charCodeAt(start);
    if (first === 0x20 || first === 0x09) {
      if (field === null) throw new FormatError('deb822', start, 'a continuation of no field');
      // A line of blanks alone ends the paragraph for some readers and not for others; dpkg writes none.
      paragraph.set(field, `${paragraph.get(field)!}\n${text.slice(start, end)}`);
    } else if (end === start) {
      if (paragraph.size > 0) yield paragraph;
      paragraph = new Map();
      field = null;
    } else if (first !== 0x23) {
      const colon = text.indexOf(':', start);
      if (colon <= start || colon > end)
        throw new FormatError('deb822', start, 'a line without a field name');
      field = text.slice(start, colon).toLowerCase();
      if (paragraph.has(field)) throw new FormatError('deb822', start, `two fields ${field}`);
      paragraph.set(field, text.slice(colon + 1, end).trim());
    }
    start = end + 1;
  }
  if (paragraph.size > 0) yield paragraph;
}

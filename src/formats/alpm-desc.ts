/**
 * The text files of libalpm's local database (alpm-db-desc(5), alpm-db-files(5)): sections of a `%NAME%` line and values,
 * one per line, up to a blank line.
 */

import { FormatError } from '../core/errors.js';

/** Values by section name without the percent signs, latin1 bytes. */
export type AlpmSections = ReadonlyMap<string, readonly string[]>;

/** Throws `FormatError`. A value may look like a section name: only the first line of a section is one. */
export function readAlpmSections(bytes: Uint8Array): AlpmSections {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const sections = new Map<string, string[]>();
  let values: string[] | null = null;
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf('\n', start);
    if (newline < 0) throw new FormatError('alpm', start, 'the last line is cut');
    const line = text.slice(start, newline);
    if (line === '') values = null;
    else if (values !== null) values.push(line);
    else {
      const [, name] = /^%([A-Z0-9]+)%$/.exec(line) ?? [];
      if (name === undefined) throw new FormatError('alpm', start, 'a value of no section');
      if (sections.has(name)) throw new FormatError('alpm', start, `two sections ${name}`);
      values = [];
      sections.set(name, values);
    }
    start = newline + 1;
  }
  return sections;
}

/** Digests by path of files that an administrator may change, from section `BACKUP`: a path, a tab, an MD5. */
export function readAlpmBackup(lines: readonly string[]): ReadonlyMap<string, string> {
  const digests = new Map<string, string>();
  for (const line of lines) {
    const tab = line.lastIndexOf('\t');
    const md5 = line.slice(tab + 1);
    if (tab > 0 && /^[0-9a-f]{32}$/.test(md5)) digests.set(line.slice(0, tab), md5);
  }
  return digests;
}

/** apk's list of installed packages (apk-package(5)): packages by name, files by path. */

import { FormatError } from '../../core/errors.js';
import type { FactColumn, FactKind, FactRow, FactValue } from '../../core/facts.js';
import { shortDigest } from '../common/short-digest.js';
import { defineInspector } from '../define.js';

const MAX_BYTES = 256 * 1024 * 1024;
/** Fields of a package that are told as they are, by their letter. */
const LITERALS: Readonly<Record<string, FactKind>> = {
  C: 'digest',
  V: 'version',
  A: 'text',
  S: 'size',
  I: 'size',
  L: 'text',
  o: 'text',
  t: 'time',
  c: 'version',
  k: 'number',
  s: 'text',
  f: 'flags',
};
const LONGEST_VALUE = 256;
/** Fields of directories and files. */
const FILE_FIELDS = /^[FRMaZ]$/;
const FILE_COLUMNS: readonly FactColumn[] = [
  { name: 'package', kind: 'text' },
  { name: 'M', kind: 'owner' },
  { name: 'a', kind: 'owner' },
  { name: 'Z', kind: 'digest' },
];

export const apkInstalledInspector = defineInspector({
  id: 'apk-installed',
  version: 1,
  summary: "apk's list of installed packages: fields by package, digests and owners by path.",
  streams: false,
  claims: ({ name, head }) =>
    /(?:^|\/)installed$/.test(name) &&
    /^[A-Za-z]:/.test(Buffer.from(head.subarray(0, 2)).toString('latin1')),
  inspect: async (piece, context) => {
    const bytes = await piece.whole(MAX_BYTES);
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    const packages: PackageRow[] = [];
    const files: FactRow[] = [];
    for (let at = 0; at < text.length;) {
      const gap = text.indexOf('\n\n', at);
      const end = gap < 0 ? text.length : gap + 1;
      const item = readPackage(text.slice(at, end), at);
      context.spend(1 + item.files.length);
      packages.push(item);
      for (const file of item.files) files.push(file);
      at = gap < 0 ? end : gap + 2;
    }
    const letters = [...new Set(packages.flatMap(({ fields }) => [...fields.keys()]))];
    const ends = text.endsWith('\n\n') ? 'blank line' : text.endsWith('\n') ? 'line' : 'open';
    return {
      facts: [{ name: 'end', kind: 'layout', value: ends, offset: null }],
      tables: [
        {
          name: 'packages',
          ordered: true,
          columns: [
            { name: 'form', kind: 'layout' },
            ...letters.map((name) => ({ name, kind: LITERALS[name] ?? ('opaque' as const) })),
          ],
          rows: packages.map(({ fields, form, offset }) => ({
            key: fields.get('P') ?? '',
            values: [form, ...letters.map((letter) => fieldValue(letter, fields.get(letter)))],
            offset,
            part: null,
          })),
        },
        { name: 'files', ordered: true, columns: FILE_COLUMNS, rows: files },
      ],
    };
  },
});

interface PackageRow {
  readonly offset: number;
  readonly fields: ReadonlyMap<string, string>;
  /** Letters in order: it says where files end and attributes stand. */
  readonly form: string;
  readonly files: readonly FactRow[];
}

function readPackage(text: string, offset: number): PackageRow {
  const fields = new Map<string, string>();
  const files: { key: string; values: FactValue[]; offset: number; part: null }[] = [];
  let form = '';
  let folder = '';
  let at = 0;
  const lines = text.split('\n');
  const hasEnd = lines.at(-1) === '';
  if (hasEnd) lines.pop();
  for (const line of lines) {
    const letter = line[0] ?? '';
    if (line[1] !== ':') throw new FormatError('apk database', offset + at, 'a line of no field');
    const value = line.slice(2);
    form += letter;
    if (letter === 'F') folder = value;
    if (letter === 'F' || letter === 'R')
      files.push({
        key: letter === 'F' ? `${value}/` : `${folder}/${value}`,
        values: [fields.get('P') ?? '', null, null, null],
        offset: offset + at,
        part: null,
      });
    else if (FILE_FIELDS.test(letter)) {
      const file = files.at(-1);
      const place = FILE_COLUMNS.findIndex(({ name }) => name === letter);
      if (file === undefined || file.values[place] !== null)
        throw new FormatError('apk database', offset + at, 'an attribute of no file');
      file.values[place] = value;
    } else {
      if (fields.has(letter))
        throw new FormatError('apk database', offset + at, `two fields ${letter}`);
      fields.set(letter, value);
    }
    at += line.length + 1;
  }
  return { offset, fields, form: shortDigest(form).slice(0, 16), files };
}

function fieldValue(letter: string, value: string | undefined): FactValue {
  if (value === undefined) return null;
  const isLiteral = letter === 'P' || LITERALS[letter] !== undefined;
  return isLiteral && value.length <= LONGEST_VALUE ? value : shortDigest(value);
}

/** Lists of files with their attributes (mtree(5), ALPM-MTREE(5)): attributes by path. */

import { FormatError } from '../../core/errors.js';
import type { FactKind, FactRow } from '../../core/facts.js';
import { defineInspector } from '../define.js';

const MAX_BYTES = 256 * 1024 * 1024;
const KINDS: Readonly<Record<string, FactKind>> = {
  time: 'time',
  mode: 'mode',
  uid: 'owner',
  gid: 'owner',
  uname: 'owner',
  gname: 'owner',
  size: 'size',
  type: 'text',
  link: 'path',
  flags: 'flags',
  nlink: 'file-system',
  sha256digest: 'digest',
  sha256: 'digest',
  md5digest: 'digest',
  md5: 'digest',
  cksum: 'checksum',
};

export const alpmMtreeInspector = defineInspector({
  id: 'mtree',
  version: 1,
  summary: 'mtree(5) lists, as packages of pacman have them: attributes by path.',
  streams: false,
  claims: ({ head }) => Buffer.from(head.subarray(0, 7)).toString('latin1') === '#mtree\n',
  inspect: async (piece, context) => {
    const bytes = await piece.whole(MAX_BYTES);
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    const lines = text.split('\n');
    if (lines.at(-1) !== '') throw new FormatError('mtree', text.length, 'the last line is cut');
    lines.pop();
    context.spend(lines.length);
    const items = lines.map((line) => readLine(line));
    const names = [...new Set(items.flatMap(({ values }) => [...values.keys()]))];
    let offset = 0;
    const rows = items.map(({ key, form, values }, i): FactRow => {
      const row: FactRow = {
        key,
        values: [form, ...names.map((name) => values.get(name) ?? null)],
        offset,
        part: null,
      };
      offset += lines[i]!.length + 1;
      return row;
    });
    const columns = [
      { name: 'form', kind: 'layout' as const },
      ...names.map((name) => ({ name, kind: KINDS[name] ?? ('opaque' as const) })),
    ];
    return { facts: [], tables: [{ name: 'files', ordered: true, columns, rows }] };
  },
});

interface Line {
  readonly key: string;
  /** The line without the values of its keywords. */
  readonly form: string;
  readonly values: ReadonlyMap<string, string>;
}

function readLine(line: string): Line {
  const [key = '', ...words] = line.split(' ');
  const values = new Map<string, string>();
  if (key.startsWith('#')) return { key: line, form: '', values };
  const form = words.map((word) => {
    const equals = word.indexOf('=');
    const name = equals < 0 ? word : word.slice(0, equals);
    // What comes twice, or has no value, is told as it stands.
    if (equals < 0 || values.has(name)) return word;
    values.set(name, word.slice(equals + 1));
    return `${name}=`;
  });
  return { key, form: form.join(' '), values };
}

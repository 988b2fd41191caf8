/** dpkg's lists of packages (deb822(5)): paragraphs by package and architecture. */

import { FormatError } from '../../core/errors.js';
import type { FactKind, FactRow, FactValue } from '../../core/facts.js';
import { xxh64OfText } from '../../util/xxh64.js';
import { shortDigest } from '../common/short-digest.js';
import { defineInspector } from '../define.js';

const NAMES = /(?:^|\/)(?:(?:status|available)(?:-old)?|extended_states|status\.d\/[\w.+-]+)$/;
const MAX_BYTES = 256 * 1024 * 1024;
/** Fields that are told as they are; lists and descriptions are digests. */
const LITERALS: Readonly<Record<string, FactKind>> = {
  package: 'text',
  status: 'text',
  version: 'version',
  'config-version': 'version',
  architecture: 'text',
  'multi-arch': 'text',
  priority: 'text',
  section: 'text',
  essential: 'text',
  protected: 'text',
  source: 'text',
  origin: 'text',
  'auto-installed': 'text',
  'triggers-pending': 'text',
  'triggers-awaited': 'text',
  'installed-size': 'number',
  size: 'size',
  md5sum: 'digest',
  sha256: 'digest',
};
const LONGEST_VALUE = 256;

export const dpkgStatusInspector = defineInspector({
  id: 'dpkg-status',
  version: 1,
  summary: 'Lists of packages of dpkg and apt (deb822(5)): fields by package and architecture.',
  streams: false,
  claims: ({ name, head }) =>
    NAMES.test(name) && Buffer.from(head.subarray(0, 9)).toString('latin1') === 'Package: ',
  inspect: async (piece, context) => {
    const bytes = await piece.whole(MAX_BYTES);
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    const paragraphs = readParagraphs(text, () => context.spend(1));
    const places = new Map<string, number>([['form', 0]]);
    for (const { fields } of paragraphs)
      for (const { name } of fields) if (!places.has(name)) places.set(name, places.size);
    const rows = paragraphs.map((paragraph): FactRow => {
      const values: FactValue[] = Array.from(places, () => null);
      values[0] = xxh64OfText(paragraph.form);
      for (const { name, value } of paragraph.fields)
        values[places.get(name)!] = fieldValue(name, value);
      return { key: keyOf(paragraph), values, offset: paragraph.offset, part: null };
    });
    const columns = [...places.keys()].map((name, i) => ({
      name,
      kind: i === 0 ? ('layout' as const) : (LITERALS[name.toLowerCase()] ?? 'opaque'),
    }));
    return { facts: [], tables: [{ name: 'packages', ordered: true, columns, rows }] };
  },
});

interface Field {
  readonly name: string;
  /** Without the blanks around it. */
  readonly value: string;
}

interface Paragraph {
  readonly offset: number;
  readonly fields: readonly Field[];
  /** All but the values: names in order, blanks, comments, what lies before the next paragraph. */
  readonly form: string;
}

function readParagraphs(text: string, spend: () => void): readonly Paragraph[] {
  const paragraphs: Paragraph[] = [];
  for (let at = 0; at < text.length;) {
    spend();
    const gap = /\n\n+/g;
    gap.lastIndex = at;
    const found = gap.exec(text);
    const end = found === null ? text.length - (text.endsWith('\n') ? 1 : 0) : found.index;
    const next = found === null ? text.length : gap.lastIndex;
    paragraphs.push(readParagraph(text.slice(at, end), at, text.slice(end, next)));
    at = next;
  }
  return paragraphs;
}

/** `text` has no empty lines. */
function readParagraph(text: string, offset: number, behind: string): Paragraph {
  const fields: Field[] = [];
  const known = new Set<string>();
  let form = '';
  // A field goes on while lines begin with a blank.
  for (const line of text.split(/\n(?![ \t])/)) {
    const match = /^([!-9;-~]+):([ \t]*)/.exec(line);
    const isComment = line.startsWith('#');
    const [head = '', name = ''] = match ?? [];
    if ((match === null && !isComment) || known.has(name))
      throw new FormatError('dpkg status', offset, 'a line that is no field of its own');
    if (isComment) {
      form += `${line}\n`;
      continue;
    }
    known.add(name);
    const value = line.slice(head.length).trimEnd();
    form += `${head}\0${line.slice(head.length + value.length)}\n`;
    fields.push({ name, value });
  }
  return { offset, fields, form: form + behind };
}

function keyOf({ fields }: Paragraph): string {
  const value = (wanted: string): string | undefined =>
    fields.find(({ name }) => name === wanted)?.value;
  const architecture = value('Architecture');
  return `${value('Package') ?? ''}${architecture === undefined ? '' : `:${architecture}`}`;
}

function fieldValue(name: string, value: string): FactValue {
  const kind = LITERALS[name.toLowerCase()];
  if (kind === undefined || value.length > LONGEST_VALUE) return shortDigest(value);
  return value;
}

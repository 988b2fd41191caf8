/** Databases of dconf and glib: every key with its value. */

import type { FactRow } from '../../core/facts.js';
import { isGvdb, readGvdb, type GvdbItem, type GvdbTable } from '../../formats/gvdb.js';
import { isSecretName } from '../../core/secret-words.js';
import { fieldFacts, gapFacts, layoutFact, problemsOf } from '../common/account.js';
import { literalValues, VALUE_COLUMNS } from '../common/literal.js';
import { narrow } from '../common/narrow.js';
import { shortDigest } from '../common/short-digest.js';
import { defineInspector, type InspectContext } from '../define.js';
import { MOST_CACHE_BYTES } from './limits.js';

export const gvdbInspector = defineInspector({
  id: 'gvdb',
  version: 1,
  summary:
    'Databases of dconf and compiled schemas of glib (`gvdb-format.h`): keys with their values, in the order of the hash table.',
  streams: false,
  claims: ({ head }) => isGvdb(head),
  inspect: async (piece, context) => {
    const bytes = await piece.whole(MOST_CACHE_BYTES);
    const { root, littleEndian, account } = readGvdb(bytes);
    const rows: FactRow[] = [];
    addRows(root, '', { rows, littleEndian, context });
    return {
      facts: [
        ...fieldFacts(account, NOTES),
        layoutFact(account, bytes),
        ...gapFacts(account, bytes, 'slack'),
      ],
      tables: [narrow({ name: '', ordered: true, columns: COLUMNS, rows })],
      problems: problemsOf(account),
    };
  },
});

interface Target {
  readonly rows: FactRow[];
  readonly littleEndian: boolean;
  readonly context: InspectContext;
}

/** Keys of a table that is itself a value stand behind its own: `org.gnome.x .path`. */
function addRows({ items }: GvdbTable, prefix: string, target: Target): void {
  target.context.spend(items.length);
  for (const item of items) {
    const key = prefix + item.key;
    target.rows.push({ key, values: valuesOf(key, item, target), offset: item.offset, part: null });
    if (item.value.kind === 'table') addRows(item.value.table, `${key} `, target);
  }
}

function valuesOf(key: string, { value, unused }: GvdbItem, target: Target): FactRow['values'] {
  const slack = unused === 0 ? null : unused;
  if (value.kind !== 'value') return [value.kind, ...VALUE_COLUMNS.map(() => null), slack];
  const text = literalText(value.type, value.bytes, target.littleEndian);
  const values =
    text === null && !isSecretName(key)
      ? VALUE_COLUMNS.map(({ kind }) => (kind === 'opaque' ? shortDigest(value.bytes) : null))
      : literalValues(text ?? rawText(value.bytes), isSecretName(key), target.context);
  return [value.type, ...values, slack];
}

/** Values of the simple types as text that tells all their bytes; null for all others (GVariant, "Serialisation Format"). */
function literalText(type: string | null, bytes: Uint8Array, littleEndian: boolean): string | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (type === null ? '' : `${type}${bytes.length}`) {
    case 'b1':
      return bytes[0] === 0 ? 'false' : bytes[0] === 1 ? 'true' : null;
    case 'y1':
      return String(bytes[0]);
    case 'n2':
      return String(view.getInt16(0, littleEndian));
    case 'q2':
      return String(view.getUint16(0, littleEndian));
    case 'i4':
      return String(view.getInt32(0, littleEndian));
    case 'u4':
      return String(view.getUint32(0, littleEndian));
    case 'x8':
      return String(view.getBigInt64(0, littleEndian));
    case 't8':
      return String(view.getBigUint64(0, littleEndian));
    default:
      return type === 's' && bytes.indexOf(0) === bytes.length - 1
        ? rawText(bytes.subarray(0, -1))
        : null;
  }
}

function rawText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

const COLUMNS = [
  { name: 'type', kind: 'text' },
  ...VALUE_COLUMNS,
  { name: 'unused', kind: 'slack' },
] as const;
const NOTES = { signature: 'text', version: 'version', options: 'flags' } as const;

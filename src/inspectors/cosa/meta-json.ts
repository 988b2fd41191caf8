/** `meta.json` of coreos-assembler: every value by its JSON pointer, with what its schema says that it means. */

import type { FactColumn, FactKind, FactRow, FactValue } from '../../core/facts.js';
import { isSecretName } from '../../core/secret-words.js';
import { readJsonValues, type JsonScalar } from '../../formats/json-values.js';
import { xxh64OfText } from '../../util/xxh64.js';
import { literalValues, VALUE_COLUMNS } from '../common/literal.js';
import { narrow } from '../common/narrow.js';
import { defineInspector, type InspectContext } from '../define.js';
import { canonicalFact, indentFact } from '../text-formats/json.js';

const MOST_BYTES = 16 * 1024 * 1024;

export const cosaMetaInspector = defineInspector({
  id: 'cosa-meta',
  version: 1,
  summary:
    'meta.json of coreos-assembler (its schema v1.json): values by JSON pointer (RFC 6901); what follows from the images of a build (digests, sizes, counts of objects) apart from what does not.',
  streams: false,
  claims: ({ name, size, head }) =>
    (size ?? 0) <= MOST_BYTES &&
    /(?:^|\/)meta\.json$/.test(name) &&
    HEAD.test(Buffer.from(head).toString('latin1')),
  inspect: async (piece, context) => {
    const bytes = await piece.whole(MOST_BYTES);
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    const { scalars, frame } = readJsonValues(text);
    context.spend(scalars.length);
    const rows = scalars.map((scalar) => rowOf(scalar, context));
    const layout = { kind: 'layout', value: xxh64OfText(frame), offset: null } as const;
    return {
      facts: [indentFact(frame), canonicalFact(rows), { name: 'frame', ...layout }],
      tables: [narrow({ name: '', ordered: true, columns: COLUMNS, rows })],
    };
  },
});

const HEAD =
  /^\s*\{[^]*"(?:buildid|ostree-commit|ostree-version|ostree-timestamp|coreos-assembler\.[\w-]+)"\s*:/;

const OWN_COLUMNS = [
  { name: 'literal', kind: 'text' },
  { name: 'digest', kind: 'digest' },
  { name: 'size', kind: 'size' },
] as const satisfies readonly FactColumn[];
const COLUMNS: readonly FactColumn[] = [...VALUE_COLUMNS, ...OWN_COLUMNS];

/** Kinds of the fields that the schema tells, by their pointers; the first that fits. */
const FIELDS: readonly (readonly [RegExp, FactKind])[] = [
  [/^\/(?:ostree-timestamp|coreos-assembler\.build-timestamp)$/, 'time'],
  [/^\/(?:ostree-commit|ostree-content-checksum)$/, 'digest'],
  [/^\/ostree-(?:n-|content-bytes-)/, 'size'],
  [/^\/images\/[^/]+\/(?:uncompressed-)?sha256$/, 'digest'],
  [/^\/images\/[^/]+\/(?:uncompressed-)?size$/, 'size'],
  [/^\/(?:buildid|ostree-version|fedora-coreos\.parent-version)$/, 'version'],
  [/^\/coreos-assembler\.(?:config-gitrev|[\w-]+-git\/commit)$/, 'version'],
  [
    /^\/(?:name|ref|summary|rpm-ostree-inputhash|fedora-coreos\.parent-commit)$|^\/coreos-assembler\.(?:basearch|config-dirty|config-variant|overrides-active|oci-imported|image-(?:config|input)-checksum|oci-imported-labels\/com\.coreos\.inputhash)$|^\/images\/[^/]+\/path$/,
    'text',
  ],
];

function rowOf(scalar: JsonScalar, context: InspectContext): FactRow {
  const { path, offset } = scalar;
  const key = path.map((name) => `/${pointerPart(name)}`).join('');
  const isSecret = path.some(isSecretName);
  const known = isSecret ? null : knownValues(key, scalar);
  return { key, values: known ?? otherValues(scalar, isSecret, context), offset, part: null };
}

/** Elements of lists are `[]`, and matched in their order: one more does not change the names of all behind it. */
function pointerPart(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

function knownValues(pointer: string, { kind: sort, raw }: JsonScalar): FactValue[] | null {
  const kind = FIELDS.find(([pattern]) => pattern.test(pointer))?.[1];
  const text = sort === 'string' ? raw.slice(1, -1) : raw;
  const value = kind === 'time' ? secondsOf(text) : text;
  if (kind === undefined || value === null || text.length > LONGEST) return null;
  return COLUMNS.map((column) => (column === COLUMN_OF.get(kind) ? value : null));
}

const LONGEST = 256;
const COLUMN_OF = new Map<FactKind, FactColumn>(
  COLUMNS.map((column): [FactKind, FactColumn] => [column.kind, column]),
);

/** Of a time in UTC that is written in the one usual way. */
function secondsOf(text: string): string | null {
  const milliseconds = Date.parse(text);
  if (Number.isNaN(milliseconds)) return null;
  const usual = new Date(milliseconds).toISOString().replace('.000Z', 'Z');
  return usual === text && milliseconds % 1000 === 0 ? String(milliseconds / 1000) : null;
}

function otherValues(
  { kind, raw }: JsonScalar,
  isSecret: boolean,
  context: InspectContext,
): FactValue[] {
  const values =
    isSecret || kind === 'string'
      ? literalValues(kind === 'string' ? raw.slice(1, -1) : raw, isSecret, context)
      : VALUE_COLUMNS.map((column) => (column.kind === 'number' ? raw : null));
  return [...values, ...OWN_COLUMNS.map(() => null)];
}

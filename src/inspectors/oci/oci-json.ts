/** Documents of images: values by the names of the specification, of the kinds that it gives them. */

import type { FactColumn, FactKind, FactRow, FactValue } from '../../core/facts.js';
import { readJsonValues, type JsonScalar } from '../../formats/json-values.js';
import { isSecretName } from '../../core/secret-words.js';
import { literalValues, VALUE_COLUMNS } from '../common/literal.js';
import { narrow } from '../common/narrow.js';
import { defineInspector, type InspectContext } from '../define.js';
import { canonicalFact, frameFacts, indentFact } from '../text-formats/json.js';

const MOST_BYTES = 32 * 1024 * 1024;

/** Behind the columns of any JSON. */
const OWN_COLUMNS: readonly FactColumn[] = [
  { name: 'word', kind: 'text' },
  { name: 'digest', kind: 'digest' },
  { name: 'size', kind: 'size' },
];
const COLUMNS: readonly FactColumn[] = [...VALUE_COLUMNS, ...OWN_COLUMNS];

export const ociJsonInspector = defineInspector({
  id: 'oci-json',
  version: 1,
  summary:
    'indexes, manifests and configurations of images (OCI image-spec 1.1): times, digests, sizes, labels, annotations and the environment.',
  streams: false,
  // Asked for by name: alone such a document is JSON.
  claims: () => false,
  inspect: async (piece, context) => {
    const bytes = await piece.whole(MOST_BYTES);
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    const { scalars, frame, structure } = readJsonValues(text);
    context.spend(scalars.length);
    const rows = scalars.map((scalar) => rowOf(scalar, context));
    return {
      facts: [indentFact(frame), canonicalFact(rows), ...frameFacts(frame, structure)],
      tables: [narrow({ name: '', ordered: true, columns: COLUMNS, rows })],
    };
  },
});

function rowOf(scalar: JsonScalar, context: InspectContext): FactRow {
  const { path, kind, raw, offset } = scalar;
  const value = kind === 'string' ? raw.slice(1, -1) : raw;
  const name = path.join('.').replaceAll('.[]', '[]');
  const own = ownKind(path, value);
  if (own !== null) return { key: name, values: valuesOf(own, value), offset, part: null };
  // `NAME=VALUE`: the name is where it stands.
  const variable = name.endsWith('config.Env[]') ? /^([A-Za-z_]\w*)=(.*)$/s.exec(value) : null;
  const key = variable === null ? name : `${name.slice(0, -2)}.${variable[1]}`;
  const isSecret = path.some(isSecretKey) || (variable !== null && isSecretName(variable[1]!));
  const plain = literalValues(variable?.[2] ?? value, isSecret, context);
  return { key, values: [...plain, ...OWN_COLUMNS.map(() => null)], offset, part: null };
}

/** Annotations have names of hosts and words in front, of which none makes a secret. */
function isSecretKey(name: string): boolean {
  return isSecretName(name.slice(name.lastIndexOf('.') + 1));
}

/** Null for values that speak for themselves: times, versions, paths, all else. */
function ownKind(path: readonly string[], value: string): FactKind | null {
  if (/^sha(?:256|384|512):[a-f0-9]+$/.test(value)) return 'digest';
  const last = path.at(-1) ?? '';
  if (DIGEST_NAMES.has(last) && /^[a-f0-9]{40,128}$/.test(value)) return 'digest';
  if (last === 'size' && /^\d+$/.test(value)) return 'size';
  const word = last === '[]' ? (path.at(-2) ?? '') : last;
  return WORDS.has(word) && !path.includes('annotations') && !path.includes('Labels')
    ? 'text'
    : null;
}

/** Labels and annotations that follow from the content of the image. */
const DIGEST_NAMES = new Set([
  'ostree.commit',
  'ostree.final-diffid',
  'ostree.diffid',
  'rpmostree.inputhash',
  'parent',
]);

/** Names whose values the specification lists. */
const WORDS = new Set([
  'mediaType',
  'artifactType',
  'schemaVersion',
  'architecture',
  'os',
  'variant',
  'type',
  'empty_layer',
  'StopSignal',
]);

function valuesOf(kind: FactKind, value: string): readonly FactValue[] {
  return COLUMNS.map((column, i) =>
    i >= VALUE_COLUMNS.length && column.kind === kind ? value : null,
  );
}

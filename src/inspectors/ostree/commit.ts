/** Commit objects of ostree. */

import type { Fact, FactColumn, FactKind, FactRow, FactValue } from '../../core/facts.js';
import {
  contentChecksum,
  readCommit,
  type OstreeCommit,
  type OstreeCommitKey,
} from '../../formats/ostree-commit.js';
import { isSecretName } from '../../core/secret-words.js';
import { literalValues, VALUE_COLUMNS } from '../common/literal.js';
import { shortDigest } from '../common/short-digest.js';
import { defineInspector, type InspectContext } from '../define.js';
import { flatValues } from './flat-values.js';

export const ostreeCommitInspector = defineInspector({
  id: 'ostree-commit',
  version: 1,
  summary:
    'Commit objects of ostree (ostree-core.h): subject, body, time, parent, root, and each key of the metadata.',
  streams: false,
  claims: ({ name }) =>
    /(?:^|\/)(?:[0-9a-f]{62}(?:[0-9a-f]{2})?\.commit|ostree-commit-object)$/.test(name),
  inspect: async (piece, context) => {
    const bytes = await piece.whole(MAX_BYTES);
    const commit = readCommit(bytes);
    const rows = commit.metadata.flatMap((entry) => metadataRows(bytes, entry, context));
    return {
      facts: commitFacts(commit),
      tables: [
        { name: 'metadata', ordered: true, columns: COLUMNS, rows },
        { name: 'related', ordered: true, columns: RELATED, rows: relatedRows(commit) },
      ].filter((table) => table.rows.length > 0),
    };
  },
});

/** `OSTREE_MAX_METADATA_SIZE`. */
const MAX_BYTES = 128 * 1024 * 1024;
/** A longer subject or body is kept as a digest. */
const MAX_TEXT = 512;
/** Longer lists, such as the sizes of all objects, are kept as one digest. */
const MAX_ROWS = 4096;

const COLUMNS: readonly FactColumn[] = [
  { name: 'type', kind: 'text' },
  { name: 'digest', kind: 'digest' },
  ...VALUE_COLUMNS,
];
const RELATED: readonly FactColumn[] = [{ name: 'checksum', kind: 'digest' }];

function commitFacts(commit: OstreeCommit): readonly Fact[] {
  const { spans, subject, body, timestamp, parent, rootTree, rootMeta } = commit;
  const fact = (name: string, kind: FactKind, value: FactValue, offset: number | null): Fact => ({
    name,
    kind,
    value,
    offset,
  });
  const text = (name: 'subject' | 'body', value: string): Fact =>
    value.length <= MAX_TEXT
      ? fact(name, 'text', value, spans[name].start)
      : fact(name, 'opaque', shortDigest(Buffer.from(value, 'latin1')), spans[name].start);
  return [
    text('subject', subject),
    text('body', body),
    fact('timestamp', 'time', String(timestamp), spans.timestamp.start),
    fact('parent', 'digest', parent, parent === null ? null : spans.parent.start),
    fact('root dirtree', 'digest', rootTree, spans.rootTree.start),
    fact('root dirmeta', 'digest', rootMeta, spans.rootMeta.start),
    fact('ostree-content-checksum', 'digest', contentChecksum(commit), null),
  ];
}

function metadataRows(
  bytes: Uint8Array,
  { key, type, value, span, valueSpan }: OstreeCommitKey,
  context: InspectContext,
): readonly FactRow[] {
  const leaves = flatValues(value, type, MAX_ROWS);
  context.spend(leaves?.length ?? 1);
  const row = (suffix: string, inner: string, values: readonly FactValue[]): FactRow => ({
    key: key + suffix,
    values: [inner, ...values],
    offset: span.start,
    part: null,
  });
  if (leaves === null) {
    const digest = shortDigest(bytes.subarray(valueSpan.start, valueSpan.end));
    const none = VALUE_COLUMNS.map(({ kind }) => (kind === 'opaque' ? digest : null));
    return [row('', type, [null, ...none])];
  }
  const none = VALUE_COLUMNS.map(() => null);
  return leaves.map(({ path, type: inner, text }) => {
    const isSecret = isSecretName(key + path);
    if (!isSecret && DIGEST.test(text) && !VERSIONS.has(key))
      return row(path, inner, [text, ...none]);
    const values = VERSIONS.has(key)
      ? VALUE_COLUMNS.map(({ kind }) => (kind === 'version' ? text : null))
      : literalValues(text, isSecret, context);
    return row(path, inner, [null, ...values]);
  });
}

/** What says which inputs there were: nothing in the commit makes these differ. */
const VERSIONS: ReadonlySet<string> = new Set(['version', 'rpmostree.inputhash']);

/** SHA-256 or SHA-512 in hex: digests of images. */
const DIGEST = /^(?:[0-9a-f]{64}|[0-9a-f]{128})$/;

function relatedRows({ related }: OstreeCommit): readonly FactRow[] {
  return related.map(({ name, checksum }) => ({
    key: name,
    values: [checksum],
    offset: null,
    part: null,
  }));
}

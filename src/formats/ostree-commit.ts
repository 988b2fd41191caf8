/** Commit objects of ostree (`ostree-core.h`): `(a{sv}aya(say)sstayay)`, the timestamp big-endian. */

import { createHash } from 'node:crypto';

import {
  arrayElements,
  LOOSE,
  stringAt,
  tupleMembers,
  type ByteSpan,
  type Shape,
} from './gvariant.js';
import { readVariant, type TypedValue } from './gvariant-value.js';
import { checksumAt } from './ostree-objects.js';

export interface OstreeCommit {
  readonly metadata: readonly OstreeCommitKey[];
  /** Checksum of the commit before; null for the first. */
  readonly parent: string | null;
  /** Not used by ostree any more. */
  readonly related: readonly { readonly name: string; readonly checksum: string }[];
  /** Latin1, one character per byte. */
  readonly subject: string;
  readonly body: string;
  /** Seconds since 1970. */
  readonly timestamp: bigint;
  readonly rootTree: string;
  readonly rootMeta: string;
  /** Where the fields after `metadata` lie. */
  readonly spans: Readonly<
    Record<
      'parent' | 'related' | 'subject' | 'body' | 'timestamp' | 'rootTree' | 'rootMeta',
      ByteSpan
    >
  >;
}

export interface OstreeCommitKey extends TypedValue {
  readonly key: string;
  /** Of the entry in the object. */
  readonly span: ByteSpan;
  /** Of its value. */
  readonly valueSpan: ByteSpan;
}

/** Throws `FormatError`. */
export function readCommit(bytes: Uint8Array): OstreeCommit {
  const [metadata, parent, related, subject, body, timestamp, rootTree, rootMeta] = tupleMembers(
    bytes,
    { start: 0, end: bytes.length },
    MEMBERS,
  ) as [ByteSpan, ByteSpan, ByteSpan, ByteSpan, ByteSpan, ByteSpan, ByteSpan, ByteSpan];
  const budget = { values: MAX_VALUES };
  return {
    metadata: arrayElements(bytes, metadata, ENTRY).map((span): OstreeCommitKey => {
      const [key, value] = tupleMembers(bytes, span, [LOOSE, VARIANT]) as [ByteSpan, ByteSpan];
      return {
        key: stringAt(bytes, key),
        span,
        valueSpan: value,
        ...readVariant(bytes, value, budget),
      };
    }),
    parent: parent.start === parent.end ? null : checksumAt(bytes, parent),
    related: arrayElements(bytes, related, LOOSE).map((element) => {
      const [name, checksum] = tupleMembers(bytes, element, [LOOSE, LOOSE]) as [ByteSpan, ByteSpan];
      return { name: stringAt(bytes, name), checksum: checksumAt(bytes, checksum) };
    }),
    subject: stringAt(bytes, subject),
    body: stringAt(bytes, body),
    timestamp: new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(timestamp.start),
    rootTree: checksumAt(bytes, rootTree),
    rootMeta: checksumAt(bytes, rootMeta),
    spans: { parent, related, subject, body, timestamp, rootTree, rootMeta },
  };
}

/** `ContentChecksum` of `ostree show`: what the commit holds, whatever is said of it. 64 hex digits. */
export function contentChecksum({
  rootTree,
  rootMeta,
}: Pick<OstreeCommit, 'rootTree' | 'rootMeta'>): string {
  return createHash('sha256')
    .update(Buffer.from(rootTree + rootMeta, 'hex'))
    .digest('hex');
}

/** A commit of rpm-ostree lists some thousand packages. */
const MAX_VALUES = 2_000_000;
const VARIANT: Shape = { alignment: 8, fixedSize: null };
const ENTRY: Shape = VARIANT;
const MEMBERS: readonly Shape[] = [
  { alignment: 8, fixedSize: null },
  LOOSE,
  LOOSE,
  LOOSE,
  LOOSE,
  { alignment: 8, fixedSize: 8 },
  LOOSE,
  LOOSE,
];

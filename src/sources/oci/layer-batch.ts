/** Members of a layer on their way from a thread: many in one message, the digests of all in one buffer. */

import type { LayerMember } from './read-layer.js';

/** A member, or what was not as it should be between members. */
export type LayerItem = LayerMember | { readonly problem: string };

export interface LayerBatch {
  /** Members without their digests. */
  readonly items: readonly LayerItem[];
  readonly xxh64: Uint8Array | null;
  readonly sha256: Uint8Array | null;
}

const [XXH64_BYTES, SHA256_BYTES] = [8, 32];

export function packBatch(items: readonly LayerItem[]): LayerBatch {
  const files = items.flatMap((item) =>
    'problem' in item || item.node?.type !== 'file' ? [] : [item.node],
  );
  const column = (name: 'xxh64' | 'sha256', length: number): Uint8Array | null => {
    if (files.length === 0 || files[0]![name] === null) return null;
    const bytes = new Uint8Array(files.length * length);
    for (const [i, file] of files.entries()) bytes.set(file[name]!, i * length);
    return bytes;
  };
  return {
    items: items.map((item) =>
      'problem' in item || item.node?.type !== 'file'
        ? item
        : { ...item, node: { ...item.node, xxh64: null, sha256: null } },
    ),
    xxh64: column('xxh64', XXH64_BYTES),
    sha256: column('sha256', SHA256_BYTES),
  };
}

export function* unpackBatch({ items, xxh64, sha256 }: LayerBatch): Generator<LayerItem> {
  let file = 0;
  // Copies: a view would keep the digests of the whole batch for one file that stays.
  const digest = (bytes: Uint8Array | null, length: number): Uint8Array | null =>
    bytes?.slice(file * length, (file + 1) * length) ?? null;
  for (const item of items) {
    if ('problem' in item || item.node?.type !== 'file') {
      yield item;
      continue;
    }
    const digests = { xxh64: digest(xxh64, XXH64_BYTES), sha256: digest(sha256, SHA256_BYTES) };
    file += 1;
    yield { ...item, node: { ...item.node, ...digests } };
  }
}

/** Roughly the memory that an item takes while it waits. */
export function weightOf(item: LayerItem): number {
  if ('problem' in item) return 500;
  const { path, linkTarget, node, kept } = item;
  const xattrs = node?.xattrs.reduce((sum, { value }) => sum + value.length, 0) ?? 0;
  return 500 + path.length + linkTarget.length + xattrs + (kept?.length ?? 0);
}

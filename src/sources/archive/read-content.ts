/** The content of one member: hashed as it passes by, and kept where it will be asked for. */

import { joinPath, ROOT_PATH } from '../../core/path.js';
import type { ContentDigests } from './hash-content.js';
import type { KeptFiles } from './kept-files.js';
import type { ArchiveTarget } from './open-archive.js';

/** Data that is there as a whole, or comes in pieces; `MemberData` is such a one. */
export interface ContentData {
  readonly size: number;
  /** All of it when that takes no waiting; null, and nothing read, otherwise. */
  tryAll(): Uint8Array | null;
  chunks(): AsyncIterable<Uint8Array>;
}

/** Where contents go. */
export interface ContentTarget extends Pick<ArchiveTarget, 'hasher'> {
  readonly kept: Pick<KeptFiles, 'wants' | 'keep'>;
}

/** `name` as the archive has it. */
export async function readContent(
  name: string,
  data: ContentData,
  { hasher, kept }: ContentTarget,
): Promise<ContentDigests> {
  const content = hasher();
  const path = name.replace(/^(?:\.?\/)+/, '');
  const keeps = kept.wants(path, data.size);
  const chunks: Uint8Array[] = [];
  const take = (bytes: Uint8Array): void => {
    content.update(bytes);
    if (keeps) chunks.push(Uint8Array.from(bytes));
  };
  const whole = data.tryAll();
  if (whole !== null) take(whole);
  else for await (const chunk of data.chunks()) take(chunk);
  if (keeps) kept.keep(joinPath(ROOT_PATH, path), Buffer.concat(chunks));
  return content.finish();
}

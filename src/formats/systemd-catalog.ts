/** The database of message catalogues that `journalctl --update-catalog` writes (systemd, `catalog.c`). */

import { FormatError } from '../core/errors.js';
import { dissect, latin1, toOffset, type ByteAccount } from './byte-fields.js';

export interface CatalogItem {
  readonly offset: number;
  /** The message's id, as a UUID. */
  readonly id: string;
  /** Empty for the text of no language. */
  readonly language: string;
  readonly textOffset: number;
  /** The text, latin1; empty, with a problem in the account, when it lies outside. */
  readonly text: string;
}

export interface SystemdCatalog {
  /** In the order of the file: sorted by id and language since systemd 244. */
  readonly items: readonly CatalogItem[];
  /** The header's fields; items and texts are covered. */
  readonly account: ByteAccount;
}

export function isSystemdCatalog(head: Uint8Array): boolean {
  return latin1(head.subarray(0, 8)) === 'RHHHKSLP';
}

/** Throws `FormatError` when there is no header; damage behind it is in the account's problems. */
export function readSystemdCatalog(bytes: Uint8Array): SystemdCatalog {
  if (!isSystemdCatalog(bytes)) throw new FormatError('systemd-catalog', 0, 'no magic number');
  const input = dissect('systemd-catalog', bytes);
  const header = input.struct(HEADER, 0, '');
  const [start, size, count] = [header.headerSize, header.itemSize, header.itemCount].map(toOffset);
  const items: CatalogItem[] = [];
  // Items may be longer in later versions; a shorter one could not hold its fields.
  const fitting =
    size! < 56 ? 0 : Math.min(count!, Math.max(0, Math.floor((bytes.length - start!) / size!)));
  if (fitting < count!) input.problem(start!, `${count} items of ${size} bytes, ${fitting} fit`);
  const textsAt = start! + count! * size!;
  for (let i = 0; i < fitting; i++) {
    const offset = start! + i * size!;
    const { id, language, text } = input.struct(ITEM, offset);
    const textOffset = textsAt + toOffset(text);
    items.push({
      offset,
      id,
      language,
      textOffset,
      text: input.attempt(() => input.text(textOffset)) ?? '',
    });
  }
  return { items, account: input.account() };
}

const HEADER = {
  signature: 'text8',
  compatibleFlags: 'u32',
  incompatibleFlags: 'u32',
  headerSize: 'u64',
  itemCount: 'u64',
  itemSize: 'u64',
} as const;
const ITEM = { id: 'uuid', language: 'text32', text: 'u64' } as const;

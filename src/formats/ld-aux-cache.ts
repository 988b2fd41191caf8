/**
 * The auxiliary cache of ldconfig: which library has which soname, by inode, so that it need not be opened again (glibc,
 * `elf/cache.c`, `struct aux_cache_file`; the entry's last four bytes are padding that holds whatever was in memory).
 */

import { FormatError } from '../core/errors.js';
import { dissect, layoutSize, structValues, type ByteAccount, type Layout } from './byte-fields.js';

export interface LdAuxCacheEntry {
  readonly offset: number;
  /** Null where its place makes no sense. */
  readonly soname: string | null;
  readonly ino: bigint;
  /** Seconds since 1970. */
  readonly ctime: bigint;
  readonly size: bigint;
  readonly dev: bigint;
  readonly flags: number;
  /** Operating system version in format 1.0, level of the instruction set in 2.0. */
  readonly version: number;
  /** Hex. */
  readonly padding: string;
}

export interface LdAuxCache {
  /** `1.0` or `2.0`. */
  readonly format: string;
  /** In the order of the file: by a hash of the inode. */
  readonly entries: readonly LdAuxCacheEntry[];
  /** The header's fields; entries and names are claimed. */
  readonly account: ByteAccount;
}

export function isLdAuxCache(head: Uint8Array): boolean {
  return head.length >= layoutSize(HEADER) && MAGIC.test(structValues(HEADER, head, true).magic);
}

/** Throws `FormatError` when there is no header; damage behind it is in the account's problems. */
export function readLdAuxCache(bytes: Uint8Array): LdAuxCache {
  if (!isLdAuxCache(bytes))
    throw new FormatError('ld-aux-cache', 0, 'no header of a known version');
  const input = dissect('ld-aux-cache', bytes);
  const { magic, nlibs, len_strings: length } = input.struct(HEADER, 0, '');
  const strings = layoutSize(HEADER) + nlibs * layoutSize(ENTRY);
  const entries: LdAuxCacheEntry[] = [];
  input.attempt(() => {
    for (let i = 0; i < nlibs; i++) {
      const offset = layoutSize(HEADER) + i * layoutSize(ENTRY);
      const { soname, ...values } = input.struct(ENTRY, offset);
      const name = input.attempt(() => input.text(strings + soname));
      entries.push({ offset, soname: name ?? null, ...values });
    }
    if (strings + length !== bytes.length)
      input.problem(strings, `expected ${length} bytes of names, found ${bytes.length - strings}`);
  });
  return { format: magic.slice(-3), entries, account: input.account() };
}

const MAGIC = /^glibc-ld\.so\.auxcache-[12]\.0$/;

const HEADER = {
  magic: 'text24',
  nlibs: 'u32',
  len_strings: 'u32',
} as const satisfies Layout;

const ENTRY = {
  ino: 'u64',
  ctime: 'u64',
  size: 'u64',
  dev: 'u64',
  flags: 'u32',
  soname: 'u32',
  version: 'u32',
  padding: 'hex4',
} as const satisfies Layout;

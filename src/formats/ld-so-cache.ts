/**
 * The cache of the dynamic linker, as ldconfig writes it (glibc, `sysdeps/generic/dl-cache.h`): the old format
 * `ld.so-1.7.0`, the new one `glibc-ld.so.cache1.1`, or the old with the new behind it.
 */

import { FormatError } from '../core/errors.js';
import { dissect, type ByteAccount, type Dissector } from './byte-fields.js';

export interface LdSoCacheEntry {
  readonly format: 'old' | 'new';
  readonly offset: number;
  /** Kind of the library and its machine, as `ldconfig -p` shows them in words. */
  readonly flags: number;
  /** Offsets as they stand in the entry, from the base of its format. */
  readonly keyOffset: number;
  readonly valueOffset: number;
  /** Name of the library; empty, with a problem in the account, when it lies outside. */
  readonly key: string;
  readonly value: string;
  /** Zero in the old format, and in the new one since glibc 2.36. */
  readonly osVersion: number;
  readonly hwcap: bigint;
  /** Subdirectory of `glibc-hwcaps/` that the entry is for; null for all others. */
  readonly hwcapName: string | null;
}

export interface LdSoCacheSection {
  readonly offset: number;
  /** 0 is the generator, 1 the list of names of `glibc-hwcaps/`. */
  readonly tag: number;
  readonly flags: number;
  readonly dataOffset: number;
  readonly dataLength: number;
}

export interface LdSoCache {
  readonly kind: 'old' | 'new' | 'both';
  /** Old entries first. */
  readonly entries: readonly LdSoCacheEntry[];
  readonly sections: readonly LdSoCacheSection[];
  /** What wrote the cache, such as `ldconfig (GNU libc) stable release version 2.36`; null when it does not say. */
  readonly generator: string | null;
  /** Names of the subdirectories of `glibc-hwcaps/` by index. */
  readonly hwcapNames: readonly string[];
  /** The headers' fields, named `old.*` and `new.*`; strings and entries are covered, padding is in the gaps. */
  readonly account: ByteAccount;
}

export function isLdSoCache(head: Uint8Array): boolean {
  const text = Buffer.from(head.subarray(0, 20)).toString('latin1');
  return text.startsWith(OLD_MAGIC) || text === NEW_MAGIC;
}

/** Throws `FormatError` when there is no header; damage behind it is in the account's problems. */
export function readLdSoCache(bytes: Uint8Array): LdSoCache {
  if (!isLdSoCache(bytes)) throw new FormatError('ld-so-cache', 0, 'no magic number');
  const hasOld = bytes[0] === 'l'.charCodeAt(0);
  const newAt = hasOld ? findNew(bytes) : 0;
  const input = dissect('ld-so-cache', bytes, isLittleEndian(bytes, newAt));
  const entries: LdSoCacheEntry[] = [];
  if (hasOld) entries.push(...oldEntries(input));
  const extension = newAt === null ? NO_EXTENSION : readNew(input, newAt, entries);
  const kind = !hasOld ? 'new' : newAt === null ? 'old' : 'both';
  return { kind, entries, ...extension, account: input.account() };
}

/** Offset of the new format behind the old one, null when there is none. */
function findNew(bytes: Uint8Array): number | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const little of [true, false]) {
    if (bytes.length < 16) return null;
    const at = Math.ceil((16 + 12 * view.getUint32(12, little)) / 8) * 8;
    if (Buffer.from(bytes.subarray(at, at + 20)).toString('latin1') === NEW_MAGIC) return at;
  }
  return null;
}

function isLittleEndian(bytes: Uint8Array, newAt: number | null): boolean {
  // The two low bits: 2 is little, 3 is big; older ones say nothing, as does the old format.
  if (newAt !== null && (bytes[newAt + 28]! & 3) >= 2) return (bytes[newAt + 28]! & 3) === 2;
  const countAt = newAt === null ? 12 : newAt + 20;
  if (bytes.length < countAt + 4) return true;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return view.getUint32(countAt, true) <= view.getUint32(countAt, false);
}

function oldEntries(input: Dissector): readonly LdSoCacheEntry[] {
  const { count } = input.struct(OLD_HEADER, 0, 'old');
  const base = 16 + 12 * count;
  return readAll(input, count, 16, 12, (offset) => {
    const { flags, key, value } = input.struct(OLD_ENTRY, offset);
    const texts = { key: text(input, base + key), value: text(input, base + value) };
    const rest = { osVersion: 0, hwcap: 0n, hwcapName: null };
    const offsets = { keyOffset: key, valueOffset: value };
    return { format: 'old' as const, offset, flags, ...offsets, ...texts, ...rest };
  });
}

function readNew(
  input: Dissector,
  start: number,
  entries: LdSoCacheEntry[],
): Pick<LdSoCache, 'sections' | 'generator' | 'hwcapNames'> {
  const header = input.struct(NEW_HEADER, start, 'new');
  const sections =
    header.extensionOffset === 0
      ? []
      : (input.attempt(() => readSections(input, header.extensionOffset)) ?? []);
  const [generator, names] = [0, 1].map((tag) => sections.find((section) => section.tag === tag));
  for (const { dataOffset, dataLength } of sections)
    input.attempt(() => input.bytes(dataOffset, dataLength));
  const hwcapNames =
    names === undefined
      ? []
      : readAll(input, names.dataLength >>> 2, names.dataOffset, 4, (offset) =>
          text(input, start + input.struct({ offset: 'u32' }, offset).offset),
        );
  for (const entry of readAll(input, header.count, start + 48, 24, (offset) => ({
    offset,
    ...input.struct(NEW_ENTRY, offset),
  }))) {
    const { offset, flags, key, value, osVersion, hwcap } = entry;
    const isNamed = hwcap >> 32n === HWCAP_EXTENSION;
    entries.push({
      format: 'new',
      offset,
      flags,
      keyOffset: key,
      valueOffset: value,
      key: text(input, start + key),
      value: text(input, start + value),
      osVersion,
      hwcap,
      hwcapName: isNamed ? (hwcapNames[Number(hwcap & 0xffff_ffffn)] ?? null) : null,
    });
  }
  const generatorBytes =
    generator === undefined
      ? undefined
      : input.attempt(() => input.bytes(generator.dataOffset, generator.dataLength));
  return {
    sections,
    hwcapNames,
    generator: generatorBytes === undefined ? null : Buffer.from(generatorBytes).toString('latin1'),
  };
}

/** Offsets of extensions count from the start of the file, also where the new format lies behind the old. */
function readSections(input: Dissector, at: number): readonly LdSoCacheSection[] {
  const { magic, count } = input.struct(EXTENSION, at, 'extension');
  if (magic !== EXTENSION_MAGIC)
    throw new FormatError('ld-so-cache', at, 'an extension without its magic number');
  return readAll(input, count, at + 8, 16, (offset) => ({
    offset,
    ...input.struct(SECTION, offset),
  }));
}

/** `count` records of `size` bytes; a count beyond the end becomes a problem and reads what is there. */
function readAll<T>(
  input: Dissector,
  count: number,
  start: number,
  size: number,
  read: (offset: number) => T,
): readonly T[] {
  const fitting = Math.max(0, Math.floor((input.size - start) / size));
  if (count > fitting) input.problem(start, `${count} records of ${size} bytes, ${fitting} fit`);
  return Array.from({ length: Math.min(count, fitting) }, (_, i) => read(start + i * size));
}

function text(input: Dissector, at: number): string {
  return input.attempt(() => input.text(at)) ?? '';
}

const OLD_MAGIC = 'ld.so-1.7.0';
const NEW_MAGIC = 'glibc-ld.so.cache1.1';
const EXTENSION_MAGIC = 0xeaa42174;
const HWCAP_EXTENSION = 1n << 30n;
const NO_EXTENSION = { sections: [], generator: null, hwcapNames: [] } as const;
const OLD_HEADER = { magic: 'text11', padding: 'hex1', count: 'u32' } as const;
const OLD_ENTRY = { flags: 's32', key: 'u32', value: 'u32' } as const;
const NEW_HEADER = {
  magic: 'text17',
  version: 'text3',
  count: 'u32',
  stringBytes: 'u32',
  flags: 'u8',
  padding: 'hex3',
  extensionOffset: 'u32',
  unused: 'hex12',
} as const;
const NEW_ENTRY = {
  flags: 's32',
  key: 'u32',
  value: 'u32',
  osVersion: 'u32',
  hwcap: 'u64',
} as const;
const EXTENSION = { magic: 'u32', count: 'u32' } as const;
const SECTION = { tag: 'u32', flags: 'u32', dataOffset: 'u32', dataLength: 'u32' } as const;

/** Journals of systemd (`journal-def.h`, "Journal File Format"): the header, and the objects one after another. */

import { FormatError } from '../core/errors.js';
import type { RandomAccess } from '../core/random-access.js';
import { dissect, latin1, layoutSize, toOffset } from './byte-fields.js';
import type { ByteAccount, ByteRange, Dissector, StructValues } from './byte-fields.js';

export interface JournalObject extends ByteRange {
  readonly kind:
    | 'unused'
    | 'data'
    | 'field'
    | 'entry'
    | 'data-hash-table'
    | 'field-hash-table'
    | 'entry-array'
    | 'tag'
    | 'other';
  /** 1 xz, 2 lz4, 4 zstd: how the payload is compressed. */
  readonly flags: number;
}

export interface JournalEntry {
  readonly offset: number;
  readonly seqnum: bigint;
  /** Microseconds since 1970, and since the boot. */
  readonly realtimeUs: bigint;
  readonly monotonicUs: bigint;
  readonly bootId: string;
  readonly xorHash: bigint;
}

export interface JournalFile {
  readonly fileId: string;
  readonly machineId: string;
  /** Of the boot that wrote last. */
  readonly bootId: string;
  readonly seqnumId: string;
  /** 0 offline, 1 online, 2 archived. */
  readonly state: number;
  readonly headSeqnum: bigint;
  readonly tailSeqnum: bigint;
  /** Microseconds since 1970 of the first and the last entry. */
  readonly headRealtimeUs: bigint;
  readonly tailRealtimeUs: bigint;
  /** In the order of the file, which is that of writing. */
  readonly objects: readonly JournalObject[];
  readonly entries: readonly JournalEntry[];
  /** Fields of the header, as far as the version has them; payloads and what was not written yet are in the gaps. */
  readonly account: ByteAccount;
}

export function isJournal(head: Uint8Array): boolean {
  return latin1(head.subarray(0, 8)) === 'LPKSHHRH';
}

/** Throws `FormatError` when there is no header; damage behind it is in the account's problems. */
export function readJournal(file: RandomAccess): JournalFile {
  if (!isJournal(file.read(0, 8))) throw new FormatError('journal', 0, 'no signature');
  const input = dissect('journal', file);
  const header = input.struct(HEADER, 0, '');
  const headerSize = toOffset(header.headerSize);
  let at = layoutSize(HEADER);
  for (const [name, type] of Object.entries(LATER)) {
    // Each version of systemd made the header longer; the size says which fields there are.
    const length = type === 'u64' ? 8 : 4;
    if (at + length > Math.min(headerSize, file.size)) break;
    input.struct({ [name]: type }, at, '');
    at += length;
  }
  const objects: JournalObject[] = [];
  const entries: JournalEntry[] = [];
  const tail = toOffset(header.tailObjectOffset);
  input.attempt(() => {
    for (let offset = headerSize; tail > 0 && offset <= tail;) {
      const object = readObject(input, offset);
      objects.push(object);
      if (object.kind === 'entry') entries.push(readEntry(input, object));
      offset += Math.ceil(object.length / 8) * 8;
    }
  });
  return { ...identity(header), objects, entries, account: input.account() };
}

function identity(
  header: StructValues<typeof HEADER>,
): Omit<JournalFile, 'objects' | 'entries' | 'account'> {
  return {
    fileId: header.fileId,
    machineId: header.machineId,
    bootId: header.bootId,
    seqnumId: header.seqnumId,
    state: header.state,
    headSeqnum: header.headSeqnum,
    tailSeqnum: header.tailSeqnum,
    headRealtimeUs: header.headRealtimeUs,
    tailRealtimeUs: header.tailRealtimeUs,
  };
}

function readObject(input: Dissector, offset: number): JournalObject {
  const { type, flags, reserved, size } = input.struct(OBJECT, offset);
  const length = toOffset(size);
  if (length < 16 || offset + length > input.size)
    throw new FormatError('journal', offset, `an object of ${size} bytes`);
  if (/[^0]/.test(reserved)) input.problem(offset + 2, `reserved bytes are ${reserved}`);
  const kind = KINDS[type] ?? 'other';
  if (kind === 'other') input.problem(offset, `an object of the unknown kind ${type}`);
  return { offset, length, kind, flags };
}

function readEntry(input: Dissector, object: JournalObject): JournalEntry {
  if (object.length < 16 + layoutSize(ENTRY))
    throw new FormatError('journal', object.offset, `an entry of ${object.length} bytes`);
  return { offset: object.offset, ...input.struct(ENTRY, object.offset + 16) };
}

const KINDS: readonly JournalObject['kind'][] = [
  'unused',
  'data',
  'field',
  'entry',
  'data-hash-table',
  'field-hash-table',
  'entry-array',
  'tag',
];
const HEADER = {
  signature: 'text8',
  compatibleFlags: 'u32',
  incompatibleFlags: 'u32',
  state: 'u8',
  reserved: 'hex7',
  fileId: 'uuid',
  machineId: 'uuid',
  bootId: 'uuid',
  seqnumId: 'uuid',
  headerSize: 'u64',
  arenaSize: 'u64',
  dataHashTableOffset: 'u64',
  dataHashTableSize: 'u64',
  fieldHashTableOffset: 'u64',
  fieldHashTableSize: 'u64',
  tailObjectOffset: 'u64',
  objectCount: 'u64',
  entryCount: 'u64',
  tailSeqnum: 'u64',
  headSeqnum: 'u64',
  entryArrayOffset: 'u64',
  headRealtimeUs: 'u64',
  tailRealtimeUs: 'u64',
  tailMonotonicUs: 'u64',
} as const;
const LATER = {
  dataCount: 'u64',
  fieldCount: 'u64',
  tagCount: 'u64',
  entryArrayCount: 'u64',
  dataHashChainDepth: 'u64',
  fieldHashChainDepth: 'u64',
  tailEntryArrayOffset: 'u32',
  tailEntryArrayLength: 'u32',
  tailEntryOffset: 'u64',
} as const;
const OBJECT = { type: 'u8', flags: 'u8', reserved: 'hex6', size: 'u64' } as const;
const ENTRY = {
  seqnum: 'u64',
  realtimeUs: 'u64',
  monotonicUs: 'u64',
  bootId: 'uuid',
  xorHash: 'u64',
} as const;

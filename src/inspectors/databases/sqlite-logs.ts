/** What SQLite writes beside a database: write-ahead logs and rollback journals, by frames and pages. */

import { FormatError } from '../../core/errors.js';
import type { Fact, FactKind, FactRow } from '../../core/facts.js';
import type { RandomAccess } from '../../core/random-access.js';
import {
  isSqliteJournal,
  JOURNAL_HEADER_BYTES,
  readSqliteJournal,
} from '../../formats/sqlite-journal.js';
import { indexWal, WAL_FRAME_HEADER_BYTES } from '../../formats/sqlite-wal.js';
import { regionDigest } from '../common/region-digest.js';
import { defineInspector, type InspectContext, type InspectedFacts } from '../define.js';

export const sqliteWalInspector = defineInspector({
  id: 'sqlite-wal',
  version: 1,
  summary: 'Write-ahead logs of SQLite (fileformat2.html 4): header with salts, frames by page.',
  streams: false,
  claims: ({ head }) => /^377f068[23]002de218/.test(hex(head, 8)),
  inspect: async (piece, context) => walFacts(await piece.random(), context),
});

export const sqliteJournalInspector = defineInspector({
  id: 'sqlite-journal',
  version: 1,
  summary:
    'Rollback journals of SQLite (fileformat2.html 3): header with its nonce, records by page.',
  streams: false,
  claims: ({ head }) => isSqliteJournal(head),
  inspect: async (piece, context) => journalFacts(await piece.random(), context),
});

function walFacts(file: RandomAccess, context: InspectContext): InspectedFacts {
  const index = indexWal(file, null);
  if (index === null) throw new FormatError('sqlite wal', 24, 'a header with a wrong checksum');
  context.spend(index.frames.length);
  const { pageSize, committed, end } = index;
  const rows = index.frames.map(({ offset, page, sizeAfterCommit }, i): FactRow => {
    const content = { offset: offset + WAL_FRAME_HEADER_BYTES, length: pageSize };
    const state = i >= committed ? 'uncommitted' : sizeAfterCommit === 0 ? null : 'commit';
    return {
      key: `page ${page}`,
      values: [
        sizeAfterCommit === 0 ? null : sizeAfterCommit,
        state,
        regionDigest(file, content),
        hex(file.read(offset + 16, 8), 8),
      ],
      offset,
      part: null,
    };
  });
  return {
    facts: [
      number(file, 'magic', 'flags', 0),
      number(file, 'page size', 'number', 8),
      number(file, 'checkpoint sequence', 'layout', 12),
      number(file, 'salt-1', 'random', 16),
      number(file, 'salt-2', 'random', 20),
      { name: 'checksum', kind: 'checksum', value: hex(file.read(24, 8), 8), offset: 24 },
      ...restFacts(file, 'stale frames', end),
    ],
    tables: [
      {
        name: 'frames',
        ordered: true,
        columns: [
          { name: 'pages after commit', kind: 'size' },
          { name: 'state', kind: 'text' },
          { name: 'content', kind: 'opaque' },
          { name: 'checksum', kind: 'checksum' },
        ],
        rows,
      },
    ],
  };
}

function journalFacts(file: RandomAccess, context: InspectContext): InspectedFacts {
  const journal = readSqliteJournal(file);
  if (journal === null) throw new FormatError('sqlite journal', 20, 'sizes that make no sense');
  const { records, nonce, pageSize, sectorSize, end } = journal;
  context.spend(records.length);
  const rows = records.map(({ offset, page, checksum }): FactRow => {
    const content = { offset: offset + 4, length: pageSize };
    const isRight = pageSum(nonce, file.read(content.offset, pageSize)) === checksum;
    const sums = isRight ? [checksum, null] : [null, String(checksum)];
    return {
      key: `page ${page}`,
      values: [regionDigest(file, content), ...sums],
      offset,
      part: null,
    };
  });
  const padding = { offset: JOURNAL_HEADER_BYTES, length: sectorSize - JOURNAL_HEADER_BYTES };
  return {
    facts: [
      number(file, 'page count', 'size', 8),
      number(file, 'nonce', 'random', 12),
      number(file, 'initial size', 'size', 16),
      number(file, 'sector size', 'file-system', 20),
      number(file, 'page size', 'number', 24),
      ...slackFact(file, 'header padding', padding),
      ...restFacts(file, 'rest', end),
    ],
    tables: [
      {
        name: 'pages',
        ordered: true,
        columns: [
          { name: 'content before', kind: 'opaque' },
          { name: 'checksum', kind: 'checksum' },
          { name: 'wrong checksum', kind: 'opaque' },
        ],
        rows,
      },
    ],
  };
}

/** Every 200th byte from the end on, and the nonce (fileformat2.html 3). */
function pageSum(nonce: number, page: Uint8Array): number {
  let sum = nonce;
  for (let at = page.length - 200; at > 0; at -= 200) sum += page[at]!;
  return sum >>> 0;
}

function number(file: RandomAccess, name: string, kind: FactKind, offset: number): Fact {
  return { name, kind, value: Buffer.from(file.read(offset, 4)).readUInt32BE(0), offset };
}

/** Of an earlier life of the file. */
function restFacts(file: RandomAccess, name: string, offset: number): readonly Fact[] {
  const length = file.size - offset;
  if (length <= 0) return [];
  const size: Fact = { name: `${name} size`, kind: 'size', value: length, offset };
  return [size, ...slackFact(file, name, { offset, length })];
}

function slackFact(
  file: RandomAccess,
  name: string,
  extent: { readonly offset: number; readonly length: number },
): readonly Fact[] {
  const { offset, length } = extent;
  let empty = true;
  for (let at = 0; at < length && empty; at += STEP)
    empty = file.read(offset + at, Math.min(STEP, length - at)).every((byte) => byte === 0);
  return empty ? [] : [{ name, kind: 'slack', value: regionDigest(file, extent), offset }];
}

const STEP = 65_536;

function hex(bytes: Uint8Array, length: number): string {
  return Buffer.from(bytes.subarray(0, length)).toString('hex');
}

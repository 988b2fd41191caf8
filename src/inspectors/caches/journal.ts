/** Journals of systemd: the header, what kinds of objects there are, and the objects by blocks. */

import type { FactRow } from '../../core/facts.js';
import { isJournal, readJournal, type JournalFile } from '../../formats/journal-file.js';
import { fieldFacts, problemsOf } from '../common/account.js';
import { restByBlocks } from '../common/rest-by-blocks.js';
import { defineInspector } from '../define.js';

export const journalInspector = defineInspector({
  id: 'journal',
  version: 1,
  summary:
    'Journals of systemd (`journal-def.h`): ids and times of the header, numbers of objects; the rest by blocks.',
  streams: false,
  claims: ({ head }) => isJournal(head),
  inspect: async (piece, context) => {
    const file = await piece.random();
    const journal = readJournal(file);
    context.spend(journal.objects.length);
    const { account } = journal;
    return {
      facts: fieldFacts(account, NOTES).map((fact) =>
        fact.kind === 'time' ? { ...fact, value: microseconds(fact.value) } : fact,
      ),
      tables: [
        {
          name: 'objects',
          ordered: false,
          columns: [{ name: 'count', kind: 'size' }],
          rows: objectRows(journal),
        },
      ],
      content: await restByBlocks(file, account.fields, context),
      problems: problemsOf(account),
    };
  },
});

/** Microseconds since 1970 as seconds. */
function microseconds(value: string | number | null): string {
  const digits = String(value).padStart(7, '0');
  return `${digits.slice(0, -6)}.${digits.slice(-6)}`;
}

function objectRows({ objects }: JournalFile): FactRow[] {
  const counts = new Map<string, number>();
  for (const { kind } of objects) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts]
    .map(([key, count]) => ({ key, values: [count], offset: null, part: null }))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

const NOTES = {
  compatibleFlags: ['compatible_flags', 'flags'],
  incompatibleFlags: ['incompatible_flags', 'flags'],
  state: ['state', 'number'],
  fileId: ['file_id', 'random'],
  machineId: ['machine_id', 'random'],
  bootId: ['tail_entry_boot_id', 'random'],
  seqnumId: ['seqnum_id', 'random'],
  arenaSize: ['arena_size', 'size'],
  objectCount: ['n_objects', 'size'],
  entryCount: ['n_entries', 'size'],
  headSeqnum: ['head_entry_seqnum', 'number'],
  tailSeqnum: ['tail_entry_seqnum', 'number'],
  headRealtimeUs: ['head_entry_realtime', 'time'],
  tailRealtimeUs: ['tail_entry_realtime', 'time'],
  tailMonotonicUs: ['tail_entry_monotonic', 'number'],
} as const;

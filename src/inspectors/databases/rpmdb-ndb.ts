/** rpm's database of packages in its own format, ndb: packages by name, each with its header. */

import { FormatError } from '../../core/errors.js';
import type { Fact, FactProblem, FactRow } from '../../core/facts.js';
import { windowAccess, type RandomAccess } from '../../core/random-access.js';
import {
  isNdb,
  ndbGaps,
  readNdb,
  readNdbBlob,
  type NdbDatabase,
  type NdbSlot,
} from '../../formats/rpmdb-ndb.js';
import { regionDigest } from '../common/region-digest.js';
import { shortDigest } from '../common/short-digest.js';
import { defineInspector, type InspectContext } from '../define.js';
import { packageKey } from './package-key.js';

export const rpmdbNdbInspector = defineInspector({
  id: 'rpmdb-ndb',
  version: 1,
  summary:
    "rpm's database in its own format (ndb, `Packages.db`): packages with every header tag by name; slots and blocks as layout.",
  streams: false,
  claims: ({ head }) => isNdb(head),
  inspect: async (piece, context) => {
    const file = await piece.random();
    const database = readNdb(file);
    context.spend(database.slots.length);
    const problems: FactProblem[] = [];
    const rows: FactRow[] = [];
    for (const slot of database.slots) rows.push(await packageRow(file, slot, problems, context));
    return {
      facts: [...headerFacts(database), ...slackFacts(database, file)],
      tables: [{ name: 'Packages', ordered: true, columns: COLUMNS, rows }],
      problems,
    };
  },
});

const COLUMNS = [
  { name: 'pkgidx', kind: 'layout' },
  { name: 'slot', kind: 'layout' },
  { name: 'blkoff', kind: 'offset' },
  { name: 'timestamp', kind: 'time' },
  { name: 'padding', kind: 'slack' },
  { name: 'adler32', kind: 'checksum' },
  { name: 'damaged', kind: 'opaque' },
] as const;

function headerFacts({ generation, slotPages, nextIndex, reserved }: NdbDatabase): readonly Fact[] {
  return [
    { name: 'generation', kind: 'layout', value: generation, offset: 8 },
    { name: 'slotnpages', kind: 'layout', value: slotPages, offset: 12 },
    { name: 'nextpkgidx', kind: 'layout', value: nextIndex, offset: 16 },
    ...(isZero(reserved)
      ? []
      : [{ name: 'reserved', kind: 'slack', value: shortDigest(reserved), offset: 20 } as const]),
  ];
}

/** What removed packages left behind. */
function slackFacts(database: NdbDatabase, file: RandomAccess): readonly Fact[] {
  const facts: Fact[] = [];
  const { freeSlots } = database;
  if (!isZero(freeSlots))
    facts.push({ name: 'free slots', kind: 'slack', value: shortDigest(freeSlots), offset: null });
  const gaps = ndbGaps(database, file.size).filter(
    ({ offset, length }) => !isZero(file.read(offset, length)),
  );
  if (gaps.length > 0)
    facts.push({
      name: 'free blocks',
      kind: 'slack',
      value: regionDigest(file, ...gaps),
      offset: gaps[0]!.offset,
    });
  return facts;
}

async function packageRow(
  file: RandomAccess,
  slot: NdbSlot,
  problems: FactProblem[],
  context: InspectContext,
): Promise<FactRow> {
  const { index, offset, start, length } = slot;
  const places = [index, offset, start];
  try {
    const blob = readNdbBlob(file, slot);
    const bytes = windowAccess(file, blob.start, blob.length);
    const key = packageKey(bytes.read(0, blob.length)) ?? `pkgidx ${index}`;
    const padding = isZero(blob.padding) ? null : shortDigest(blob.padding);
    return {
      key,
      values: [...places, String(blob.timestamp), padding, blob.checksum, null],
      offset: start,
      part: await context.part(key, bytes, 'rpm-header'),
    };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    problems.push({ offset: error.offset, detail: error.message });
    const damaged = regionDigest(file, { offset: start, length });
    const key = `pkgidx ${index}`;
    return { key, values: [...places, null, null, null, damaged], offset: start, part: null };
  }
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

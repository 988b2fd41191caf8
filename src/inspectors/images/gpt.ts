/** Disk images with a GUID partition table: identifiers, and every partition as a part of its own. */

import type { Fact, FactRow } from '../../core/facts.js';
import { bufferAccess, windowAccess, type RandomAccess } from '../../core/random-access.js';
import { toOffset, type ByteAccount, type ByteRange } from '../../formats/byte-fields.js';
import { isGpt, readGpt, type GptImage, type GptPartition } from '../../formats/gpt.js';
import { factNumber } from '../common/account.js';
import { imageFacts } from '../common/image.js';
import { shortDigest } from '../common/short-digest.js';
import { sumFact, sumFacts } from '../common/sum-fact.js';
import { defineInspector, type InspectContext } from '../define.js';

export const gptInspector = defineInspector({
  id: 'gpt',
  version: 1,
  summary:
    'GUID partition tables (UEFI 2.10, chapter 5): identifiers of disk and partitions, and each partition as a member.',
  streams: false,
  claims: ({ head }) => isGpt(bufferAccess(head)),
  inspect: async (piece, context) => {
    const image = await piece.random();
    const gpt = readGpt(image);
    const { rows, ranges } = await partitionRows(image, gpt, context);
    const isBackup = ({ name }: { name: string }): boolean => name.startsWith('backup.');
    const isEntry = ({ name }: { name: string }): boolean => /^primary\.\d+\./.test(name);
    const { fields } = gpt.account;
    const header: ByteAccount = {
      ...gpt.account,
      fields: fields.filter((field) => !isBackup(field) && !isEntry(field)),
    };
    const found = await imageFacts(image, header, NOTES, context, [...fields, ...ranges]);
    const copies = fields.filter(isBackup);
    const digest = shortDigest(...copies.map(({ offset, length }) => image.read(offset, length)));
    const offset = copies[0]?.offset ?? null;
    const backup: Fact = { name: 'backup', kind: 'digest', value: digest, offset };
    const facts = sumFacts(found.facts, {
      HeaderCRC32: gpt.primary.headerCrcValid,
      PartitionEntryArrayCRC32: gpt.primary.entriesCrcValid ?? true,
    });
    return {
      ...found,
      facts: copies.length === 0 ? facts : [...facts, sumFact(backup, isCopy(gpt))],
      tables: [{ name: '', ordered: true, columns: COLUMNS, rows }],
    };
  },
});

/** Whether the table at the end says the same as that at the beginning. */
function isCopy({ primary, backup }: GptImage): boolean {
  if (backup === null || !backup.headerCrcValid || backup.entriesCrcValid !== true) return false;
  const { partitions } = primary;
  return (
    backup.diskGuid === primary.diskGuid &&
    backup.firstUsable === primary.firstUsable &&
    backup.lastUsable === primary.lastUsable &&
    backup.partitions.length === partitions.length &&
    backup.partitions.every((copy, i) => isSame(copy, partitions[i]!))
  );
}

function isSame(copy: GptPartition, original: GptPartition): boolean {
  return Object.entries(original).every(
    ([name, value]) => name === 'offset' || copy[name as keyof GptPartition] === value,
  );
}

const COLUMNS = [
  { name: 'PartitionTypeGUID', kind: 'text' },
  { name: 'UniquePartitionGUID', kind: 'random' },
  { name: 'StartingLBA', kind: 'offset' },
  { name: 'EndingLBA', kind: 'offset' },
  { name: 'Attributes', kind: 'flags' },
  { name: 'PartitionName', kind: 'text' },
] as const;

async function partitionRows(
  image: RandomAccess,
  { primary, sectorSize, account }: GptImage,
  context: InspectContext,
): Promise<{ rows: FactRow[]; ranges: ByteRange[] }> {
  const rows: FactRow[] = [];
  const ranges: ByteRange[] = [];
  // Partitions that lie on one another are read once: what is told of the first is told.
  let end = 0;
  for (const partition of primary.partitions.toSorted((a, b) =>
    a.firstSector < b.firstSector ? -1 : 1,
  )) {
    context.spend(1);
    const offset = toOffset(partition.firstSector) * sectorSize;
    const length = (toOffset(partition.lastSector) + 1) * sectorSize - offset;
    const fits = offset >= Math.max(end, 1) && length > 0 && offset + length <= image.size;
    const name = `partition ${partition.number}`;
    const part = fits ? await context.part(name, windowAccess(image, offset, length)) : null;
    if (fits) {
      ranges.push({ offset, length });
      end = offset + length;
    }
    rows.push({
      key: String(partition.number),
      values: [
        partition.typeGuid,
        partition.guid,
        factNumber(partition.firstSector),
        factNumber(partition.lastSector),
        factNumber(partition.attributes),
        nameOf(account, partition.number),
      ],
      offset: partition.offset,
      part,
    });
  }
  return { rows, ranges };
}

/** UTF-16 as UTF-8, latin1 bytes; in hex where it is not well-formed and would not tell every byte. */
function nameOf({ fields }: ByteAccount, number: number): string {
  const hex = String(fields.find(({ name }) => name === `primary.${number}.name`)?.value ?? '');
  const text = Buffer.from(hex, 'hex').toString('utf16le').replace(/\0+$/, '');
  const utf8 = Buffer.from(text, 'utf8');
  const back = Buffer.from(utf8.toString('utf8'), 'utf16le');
  return back.toString('hex') === hex.slice(0, 2 * back.length)
    ? utf8.toString('latin1')
    : `0x${hex}`;
}

const NOTES = {
  'mbr.bootCode': ['BootCode', 'opaque'],
  'mbr.diskSignature': ['UniqueMBRDiskSignature', 'random'],
  'mbr.entries': ['PartitionRecord', 'layout'],
  'mbr.signature': ['Signature', 'text'],
  'primary.revision': ['Revision', 'version'],
  'primary.headerSize': ['HeaderSize', 'size'],
  'primary.headerCrc': ['HeaderCRC32', 'checksum'],
  'primary.currentSector': ['MyLBA', 'offset'],
  'primary.otherSector': ['AlternateLBA', 'offset'],
  'primary.firstUsable': ['FirstUsableLBA', 'offset'],
  'primary.lastUsable': ['LastUsableLBA', 'offset'],
  'primary.diskGuid': ['DiskGUID', 'random'],
  'primary.entriesSector': ['PartitionEntryLBA', 'offset'],
  'primary.entryCount': ['NumberOfPartitionEntries', 'size'],
  'primary.entrySize': ['SizeOfPartitionEntry', 'size'],
  'primary.entriesCrc': ['PartitionEntryArrayCRC32', 'checksum'],
} as const;

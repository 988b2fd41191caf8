/** zip archives and their kin (jar, whl, apk, odt): every field of both headers of every entry, and the content. */

import type { Fact, FactPart, FactProblem } from '../../core/facts.js';
import type { RandomAccess } from '../../core/random-access.js';
import { readZipDirectory, type ZipDirectory, type ZipPlace } from '../../formats/zip.js';
import { fact } from '../codec/units.js';
import { regionDigest } from '../common/region-digest.js';
import { RowCollector } from '../common/row-collector.js';
import { shortDigest } from '../common/short-digest.js';
import { defineInspector, type InspectContext, type InspectedFacts } from '../define.js';
import { isStop } from '../engine/limits.js';
import { ZIP_COLUMNS, zipValues } from './zip-columns.js';
import { zipContent } from './zip-content.js';
import { WatchedContent } from './watched-content.js';

export const zipInspector = defineInspector({
  id: 'zip',
  version: 1,
  summary:
    'zip archives (PKWARE APPNOTE 6.3.10), as jar, whl and odt are: central and local headers, and every entry.',
  streams: false,
  holdsMembers: true,
  claims: ({ head, name }) => startsEntry(head) || (isShort(head) && ENDING.test(name)),
  inspect: async (piece, context) => inspectZip(await piece.random(), context),
});

/** A local header, or the end of an archive without entries. */
function startsEntry(head: Uint8Array): boolean {
  if (head[0] !== 0x50 || head[1] !== 0x4b) return false;
  return (head[2] === 3 && head[3] === 4) || (head[2] === 5 && head[3] === 6);
}

/** `#!` lines and `JM` of Jigsaw modules in front of an archive. */
function isShort(head: Uint8Array): boolean {
  return (head[0] === 0x23 && head[1] === 0x21) || (head[0] === 0x4a && head[1] === 0x4d);
}

const ENDING = /\.(?:zip|jar|jmod|pyz|pex|whl|egg|war|ear)$/i;

async function inspectZip(input: RandomAccess, context: InspectContext): Promise<InspectedFacts> {
  const directory = readZipDirectory(input);
  const { entries, localOrder } = directory;
  context.spend(entries.length);
  const positions = new Map(localOrder.map((index, position) => [index, position]));
  const isInOrder = localOrder.every((index, position) => index === position);
  const members = new RowCollector('', ZIP_COLUMNS);
  const problems: FactProblem[] = [];
  let isOverlapping = false;
  for (const [index, place] of entries.entries()) {
    const { central, problem, dataOffset, compressedSize } = place;
    if (problem !== null) {
      if (problems.length < MOST_PROBLEMS)
        problems.push({ offset: problem.offset, detail: `${central.name}: ${problem.message}` });
      isOverlapping = true;
    }
    const content = problem === null ? await contentPart(input, place, context, problems) : null;
    const part = content?.part ?? null;
    const crc = content?.crc() ?? null;
    const isStored = central.method === 0 && part !== null;
    const data =
      problem !== null || isStored || compressedSize === 0
        ? null
        : regionDigest(input, { offset: dataOffset, length: compressedSize });
    const gap = { offset: place.gapOffset, length: place.gapBytes };
    const seal =
      content?.isSecret === true
        ? (text: string): string => context.keyed(Buffer.from(text, 'latin1'))
        : null;
    members.add(
      central.name,
      zipValues({
        place,
        position: isInOrder ? null : (positions.get(index) ?? null),
        data,
        gap: gap.length === 0 ? null : `${gap.length} ${regionDigest(input, gap)}`,
        crc,
        seal,
      }),
      place.offset,
      part,
    );
  }
  // Where entries overlap nobody knows what belongs to whom: all of it is told together.
  const facts = [...archiveFacts(input, directory)];
  if (isOverlapping)
    facts.push(
      fact(
        'entries',
        'stream',
        regionDigest(input, { offset: 0, length: directory.ends.centralAt }),
        0,
      ),
    );
  return { facts, tables: members.tables(), problems };
}

const MOST_PROBLEMS = 100;

async function contentPart(
  input: RandomAccess,
  place: ZipPlace,
  context: InspectContext,
  problems: FactProblem[],
): Promise<Content | null> {
  const { name } = place.central;
  if (name.endsWith('/') && place.uncompressedSize === 0) return null;
  if (place.compressedSize === 0 && place.uncompressedSize === 0) return null;
  try {
    const found = zipContent(input, place, context);
    if (found === null) return null;
    const watched = new WatchedContent(found);
    const part = await context.part(name, watched.input);
    return { part, isSecret: context.isSecret(part), crc: () => watched.crc() };
  } catch (error) {
    if (!isStop(error)) throw error;
    problems.push({ offset: place.offset, detail: `${name}: ${error.message}` });
    return null;
  }
}

interface Content {
  readonly part: FactPart;
  readonly isSecret: boolean;
  crc(): number | null;
}

/** What belongs to no entry. */
function archiveFacts(input: RandomAccess, directory: ZipDirectory): readonly Fact[] {
  const { prefixBytes, centralTailOffset, centralEnd, ends, size } = directory;
  const facts: Fact[] = [];
  const region = (name: string, offset: number, end: number): void => {
    if (end <= offset) return;
    const digest = regionDigest(input, { offset, length: end - offset });
    facts.push(fact(name, 'opaque', digest, offset));
  };
  region('prefix', 0, prefixBytes);
  region('central directory tail', centralTailOffset, centralEnd);
  region('before end', centralEnd, ends.endAt);
  region('trailing', ends.trailingAt, size);
  const { end, zip64, offsetBase } = ends;
  if (end.comment.length > 0)
    facts.push(
      fact('comment', 'opaque', shortDigest(end.comment), ends.trailingAt - end.comment.length),
    );
  if (offsetBase !== 0) facts.push(fact('offset base', 'offset', offsetBase, ends.endAt));
  if (zip64 !== null) {
    const told = [
      zip64.versionMadeBy,
      zip64.versionNeeded,
      zip64.totalDisks,
      shortDigest(zip64.extensible),
    ];
    const escaped = Object.entries(end.escaped)
      .filter(([, is]) => is)
      .map(([name]) => name);
    facts.push(
      fact(
        'zip64 end',
        'layout',
        `${told.join(' ')} ${escaped.join(' ')} ${end.diskNumber} ${end.centralDisk}`,
        ends.endAt,
      ),
    );
  }
  return facts;
}

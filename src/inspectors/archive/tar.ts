/** tar archives: every header field, every member, and how the archive ends. */

import type { Fact, FactProblem } from '../../core/facts.js';
import { ByteReader } from '../../formats/stream/byte-reader.js';
import { tarStream } from '../../formats/stream/tar-stream.js';
import { isTarHeader, type TarEnd } from '../../formats/tar-steps.js';
import { fact } from '../codec/units.js';
import { defineInspector } from '../define.js';
import { isStop } from '../engine/limits.js';
import { restOf } from './stream-rest.js';
import { TarMembers } from './tar-members.js';
import { TeeHash } from './tee-hash.js';

export const tarInspector = defineInspector({
  id: 'tar',
  version: 1,
  summary: 'tar archives (POSIX pax, GNU, v7): every field of every header, and every member.',
  streams: true,
  holdsMembers: true,
  claims: ({ head }) => isTarHeader(head),
  inspect: async (piece, context) => {
    const tee = new TeeHash(piece.chunks(), context);
    const reader = new ByteReader(tee.chunks(), { format: 'tar' });
    const limit = piece.size === null ? {} : { limit: piece.size };
    const stream = tarStream(reader, { ...limit, concatenated: true });
    const members = new TarMembers(context);
    const problems: FactProblem[] = [];
    const facts: Fact[] = [];
    try {
      for (let found = stream.tryNext(); found !== null; found = stream.tryNext()) {
        const next = found === undefined ? await stream.next() : found;
        if (next === null) break;
        await members.add(next);
      }
      if (stream.end !== null) facts.push(...endFacts(stream.end));
      if (stream.end !== null) members.extensions('(end)', stream.end.extensions);
      if (!(await reader.atEnd())) facts.push(await restOf(reader));
    } catch (error) {
      if (!isStop(error) || members.count === 0) throw error;
      problems.push({ offset: null, detail: error.message });
      facts.push(fact('archive', 'stream', await tee.finish(), 0));
    }
    return { facts, tables: members.tables(), problems };
  },
});

/** Two blocks of zeros end an archive; most writers fill up a record of 20. */
function endFacts({ offset, end }: TarEnd): readonly Fact[] {
  return [fact('zeros at the end', 'layout', end - offset, offset)];
}

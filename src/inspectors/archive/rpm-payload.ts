/** The payload of an RPM package: members of its archive, also of one that has only their numbers, and the compression. */

import { FormatError } from '../../core/errors.js';
import type { FactProblem } from '../../core/facts.js';
import type { RandomAccess } from '../../core/random-access.js';
import { CODEC_HEAD_BYTES, detectCodec } from '../../formats/codec/detect.js';
import type { RpmHeader } from '../../formats/rpm-header.js';
import { ByteReader } from '../../formats/stream/byte-reader.js';
import { rpmPayloadStream } from '../../formats/stream/rpm-payload.js';
import { decompressed } from '../codec/decompressed.js';
import { UNITS } from '../codec/read-units.js';
import { fact, splitUnits } from '../codec/units.js';
import { regionDigest } from '../common/region-digest.js';
import type { InspectContext, InspectedFacts } from '../define.js';
import { chunksOf } from '../engine/piece.js';
import { isStop } from '../engine/limits.js';
import { CpioMembers } from './cpio-members.js';
import { DigitCase } from './digit-case.js';
import { restOf } from './stream-rest.js';

/**
 * `input` are the bytes behind the header, compressed or not. The members are rows of the table without a name, for the facts
 * of the package. Throws `FormatError` when there is no member at all.
 */
export async function inspectRpmPayload(
  input: RandomAccess,
  header: RpmHeader,
  context: InspectContext,
): Promise<InspectedFacts & { readonly problems: readonly FactProblem[] }> {
  const codec = detectCodec(input.read(0, CODEC_HEAD_BYTES));
  const run = codec === null ? null : decompressed(codec, input, context);
  const reader = new ByteReader(run?.content ?? chunksOf(input), { format: 'rpm payload' });
  const stream = rpmPayloadStream(reader, header);
  const members = new CpioMembers(context);
  const digits = new DigitCase();
  const problems: FactProblem[] = [];
  const facts = [];
  try {
    for await (const { member, data } of stream) {
      const { cpio, fileIndex } = member;
      const place = codec === null ? member.offset : null;
      if (cpio !== null) await members.add(cpio, data, place, digits);
      else if (fileIndex !== null)
        await members.addNumbered({ ...member, fileIndex }, data, digits);
    }
    const zeros = await reader.skipZeros();
    if (zeros > 0) facts.push(fact('zeros behind', 'slack', zeros, null));
    if (!(await reader.atEnd())) facts.push(await restOf(reader));
  } catch (error) {
    if (!isStop(error) || members.count === 0) throw error;
    problems.push({ offset: null, detail: error.message });
  }
  if (digits.value !== null) facts.push(fact('digits', 'codec', digits.value, null));
  const tables = [...members.tables()];
  try {
    if (codec === null || run === null) {
      if (problems.length > 0) throw new FormatError('rpm payload', 0, 'damage');
    } else {
      const units = await UNITS[codec](input, run.members);
      const split = splitUnits({ ...units, name: `${codec} ${units.name}` });
      facts.push(...split.facts);
      tables.push(...split.tables);
      const rest = { offset: units.end, length: input.size - units.end };
      if (rest.length > 0) facts.push(fact('rest', 'opaque', regionDigest(input, rest), units.end));
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    // Whatever could not be told is in one digest.
    facts.push(
      fact('payload', 'stream', regionDigest(input, { offset: 0, length: input.size }), 0),
    );
  }
  return { facts, tables, problems };
}

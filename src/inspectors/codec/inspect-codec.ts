/** Compressed files: fields of every member, stream or frame, and the content as a part. */

import { FormatError } from '../../core/errors.js';
import type { Fact, FactProblem } from '../../core/facts.js';
import type { RandomAccess } from '../../core/random-access.js';
import { countZeros } from '../../formats/codec/access.js';
import type { Codec } from '../../formats/codec/codec.js';
import { regionDigest } from '../common/region-digest.js';
import { RowCollector } from '../common/row-collector.js';
import type { InspectContext, InspectedFacts, Piece } from '../define.js';
import { baseName, contentName } from './content-name.js';
import { decompressed, type Decompressed } from './decompressed.js';
import { UNITS } from './read-units.js';
import { fact, splitUnits, type CodecUnits } from './units.js';

/** Throws `FormatError` when nothing comes out; `LimitError` for a stream that cannot be held. */
export async function inspectCodec(
  codec: Codec,
  piece: Piece,
  context: InspectContext,
): Promise<InspectedFacts> {
  const input = await piece.random();
  const run = decompressed(codec, input, context);
  const name = contentName(piece.name);
  const part = await context.part(name, run.content);
  const failure = run.failure();
  // `.lzma` has no magic number: what fails was something else.
  if (failure !== null && (run.contentBytes() === 0 || codec === 'lzma')) throw failure;
  const problems: FactProblem[] = [];
  const units = await readUnits(codec, input, run, problems);
  const { facts, tables } = splitUnits(units);
  const rows = new RowCollector('', []);
  rows.add(baseName(name), [], null, part);
  const all = [...facts, ...endFacts(input, units.end, run.extent() === null)];
  const isSecret = context.isSecret(part);
  return {
    facts: isSecret ? all.map((each) => sealed(each, context)) : all,
    tables: [...rows.tables(), ...(isSecret ? [] : tables)],
    problems,
  };
}

async function readUnits(
  codec: Codec,
  input: RandomAccess,
  { members }: Decompressed,
  problems: FactProblem[],
): Promise<CodecUnits> {
  try {
    return await UNITS[codec](input, members);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    problems.push({ offset: error.offset, detail: error.message });
    return { name: '', units: [], end: 0 };
  }
}

/** What lies behind the last unit that made sense. */
function endFacts(input: RandomAccess, end: number, isCut: boolean): readonly Fact[] {
  const left = input.size - end;
  if (left === 0) return [];
  const zeros = countZeros(input, end);
  if (zeros === left) return [fact('padding at the end', 'slack', zeros, end)];
  const value = regionDigest(input, { offset: end, length: left });
  return [fact('rest', isCut ? 'stream' : 'opaque', value, end)];
}

/** Sums over a secret tell whether it was guessed. */
function sealed(each: Fact, context: InspectContext): Fact {
  if (each.kind !== 'stream' && each.kind !== 'checksum') return each;
  return {
    ...each,
    kind: 'secret',
    value: context.keyed(Buffer.from(String(each.value), 'latin1')),
  };
}

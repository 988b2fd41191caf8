/**
 * Initramfs images as Linux reads them (Documentation/driver-api/early-userspace/buffer-format.rst): all segments, compressed
 * or not, with the fields of the compressor, and the members of all archives. Plain cpio archives are images of one segment.
 */

import type { FactProblem, FactTable } from '../../core/facts.js';
import { windowAccess, type RandomAccess } from '../../core/random-access.js';
import { FormatError } from '../../core/errors.js';
import type { DecompressedMember } from '../../formats/codec/decompress.js';
import { ByteReader } from '../../formats/stream/byte-reader.js';
import {
  initramfsSegments,
  type InitramfsEnd,
  type InitramfsSegment,
} from '../../formats/stream/initramfs.js';
import { UNITS } from '../codec/read-units.js';
import { fact, unitsTable, type CodecUnit } from '../codec/units.js';
import { regionDigest } from '../common/region-digest.js';
import { RowCollector, type ColumnList } from '../common/row-collector.js';
import {
  defineInspector,
  type InspectContext,
  type InspectedFacts,
  type Piece,
} from '../define.js';
import { DeclinedError, isStop, LimitError } from '../engine/limits.js';
import { CpioMembers } from './cpio-members.js';
import { DigitCase } from './digit-case.js';
import { mayBeInitramfs, startsCpio } from './initramfs-head.js';
import { TeeHash } from './tee-hash.js';

export const initramfsInspector = defineInspector({
  id: 'initramfs',
  version: 1,
  summary:
    'Initramfs images (Linux, buffer-format.rst): segments, their compression, and every member of every cpio archive.',
  streams: true,
  holdsMembers: true,
  claims: mayBeInitramfs,
  inspect: async (piece, context) => {
    const input = await heldOrNull(piece);
    if (input !== null && !(await startsCpio(input))) throw new DeclinedError('initramfs');
    return inspectImage(piece, input, context);
  },
});

/** A stream that is too long to be held is read as it comes: then the fields of compressors are not told. */
async function heldOrNull(piece: Piece): Promise<RandomAccess | null> {
  try {
    return await piece.random();
  } catch (error) {
    if (error instanceof LimitError) return null;
    throw error;
  }
}

const SEGMENT_COLUMNS: ColumnList = [
  ['codec', 'codec'],
  ['zeros before', 'slack'],
  ['alignment', 'layout'],
  ['digits', 'codec'],
  ['members', 'size'],
  ['content bytes', 'size'],
  ['zeros behind', 'slack'],
  ['trailer', 'text'],
  ['data', 'stream'],
];

/** Reads all segments of the piece; `input` are the same bytes, or null. */
export async function inspectImage(
  piece: Piece,
  input: RandomAccess | null,
  context: InspectContext,
): Promise<InspectedFacts> {
  const tee = new TeeHash(piece.chunks(), context, input === null);
  const reader = new ByteReader(tee.chunks(), { format: 'initramfs' });
  const image = new Image(input, context);
  let end: InitramfsEnd | null = null;
  try {
    const segments = initramfsSegments(reader, {
      maxOutputBytes: context.outputBudget(),
      onMember: (member) => image.units.push(member),
    });
    for (;;) {
      const step = await segments.next();
      if (step.done === true) {
        end = step.value;
        break;
      }
      await image.add(step.value);
    }
  } catch (error) {
    // What was found so far stands; a defect of ours does not.
    if (!isStop(error) || image.members.count === 0) throw error;
    image.problems.push({ offset: null, detail: error.message });
  }
  return image.finish(end, tee);
}

class Image {
  readonly members: CpioMembers;
  readonly problems: FactProblem[] = [];
  /** What was decompressed of the present segment. */
  readonly units: DecompressedMember[] = [];
  readonly #input: RandomAccess | null;
  readonly #context: InspectContext;
  readonly #segments = new RowCollector('segments', SEGMENT_COLUMNS);
  readonly #codecUnits = new Map<string, { readonly unit: CodecUnit; readonly key: string }[]>();
  #hasUnread = false;
  /** Behind what is told in rows. */
  #told = 0;

  constructor(input: RandomAccess | null, context: InspectContext) {
    this.#input = input;
    this.#context = context;
    this.members = new CpioMembers(context);
  }

  async add(segment: InitramfsSegment): Promise<void> {
    const { index, offset, codec, zerosBefore, isAligned } = segment;
    this.units.length = 0;
    this.#context.spend(1);
    const before = this.members.count;
    const digits = new DigitCase();
    for await (const { member, data } of segment.members()) {
      const place = codec === null ? offset + member.offset : null;
      await this.members.add(member, data, place, digits);
      if (codec === null) this.#told = offset + member.end;
    }
    const result = segment.result();
    if (result === null) throw new Error('a segment without a result');
    const { problem } = result;
    if (problem !== null)
      this.problems.push({
        offset: codec === null ? problem.offset : null,
        detail: `segment ${index + 1}: ${problem.detail}`,
      });
    const isWhole = result.extent !== null;
    const data =
      codec === null
        ? null
        : await this.#compressed(segment, isWhole ? result.extent.inputBytes : null);
    const values = [
      codec ?? 'none',
      zerosBefore === 0 ? null : zerosBefore,
      codec === null && !isAligned ? 'odd' : null,
      digits.value,
      this.members.count - before,
      codec === null ? null : result.contentBytes,
      result.zerosBehind === 0 || codec === null ? null : result.zerosBehind,
      result.isComplete ? null : 'missing',
      data,
    ];
    this.#segments.add(String(index + 1), values, offset, null);
  }

  /** Tells of a compressed segment what its members do not; the digest of its bytes where its structure makes no sense. */
  async #compressed(segment: InitramfsSegment, length: number | null): Promise<string | null> {
    const input = this.#input;
    const { codec, offset, index } = segment;
    if (input === null || codec === null) {
      this.#hasUnread = true;
      return null;
    }
    const bytes = length ?? input.size - offset;
    this.#told = offset + bytes;
    if (length !== null) {
      try {
        const { name, units } = await UNITS[codec](windowAccess(input, offset, length), this.units);
        this.#context.spend(units.length);
        const title = `${codec} ${name}`;
        const list = this.#codecUnits.get(title) ?? [];
        this.#codecUnits.set(title, list);
        for (const [i, unit] of units.entries()) {
          const key = i === 0 ? String(index + 1) : `${index + 1}.${i + 1}`;
          list.push({ unit: { ...unit, offset: offset + unit.offset }, key });
        }
        return null;
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        this.problems.push({ offset: offset + error.offset, detail: error.message });
      }
    }
    return regionDigest(input, { offset, length: bytes });
  }

  async finish(end: InitramfsEnd | null, tee: TeeHash): Promise<InspectedFacts> {
    const facts = [];
    if (end !== null && end.zerosBefore > 0)
      facts.push(
        fact('padding at the end', 'slack', end.zerosBefore, end.offset - end.zerosBefore),
      );
    const isWhole = end !== null && end.problem === null;
    if (!isWhole && end !== null && end.problem !== null && this.problems.length === 0)
      this.problems.push({ offset: end.offset, detail: end.problem });
    if (this.#input === null) {
      if (this.#hasUnread || !isWhole) facts.push(fact('image', 'stream', await tee.finish(), 0));
    } else if (!isWhole) {
      const rest = { offset: this.#told, length: this.#input.size - this.#told };
      if (rest.length > 0)
        facts.push(fact('rest', 'opaque', regionDigest(this.#input, rest), rest.offset));
    }
    const codecTables: FactTable[] = [...this.#codecUnits].flatMap(([name, units]) => [
      ...unitsTable(name, units),
    ]);
    return {
      facts,
      tables: [...this.members.tables(), ...this.#segments.tables(), ...codecTables],
      problems: this.problems,
    };
  }
}

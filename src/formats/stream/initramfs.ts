/**
 * Initramfs images as Linux reads them (Documentation/driver-api/early-userspace/buffer-format.rst and init/initramfs.c):
 * zeros, cpio archives and compressed streams of cpio archives in any number and order. An archive ends at its trailer, or
 * where no member follows; a compressed stream holds archives and zeros, and nothing compressed again.
 */

import { FormatError } from '../../core/errors.js';
import { cpioDialect, type CpioEnd } from '../cpio.js';
import type { Codec } from '../codec/codec.js';
import {
  decompressFrom,
  type DecompressedExtent,
  type DecompressOptions,
} from '../codec/decompress.js';
import { CODEC_HEAD_BYTES, detectCodec } from '../codec/detect.js';
import { ByteReader } from './byte-reader.js';
import { cpioStream, type CpioStreamMember } from './cpio-stream.js';

interface SegmentBase {
  /** From 0. */
  readonly index: number;
  /** Of the first byte in the image. */
  readonly offset: number;
  /** Zero bytes in front of it. */
  readonly zerosBefore: number;
  /** Linux takes uncompressed archives only at offsets that are multiples of 4. */
  readonly isAligned: boolean;
}

/** Read it before the next one is asked for; `members` may be left at any place, and asked for once. */
export type InitramfsSegment = SegmentBase &
  (
    | {
        readonly kind: 'cpio';
        readonly codec: null;
        readonly members: () => AsyncIterable<CpioStreamMember>;
      }
    | {
        readonly kind: 'compressed';
        readonly codec: Codec;
        /** Offsets are those of the content; several archives are numbered by `member.archive`. */
        readonly members: () => AsyncIterable<CpioStreamMember>;
      }
  ) & {
    /** What is known when the segment was passed; null before. */
    readonly result: () => SegmentResult | null;
  };

export interface SegmentResult {
  /** Behind it, in the image. */
  readonly end: number;
  /** Bytes of cpio archives and zeros: those of the image, or those that came out of the decompressor. */
  readonly contentBytes: number;
  /** Zero bytes behind the last archive of the content; those behind an uncompressed one are the next segment's. */
  readonly zerosBehind: number;
  /** Whether the last archive has its trailer; Linux goes without. */
  readonly isComplete: boolean;
  /** Of a compressed segment that was read to its end: several members that touch each other are one segment. */
  readonly extent: DecompressedExtent | null;
  /** What could not be read; the rest of the segment says nothing then. */
  readonly problem: SegmentProblem | null;
}

export interface SegmentProblem {
  /** In the content of the segment, or of the image where the compressed stream itself is broken. */
  readonly offset: number;
  readonly kind: 'compression' | 'cpio' | 'junk';
  readonly detail: string;
}

/** How the image ends. */
export interface InitramfsEnd {
  /** Of the first byte that is in no segment, behind zeros. */
  readonly offset: number;
  /** Zero bytes at the end, in front of `offset`. */
  readonly zerosBefore: number;
  /** Null at the end of the image; otherwise why reading stopped, and the reader stands at `offset` or behind it. */
  readonly problem: string | null;
}

/** Far above real images, which have two to four. */
const MAX_SEGMENTS = 100_000;

/**
 * Yields the segments and returns how the image ends. Trouble inside a segment is in its result; where the end of the segment
 * cannot be known then, it is the end of all. System errors of the source are thrown.
 */
export async function* initramfsSegments(
  reader: ByteReader,
  options: DecompressOptions,
): AsyncGenerator<InitramfsSegment, InitramfsEnd> {
  const start = reader.position;
  const at = (): number => reader.position - start;
  for (let index = 0; ; index++) {
    const zerosBefore = await reader.skipZeros();
    const offset = at();
    const head = await reader.peek(CODEC_HEAD_BYTES);
    const end = (problem: string | null): InitramfsEnd => ({ offset, zerosBefore, problem });
    if (head.length === 0) return end(null);
    if (index === MAX_SEGMENTS) return end('more segments than any image has');
    const base = { index, offset, zerosBefore, isAligned: offset % 4 === 0 };
    const dialect = cpioDialect(head);
    const codec = detectCodec(head);
    let run: SegmentRun;
    if (dialect !== null) {
      run = new SegmentRun(reader, at);
      yield { ...base, kind: 'cpio', codec: null, ...run.handles() };
    } else if (codec !== null) {
      // Zeros behind it are the next segment's, as Linux has it.
      const own = { ...options, acrossPadding: false };
      run = new SegmentRun(reader, at, decompressFrom(codec, reader, own));
      yield { ...base, kind: 'compressed', codec, ...run.handles() };
    } else
      return end('bytes that are neither zeros, nor cpio, nor compressed in a way that is known');
    const result = await run.finish();
    // A segment that is broken may end anywhere.
    if (result.problem !== null && !run.isEndKnown)
      return { offset: result.end, zerosBefore: 0, problem: result.problem.detail };
  }
}

/** One segment while it is read. */
class SegmentRun {
  private readonly at: () => number;
  private readonly content: ByteReader;
  private readonly isCompressed: boolean;
  private readonly iterator: AsyncGenerator<CpioStreamMember, void>;
  private outcome: SegmentResult | null = null;
  private extent: DecompressedExtent | null = null;
  /** False when the compressed stream, or the archive itself, stopped making sense before its end. */
  isEndKnown = true;

  constructor(
    reader: ByteReader,
    at: () => number,
    source?: AsyncGenerator<Uint8Array, DecompressedExtent>,
  ) {
    this.at = at;
    this.isCompressed = source !== undefined;
    this.content = source === undefined ? reader : new ByteReader(this.guarded(source));
    this.iterator = this.run();
  }

  handles(): {
    readonly members: () => AsyncIterable<CpioStreamMember>;
    readonly result: () => SegmentResult | null;
  } {
    // A consumer that leaves its loop must not end the run: what it left is passed by `finish`.
    const iterator = { next: () => this.iterator.next() };
    return {
      members: () => ({ [Symbol.asyncIterator]: () => iterator }),
      result: () => this.outcome,
    };
  }

  async finish(): Promise<SegmentResult> {
    for (let step = await this.iterator.next(); step.done !== true;)
      step = await this.iterator.next();
    return this.outcome!;
  }

  private async *run(): AsyncGenerator<CpioStreamMember, void> {
    const { content, isCompressed } = this;
    const start = content.position;
    const stream = cpioStream(content, { single: !isCompressed, trailerOptional: true });
    let problem: SegmentProblem | null = null;
    try {
      for (let found = await stream.next(); found !== null; found = await stream.next())
        yield found;
      if (isCompressed && !(await content.atEnd()))
        problem = {
          kind: 'junk',
          offset: content.position - start,
          detail: 'neither a member nor zeros behind an archive',
        };
    } catch (error) {
      problem = this.problemOf(error);
    }
    // The stream behind a broken archive is still decompressed: what follows it in the image is found then.
    if (isCompressed && problem?.kind !== 'compression')
      try {
        for await (const chunk of content.chunks(Infinity)) void chunk;
      } catch (error) {
        problem ??= this.problemOf(error);
        this.isEndKnown = false;
      }
    const end: CpioEnd | null = stream.end;
    this.outcome = {
      end: this.at(),
      contentBytes: content.position - start,
      zerosBehind: end?.zerosBefore ?? 0,
      isComplete: end?.isComplete ?? false,
      extent: this.extent,
      problem,
    };
  }

  private async *guarded(
    source: AsyncGenerator<Uint8Array, DecompressedExtent>,
  ): AsyncGenerator<Uint8Array, void> {
    try {
      this.extent = yield* source;
    } catch (error) {
      throw error instanceof FormatError ? new CompressionError(error) : error;
    }
  }

  private problemOf(error: unknown): SegmentProblem {
    if (error instanceof CompressionError) {
      this.isEndKnown = false;
      const { fault } = error;
      return { kind: 'compression', offset: fault.offset, detail: fault.message };
    }
    if (!(error instanceof FormatError)) throw error;
    if (!this.isCompressed) this.isEndKnown = false;
    return { kind: 'cpio', offset: error.offset, detail: error.message };
  }
}

/** Faults of the compressed stream, told apart from those of its content. */
class CompressionError extends Error {
  readonly fault: FormatError;

  constructor(fault: FormatError) {
    super(fault.message);
    this.fault = fault;
  }
}

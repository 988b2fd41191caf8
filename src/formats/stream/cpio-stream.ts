/**
 * cpio archives from a stream (cpio(5); Linux Documentation/driver-api/early-userspace/buffer-format.rst), in one pass: the
 * members of `cpio.ts`, trailers too, offsets counted from where the reader stood. Behind the last one the reader stands at
 * what is no member; zeros between archives and behind the last are passed, unless `single`.
 */

import { cpioSteps, type CpioEnd, type CpioMember, type CpioStepOptions } from '../cpio.js';
import { ArchiveStream, type StreamedMember } from './archive-stream.js';
import type { ByteReader } from './byte-reader.js';

export type CpioStream = ArchiveStream<CpioMember, CpioEnd>;
export type CpioStreamMember = StreamedMember<CpioMember>;

export function cpioStream(reader: ByteReader, options: CpioStepOptions = {}): CpioStream {
  return new ArchiveStream(reader, cpioSteps(options), ({ header }) => header.sizeBytes);
}

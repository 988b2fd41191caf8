/**
 * Tar archives from a stream (POSIX.1-2017 pax; GNU tar manual, "Tar Internals"), in one pass. Members are those of `tar.ts`;
 * their offsets count from where the reader stood. When the last member was passed, `end` tells what follows, and the reader
 * stands behind the zeros: at the end of the input, or at bytes that are not tar's.
 */

import { tarSteps, type TarEnd, type TarMember, type TarStepOptions } from '../tar-steps.js';
import { ArchiveStream, type StreamedMember } from './archive-stream.js';
import type { ByteReader } from './byte-reader.js';

export type TarStream = ArchiveStream<TarMember, TarEnd>;
/** The data is the stored content: of a sparse file what is outside its holes, without the map. */
export type TarStreamMember = StreamedMember<TarMember>;

export function tarStream(reader: ByteReader, options: TarStepOptions = {}): TarStream {
  return new ArchiveStream(reader, tarSteps(options), ({ contentBytes }) => contentBytes);
}

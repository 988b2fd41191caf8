/** The compressed formats that are told apart, and the errors that decompressing them can end in. */

import { FormatError } from '../../core/errors.js';

/** `lzop` is recognised, so that it can be named, and not decompressed. */
export type Codec = 'gzip' | 'xz' | 'lzma' | 'zstd' | 'lz4' | 'lz4-legacy' | 'bzip2' | 'lzop';

/** More than the caller allows: the input may well be sound, and goes on. */
export class LimitError extends FormatError {
  readonly limit: LimitKind;
  /** What the caller allowed, in the unit of `limit`. */
  readonly allowed: number;

  constructor(format: string, offset: number, limit: LimitKind, allowed: number) {
    super(format, offset, `expected ${LIMIT_TEXT[limit]}, at most ${allowed}, found more`);
    this.name = 'LimitError';
    this.limit = limit;
    this.allowed = allowed;
  }
}

export type LimitKind = 'output' | 'memory' | 'members';

const LIMIT_TEXT: Readonly<Record<LimitKind, string>> = {
  output: 'content within the limit of bytes',
  memory: 'history within the limit of memory in bytes',
  members: 'members within the limit',
};

/** A format, or a part of one, that we know by name and cannot decompress here. */
export class UnsupportedError extends FormatError {
  constructor(format: string, offset: number, detail: string) {
    super(format, offset, detail);
    this.name = 'UnsupportedError';
  }
}

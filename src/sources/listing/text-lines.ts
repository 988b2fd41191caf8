/** Bytes as lines. */

import { FormatError } from '../../core/errors.js';
import { lineError } from '../../formats/listing.js';

export interface TextLine {
  /** Latin1, one character per byte, without what ends it. */
  readonly text: string;
  /** From 1. */
  readonly number: number;
  /** In bytes. */
  readonly offset: number;
}

/** Linux has no longer paths than 4 KiB, and an escaped byte takes four; the rest is for attributes. */
const MAX_LINE = 1024 * 1024;

/**
 * Calls `take` for every line; `endsIn` is the byte that ends them, the last one may lack it. Throws `FormatError` for a line
 * that is longer than any entry can be.
 */
export async function eachLine(
  chunks: AsyncIterable<Uint8Array>,
  { format, endsIn }: { readonly format: string; readonly endsIn: (head: Uint8Array) => string },
  take: (line: TextLine) => void,
): Promise<void> {
  let end: string | null = null;
  let rest = '';
  let [number, offset] = [1, 0];
  const tell = (text: string): void => {
    take({ text, number, offset });
    number += 1;
    offset += text.length + 1;
  };
  for await (const chunk of chunks) {
    end ??= endsIn(chunk);
    const parts = (rest + latin1(chunk)).split(end);
    rest = parts.pop()!;
    for (const part of parts) tell(part);
    if (rest.length > MAX_LINE)
      throw lineError(format, offset, number, `expected at most ${MAX_LINE} bytes, found more`);
  }
  if (end === null) throw new FormatError(format, 0, 'expected a list of files, found no bytes');
  if (rest !== '') tell(rest);
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

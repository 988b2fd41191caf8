/** Cuts a stream into windows that can be searched without losing what lies across a border. */

import type { RandomAccess } from '../../core/random-access.js';

export interface Window {
  /** The last bytes before the body, at most `margin`. */
  readonly before: Uint8Array;
  readonly body: Uint8Array;
  /** The first bytes behind the body, at most `margin`. */
  readonly after: Uint8Array;
  /** Of the body in the stream. */
  readonly offset: number;
}

/** The same over bytes that can be read anywhere. A window holds until the next one is asked for. */
export function* windowsOf(input: RandomAccess, size: number, margin: number): Generator<Window> {
  const isLong = input.size > margin + size + margin;
  const buffer = isLong && input.readInto ? Buffer.allocUnsafeSlow(margin + size + margin) : null;
  for (let offset = 0; offset < input.size; offset += size) {
    const before = Math.min(margin, offset);
    const wanted = before + size + margin;
    const bytes =
      buffer === null
        ? input.read(offset - before, wanted)
        : buffer.subarray(0, input.readInto!(buffer.subarray(0, wanted), offset - before));
    yield {
      before: bytes.subarray(0, before),
      body: bytes.subarray(before, before + size),
      after: bytes.subarray(before + size),
      offset,
    };
  }
}

/** All bodies but the last are `size` bytes. */
export async function* windows(
  chunks: AsyncIterable<Uint8Array>,
  size: number,
  margin: number,
): AsyncGenerator<Window> {
  let held = Buffer.alloc(0);
  let before: Uint8Array = held;
  let offset = 0;
  for await (const chunk of chunks) {
    held = held.length === 0 ? asBuffer(chunk) : Buffer.concat([held, chunk]);
    while (held.length >= size + margin) {
      const body = held.subarray(0, size);
      yield { before, body, after: held.subarray(size, size + margin), offset };
      before = body.subarray(size - margin);
      held = held.subarray(size);
      offset += size;
    }
  }
  for (let at = 0; at < held.length; at += size) {
    const body = held.subarray(at, at + size);
    yield {
      before,
      body,
      after: held.subarray(at + size, at + size + margin),
      offset: offset + at,
    };
    before = body.subarray(Math.max(0, body.length - margin));
  }
}

function asBuffer(bytes: Uint8Array): Buffer<ArrayBuffer> {
  return Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.length);
}

/** Hands text to a sink in pieces of useful size, so that a report of any length needs little memory. */

import type { TextSink } from './define.js';

const PIECE_CHARACTERS = 64 * 1024;

export async function stream(parts: Iterable<string>, sink: TextSink): Promise<void> {
  let piece = '';
  for (const part of parts) {
    piece += part;
    if (piece.length < PIECE_CHARACTERS) continue;
    await sink.write(piece);
    piece = '';
  }
  if (piece !== '') await sink.write(piece);
}

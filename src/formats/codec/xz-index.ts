/** The index of an .xz stream (section 4), read as it comes: it may be long, and nobody needs it whole. */

import { crc32 } from 'node:zlib';

import { FormatError } from '../../core/errors.js';
import type { InputCursor } from './input.js';
import { readXzNumber, type XzIndexRecord } from './xz-fields.js';

/** The records of blocks that were seen, as a sum that tells one list of them from another. */
export class XzIndexSum {
  count = 0;
  #value = 0;
  readonly #record = new Float64Array(2);
  readonly #bytes = new Uint8Array(this.#record.buffer);

  add(unpaddedBytes: number, contentBytes: number): void {
    this.#record[0] = unpaddedBytes;
    this.#record[1] = contentBytes;
    this.#value = crc32(this.#bytes, this.#value);
    this.count++;
  }

  equals(other: XzIndexSum): boolean {
    return this.count === other.count && this.#value === other.#value;
  }
}

/**
 * Reads the index at the cursor, from its indicator to its CRC, and compares it with the blocks that were seen. Throws
 * `FormatError`.
 */
export async function readXzIndex(
  cursor: InputCursor,
  seen: XzIndexSum,
  onRecord?: (record: XzIndexRecord) => void,
): Promise<void> {
  const start = cursor.position;
  const crc = { value: 0 };
  await cursor.need(1, 'xz');
  takeInto(crc, cursor, 1);
  const count = await takeNumber(crc, cursor);
  if (count !== seen.count)
    throw new FormatError('xz', start + 1, `expected ${seen.count} records, found ${count}`);
  const listed = new XzIndexSum();
  for (let i = 0; i < count; i++) {
    const unpaddedBytes = await takeNumber(crc, cursor);
    const contentBytes = await takeNumber(crc, cursor);
    listed.add(unpaddedBytes, contentBytes);
    onRecord?.({ unpaddedBytes, contentBytes });
  }
  if (!listed.equals(seen))
    throw new FormatError('xz', start, 'expected the sizes of the blocks in the index');
  const padding = (4 - ((cursor.position - start) & 3)) & 3;
  await cursor.need(padding + 4, 'xz');
  const paddingOffset = cursor.position;
  if (takeInto(crc, cursor, padding).some((byte) => byte !== 0))
    throw new FormatError('xz', paddingOffset, 'expected zeros behind the records');
  const crcOffset = cursor.position;
  const bytes = cursor.take(4);
  const stored = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  if (stored !== crc.value)
    throw new FormatError('xz', crcOffset, `expected the CRC ${crc.value}, found ${stored}`);
}

function takeInto(crc: { value: number }, cursor: InputCursor, length: number): Uint8Array {
  const bytes = cursor.take(length);
  crc.value = crc32(bytes, crc.value);
  return bytes;
}

async function takeNumber(crc: { value: number }, cursor: InputCursor): Promise<number> {
  if (cursor.available < 9) await cursor.fill(9);
  const offset = cursor.position;
  const head = cursor.peek(9);
  const number = readXzNumber(head, 0, offset);
  if (number === null)
    throw new FormatError('xz', offset + head.length, 'expected a number, found the end');
  takeInto(crc, cursor, number.end);
  return number.value;
}

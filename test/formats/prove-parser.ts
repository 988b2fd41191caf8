/** What every parser with an account of its bytes has to stand: cuts, flips and mutations of true files. */

import assert from 'node:assert/strict';

import fc from 'fast-check';

import { FormatError } from '../../src/core/errors.js';
import type { ByteAccount } from '../../src/formats/byte-fields.js';

export interface Parsed {
  readonly account: ByteAccount;
}

/** Everything that is told of a file: the structure, and the bytes of its gaps. */
export function tale(bytes: Uint8Array, read: (bytes: Uint8Array) => Parsed): string {
  try {
    const parsed = read(bytes);
    const gaps = parsed.account.gaps.map(({ offset, length }) =>
      Buffer.from(bytes.subarray(offset, offset + length)).toString('hex'),
    );
    return JSON.stringify([parsed, gaps], (_, value: unknown) =>
      typeof value === 'bigint' ? `${value}n` : value,
    );
  } catch (error) {
    if (error instanceof FormatError) return `${error.format} ${error.offset}`;
    throw error;
  }
}

/** Every prefix is read or refused with a `FormatError`, and none is told as the whole. */
export function proveTruncation(
  bytes: Uint8Array,
  read: (bytes: Uint8Array) => Parsed,
  step = 1,
): void {
  const whole = tale(bytes, read);
  for (let length = 0; length < bytes.length; length += step)
    assert.notEqual(tale(copyOf(bytes, length), read), whole, `cut to ${length}`);
}

/** No byte may change without the tale changing; `step` visits every n-th byte of larger files. */
export function proveFlips(bytes: Uint8Array, read: (bytes: Uint8Array) => Parsed, step = 1): void {
  const whole = tale(bytes, read);
  for (let at = 0; at < bytes.length; at += step)
    for (const mask of [0x01, 0x80, 0xff]) {
      const changed = copyOf(bytes);
      changed[at]! ^= mask;
      assert.notEqual(tale(changed, read), whole, `byte ${at} ^ ${mask}`);
    }
}

/** Random damage is read or refused with a `FormatError`; fields and gaps stay inside, and gaps in order. */
export function proveMutations(
  bytes: Uint8Array,
  read: (bytes: Uint8Array) => Parsed,
  runs = 300,
): void {
  const position = fc.oneof(fc.nat(bytes.length - 1), fc.nat(Math.min(255, bytes.length - 1)));
  const value = fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.nat(255));
  fc.assert(
    fc.property(
      fc.array(fc.tuple(position, value), { minLength: 1, maxLength: 12 }),
      fc.oneof(fc.constant(bytes.length), fc.nat(bytes.length)),
      (changes, length) => {
        const changed = copyOf(bytes, length);
        for (const [at, byte] of changes) if (at < length) changed[at] = byte;
        checkAccount(changed, read);
      },
    ),
    { numRuns: runs },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (tail) => {
      checkAccount(Uint8Array.from([...bytes.subarray(0, 24), ...tail]), read);
    }),
    { numRuns: runs },
  );
}

function checkAccount(bytes: Uint8Array, read: (bytes: Uint8Array) => Parsed): void {
  let parsed: Parsed;
  try {
    parsed = read(bytes);
  } catch (error) {
    if (error instanceof FormatError) return;
    throw error;
  }
  const { size, fields, gaps } = parsed.account;
  assert.equal(size, bytes.length);
  for (const { offset, length } of fields)
    assert.ok(offset >= 0 && offset + length <= size, `field at ${offset}`);
  let end = 0;
  for (const { offset, length } of gaps) {
    assert.ok(offset >= end && length > 0 && offset + length <= size, `gap at ${offset}`);
    end = offset + length;
  }
}

/** Not `slice`, which shares the memory of a `Buffer`. */
function copyOf(bytes: Uint8Array, length = bytes.length): Uint8Array {
  return Uint8Array.from(bytes.subarray(0, length));
}

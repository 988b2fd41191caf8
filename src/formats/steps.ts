/**
 * Parsers of archives that touch no input: a generator asks for bytes and yields members. One parser so serves bytes in
 * memory and streams that arrive in pieces, and nothing is parsed in two places.
 */

import { bufferAccess, type RandomAccess } from '../core/random-access.js';

/** What both kinds of drivers have to know of a member. */
export interface StepMember {
  /** Offset behind data and padding, from the start of the archive. */
  readonly end: number;
}

/**
 * Yields a positive number to take so many bytes, a negative one to look at them (`-n`): both are answered by those bytes,
 * fewer only where the input ends. Yields a member when the input stands at what is left of its data; the driver goes on when
 * it stands at `end`. Throws `FormatError`.
 */
export type Steps<Member extends StepMember, End> = Generator<number | Member, End, Uint8Array>;

const ZEROS = 4096;
const NOTHING = new Uint8Array(0);

/** Takes the zero bytes that come; how many they were. */
export function* takeZeros(): Generator<number, number, Uint8Array> {
  for (let count = 0; ;) {
    const look = yield -ZEROS;
    let zeros = 0;
    while (zeros < look.length && look[zeros] === 0) zeros++;
    if (zeros > 0) yield zeros;
    count += zeros;
    if (zeros < ZEROS) return count;
  }
}

/** Runs a parser over bytes in memory. */
export function membersOf<Member extends StepMember, End>(
  bytes: Uint8Array,
  steps: Steps<Member, End>,
): Generator<Member, End> {
  return membersIn(bufferAccess(bytes), steps);
}

/** Runs a parser over bytes that can be read anywhere: what lies between members is not read. */
export function* membersIn<Member extends StepMember, End>(
  input: RandomAccess,
  steps: Steps<Member, End>,
): Generator<Member, End> {
  let offset = 0;
  let answer: Uint8Array = NOTHING;
  for (;;) {
    const step = steps.next(answer);
    if (step.done === true) return step.value;
    const { value } = step;
    if (typeof value === 'number') {
      answer = input.read(offset, Math.abs(value));
      if (value > 0) offset += answer.length;
    } else {
      yield value;
      offset = value.end;
      answer = NOTHING;
    }
  }
}

/** Positions by falling value in a time that grows with their number alone. */

const DIGIT_BITS = 16;
const DIGITS = 1 << DIGIT_BITS;

/** Positions of non-negative integers below 2^53, largest first; equal ones stay in their order. Radix sort, least digit first. */
export function orderDescending(values: Float64Array): Uint32Array {
  let largest = 0;
  for (const value of values) if (value > largest) largest = value;
  let order = Uint32Array.from(values, (_, i) => i);
  let spare = new Uint32Array(values.length);
  const starts = new Uint32Array(DIGITS + 1);
  for (let divisor = 1; divisor <= largest; divisor *= DIGITS) {
    starts.fill(0);
    const digit = (i: number): number => DIGITS - 1 - (Math.floor(values[i]! / divisor) % DIGITS);
    for (let i = 0; i < values.length; i++) starts[digit(i) + 1]!++;
    for (let d = 0; d < DIGITS; d++) starts[d + 1]! += starts[d]!;
    for (const position of order) spare[starts[digit(position)]!++] = position;
    [order, spare] = [spare, order];
  }
  return order;
}

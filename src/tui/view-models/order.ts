/** Positions by falling value in a time that grows with their number alone. */

const DIGIT_BITS = 16;
const DIGITS = 1 << DIGIT_BITS;
const WORD = 2 ** 32;

/** Positions of non-negative integers below 2^53, largest first; equal ones stay in their order. Radix sort, least digit first. */
export function orderDescending(values: Float64Array): Uint32Array {
  let largest = 0;
  for (let i = 0; i < values.length; i++) if (values[i]! > largest) largest = values[i]!;
  let order = new Uint32Array(values.length);
  for (let i = 0; i < order.length; i++) order[i] = i;
  let spare = new Uint32Array(values.length);
  const digits = new Uint16Array(values.length);
  const starts = new Uint32Array(DIGITS + 1);
  for (let pass = 0; 2 ** (pass * DIGIT_BITS) <= largest; pass++) {
    starts.fill(0);
    takeDigits(values, pass, digits);
    for (let i = 0; i < digits.length; i++) starts[digits[i]! + 1]!++;
    for (let d = 0; d < DIGITS; d++) starts[d + 1]! += starts[d]!;
    for (let k = 0; k < order.length; k++) {
      const position = order[k]!;
      spare[starts[digits[position]!]!++] = position;
    }
    [order, spare] = [spare, order];
  }
  return order;
}

/** Sixteen bits of each value, inverted, so that the largest comes first. */
function takeDigits(values: Float64Array, pass: number, digits: Uint16Array): void {
  const divisor = pass < 2 ? 1 : WORD;
  const shift = (pass % 2) * DIGIT_BITS;
  for (let i = 0; i < digits.length; i++) digits[i] = ~((values[i]! / divisor) >>> shift);
}

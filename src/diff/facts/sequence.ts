/** Whether two sequences of the same names are the same, and how people are told where they part. */

import { displayBytes } from '../../core/path.js';

/** Positions of pairs, given in the order before, that come in another order after. */
export function isReordered(pairs: readonly (readonly [number, number])[]): boolean {
  for (let i = 1; i < pairs.length; i++) if (pairs[i]![1] < pairs[i - 1]![1]) return true;
  return false;
}

export type SequenceOrder = 'sorted' | 'collated' | 'unsorted';

/** `sorted`: by bytes. `collated`: as a locale sorts, without regard to case and punctuation first. */
export function orderOf(names: readonly string[]): SequenceOrder {
  if (ascends(names, (name) => name)) return 'sorted';
  if (ascends(names, (name) => name.toLowerCase().replace(/[^a-z0-9\x80-\xff]/g, '')))
    return 'collated';
  return 'unsorted';
}

/** `sorted; 17th: usr/bin`, for either side. */
export function describeSequences(
  before: readonly string[],
  after: readonly string[],
): readonly [string, string] {
  let place = 0;
  while (place < before.length && before[place] === after[place]) place++;
  const text = (names: readonly string[]): string => {
    const name = names[place];
    return `${orderOf(names)}${name === undefined ? '' : `, number ${place + 1} is ${displayBytes(name.slice(0, 200))}`}`;
  };
  return [text(before), text(after)];
}

function ascends(names: readonly string[], key: (name: string) => string): boolean {
  let last = '';
  for (const name of names) {
    const next = key(name);
    if (next < last) return false;
    last = next;
  }
  return true;
}

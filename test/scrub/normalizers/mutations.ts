/** Random damage, the same in every run. */

const TELLING = [0x00, 0x01, 0x7f, 0x80, 0xff];

/** Copies of `bytes`, each with one to four of: a byte changed, a bit flipped, a range removed, repeated or zeroed. */
export function* mutations(bytes: Uint8Array, count: number, seed: number): Generator<Uint8Array> {
  const random = generator(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  for (let i = 0; i < count; i++) {
    let mutant: Uint8Array = new Uint8Array(bytes);
    for (let n = 1 + below(below(4) + 1); n > 0 && mutant.length > 0; n--)
      mutant = mutate(mutant, below);
    yield mutant;
  }
}

function mutate(bytes: Uint8Array, below: (limit: number) => number): Uint8Array {
  const at = below(bytes.length);
  const length = 1 + below(Math.min(16, bytes.length - at));
  switch (below(8)) {
    case 0:
      return joined(bytes.subarray(0, at), bytes.subarray(at + length));
    case 1:
      return joined(bytes.subarray(0, at + length), bytes.subarray(at));
    case 2:
      bytes.fill(0, at, at + length);
      return bytes;
    case 3:
    case 4:
      bytes[at] = TELLING[below(TELLING.length)]!;
      return bytes;
    case 5:
      bytes[at] = below(256);
      return bytes;
    default:
      bytes[at]! ^= 1 << below(8);
      return bytes;
  }
}

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const result = new Uint8Array(head.length + tail.length);
  result.set(head);
  result.set(tail, head.length);
  return result;
}

/** Numbers from 0 up to 1, always the same for a seed (a linear congruential generator modulo 2^32). */
function generator(seed: number): () => number {
  let state = (seed * 2_654_435_761) >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 0x1_0000_0000;
  };
}

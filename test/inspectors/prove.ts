/** What every inspector has to keep: facts account for every byte, equal bytes give equal facts, and damage never throws. */

import assert from 'node:assert/strict';

import type { KeyedFacts } from '../../src/core/facts.js';
import { bufferAccess } from '../../src/core/random-access.js';
import { DEFAULT_LIMITS, inspectFile, inspectors } from '../../src/inspectors/index.js';

export interface Looked {
  /** Format of the file itself. */
  readonly format: string;
  readonly facts: readonly KeyedFacts[];
  readonly problems: readonly string[];
}

/** Times of 2026 and 2027 are taken for times of the build. */
export async function lookInto(name: string, bytes: Uint8Array): Promise<Looked> {
  const facts: KeyedFacts[] = [];
  const { format, problems } = await inspectFile(
    { name, bytes: bufferAccess(bytes), digest: null },
    {
      inspectors,
      limits: DEFAULT_LIMITS,
      key: { id: 'test', bytes: new Uint8Array(32) },
      isTime: (seconds) => seconds >= 1_767_225_600 && seconds < 1_830_297_600,
      known: () => false,
      found: (found) => void facts.push(found),
      now: () => 0,
    },
  );
  return { format, facts, problems: problems.map(({ detail }) => detail) };
}

/** What a diff would have to go by: all facts without the digests that they are kept under. */
export function comparable({ facts, problems }: Looked): string {
  return JSON.stringify([facts.map((each) => ({ ...each.facts, version: 0 })), problems]);
}

/**
 * Flips every byte (every one of a sample of `most`) and expects other facts or a problem; the digest of a part that has
 * facts of its own does not count, so that a field nobody recorded is found even inside of a member.
 */
export async function proveEveryByte(name: string, bytes: Uint8Array, most = 1500): Promise<void> {
  const before = withoutLookedInto(await lookInto(name, bytes));
  assert.equal(withoutLookedInto(await lookInto(name, bytes)), before, 'equal bytes, equal facts');
  const step = Math.max(1, Math.floor(bytes.length / most));
  for (let at = 0; at < bytes.length; at += step) {
    const flipped = Uint8Array.from(bytes);
    flipped[at]! ^= 1 + (at % 255);
    const after = withoutLookedInto(await lookInto(name, flipped));
    assert.notEqual(after, before, `${name}: byte ${at} is in no fact`);
  }
}

/** Truncation at every byte (of a sample) never throws, and never gives the facts of the whole. */
export async function proveTruncation(name: string, bytes: Uint8Array, most = 500): Promise<void> {
  const whole = comparable(await lookInto(name, bytes));
  const step = Math.max(1, Math.floor(bytes.length / most));
  for (let length = 0; length < bytes.length; length += step)
    assert.notEqual(comparable(await lookInto(name, bytes.subarray(0, length))), whole);
}

function withoutLookedInto(looked: Looked): string {
  const digests = new Set(looked.facts.map(({ digest }) => digest));
  return JSON.stringify(
    [looked.facts.map(({ facts }) => facts), looked.problems],
    (_, value: unknown) => (typeof value === 'string' && digests.has(value) ? '' : value),
  );
}

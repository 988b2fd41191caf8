import type { FactValue } from '../../core/facts.js';

/** A field of 64 bits as facts keep it: beyond 2^53 as decimal text. */
export function bigFact(value: bigint): FactValue {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : String(value);
}

/** Times in headers that have no form for "none" but zero. */

/**
 * What a header's time becomes, in seconds. With SOURCE_DATE_EPOCH it is clamped, as its specification wants it: the
 * tools that make these files write the epoch themselves, and an earlier time comes from the sources. Without it: 0.
 */
export function settledTime(timeSeconds: number, sourceDateEpoch: number | null): number {
  return sourceDateEpoch === null ? 0 : Math.min(timeSeconds, sourceDateEpoch);
}

/** A time for people: ISO 8601, or `0`, which stands for none. */
export function timeText(timeSeconds: number): string {
  return timeSeconds === 0 ? '0' : new Date(timeSeconds * 1000).toISOString().replace('.000', '');
}

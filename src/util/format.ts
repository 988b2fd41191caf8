/** Numbers for people. */

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'] as const;

/** Bytes with at most one decimal: `0 B`, `1.5 KB` (1,000 bytes to the KB). */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.95 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

/** Digits in groups of three: `16,890`. */
export function formatCount(count: number): string {
  return String(Math.trunc(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 path`, `3,900 paths` */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** Whole nanoseconds as ISO 8601 UTC with as many decimals as they need: `2026-01-02T03:04:05.000000006Z`. */
export function formatTimeNs(ns: bigint): string {
  const fraction = ((ns % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  const seconds = Number((ns - fraction) / 1_000_000_000n);
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return `@${seconds}.${fraction.toString().padStart(9, '0')}`;
  const whole = date.toISOString().replace(/\.000Z$/, '');
  const decimals = fraction.toString().padStart(9, '0').replace(/0+$/, '');
  return decimals === '' ? `${whole}Z` : `${whole}.${decimals}Z`;
}

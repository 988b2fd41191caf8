/** Values as people read them; plain sizes and counts are in `util/format.ts`. */

import { formatBytes } from '../../util/format.js';

/** `+55 B`, `-1.2 KB` */
export function signedSize(bytes: number): string {
  return `${bytes < 0 ? '-' : '+'}${formatBytes(Math.abs(bytes))}`;
}

/** ISO 8601 as `2026-01-02 03:04:05.000000006 UTC`; a fraction that is zero is left out. Anything else comes back as it is. */
export function humanTime(iso: string): string {
  const parts = /^([+-]?\d{4,})-(\d\d)-(\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d+))?Z$/.exec(iso);
  if (parts === null) return iso;
  const [, year, month, day, time, fraction] = parts;
  const rest = fraction === undefined || /^0+$/.test(fraction) ? '' : `.${fraction}`;
  return `${year}-${month}-${day} ${time}${rest} UTC`;
}

/** Distance between two moments, the two largest units: `+1 d 3 h`, `-5 min 6 s`, `+12 ns`. */
export function humanDuration(ns: bigint): string {
  const sign = ns < 0n ? '-' : '+';
  let rest = ns < 0n ? -ns : ns;
  const parts: string[] = [];
  for (const [name, length] of SPANS) {
    if (parts.length === 0 && rest < length) continue;
    const count = rest / length;
    rest %= length;
    if (count > 0n) parts.push(`${count} ${name}`);
    if (parts.length === 2 || name === 's' || name === 'ms') break;
  }
  return parts.length === 0 ? '0 s' : sign + parts.join(' ');
}

const SPANS: readonly (readonly [string, bigint])[] = [
  ['d', 86_400_000_000_000n],
  ['h', 3_600_000_000_000n],
  ['min', 60_000_000_000n],
  ['s', 1_000_000_000n],
  ['ms', 1_000_000n],
  ['us', 1_000n],
  ['ns', 1n],
];

/** Permission bits as `ls -l` shows them, without the type: `rwsr-xr-x`. */
export function symbolicMode(mode: number): string {
  return [6, 3, 0]
    .map((shift, who) => {
      const bits = (mode >> shift) & 7;
      const special = (mode & (0o4000 >> who)) !== 0;
      const letter = who === 2 ? 't' : 's';
      const execute = bits & 1 ? (special ? letter : 'x') : special ? letter.toUpperCase() : '-';
      return `${bits & 4 ? 'r' : '-'}${bits & 2 ? 'w' : '-'}${execute}`;
    })
    .join('');
}

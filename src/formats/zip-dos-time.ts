/** MS-DOS date and time, as zip headers have them (APPNOTE 4.4.6): 1980 to 2107 in steps of two seconds, in no zone. */

export interface DosTime {
  readonly modTime: number;
  readonly modDate: number;
}

/** The first moment the fields can say: 1980-01-01 00:00:00. */
export const ZIP_EPOCH_SECONDS = 315_532_800;
/** The last one: 2107-12-31 23:59:58. */
const LAST_SECONDS = 4_354_819_198;

/** Seconds since 1970 as a UTC date; outside of what can be said, the nearest that can. */
export function dosTime(seconds: number): DosTime {
  const clamped = Math.min(Math.max(seconds, ZIP_EPOCH_SECONDS), LAST_SECONDS);
  const date = new Date(clamped * 1000);
  return {
    modTime: (date.getUTCHours() << 11) | (date.getUTCMinutes() << 5) | (date.getUTCSeconds() >> 1),
    modDate:
      ((date.getUTCFullYear() - 1980) << 9) | ((date.getUTCMonth() + 1) << 5) | date.getUTCDate(),
  };
}

/** The digits as stored, sensible or not. */
export function formatDosTime({ modTime, modDate }: DosTime): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  const date = [1980 + (modDate >> 9), two((modDate >> 5) & 15), two(modDate & 31)];
  const time = [two(modTime >> 11), two((modTime >> 5) & 63), two((modTime & 31) * 2)];
  return `${date.join('-')} ${time.join(':')}`;
}

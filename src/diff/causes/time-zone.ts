/** Offsets of named zones, as the zone database of the runtime has them. */

const formats = new Map<string, Intl.DateTimeFormat | null>();

/** Minutes east of UTC in the zone at that moment; null for a zone that is not known. */
export function zoneOffset(zone: string, seconds: number): number | null {
  const format = formatOf(zone);
  if (format === null || !Number.isFinite(seconds) || Math.abs(seconds) > 8e12) return null;
  const fields = Object.fromEntries(
    format.formatToParts(new Date(seconds * 1000)).map(({ type, value }) => [type, Number(value)]),
  ) as Record<'year' | 'month' | 'day' | 'hour' | 'minute' | 'second', number>;
  const { year, month, day, hour, minute, second } = fields;
  const local = Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
  return Math.round((local - Math.floor(seconds)) / 60);
}

function formatOf(zone: string): Intl.DateTimeFormat | null {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const format = makeFormat(zone.replace(/^:/, ''));
  formats.set(zone, format);
  return format;
}

function makeFormat(timeZone: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'iso8601',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    return null;
  }
}

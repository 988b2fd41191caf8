/** Reads a time in any of the ways in which files hold it. Pure: no zone of this machine enters. */

export interface ParsedTime {
  /** Seconds since 1970 of its first and last moment; for a time without zone as if it were UTC. */
  readonly from: number;
  readonly to: number;
  /** `number`: seconds or parts of them. `text`: a date that people read. */
  readonly form: 'number' | 'text';
  /** Minutes east of UTC; null where it does not say. */
  readonly zone: number | null;
  /** A time of day without a date: all that is known is the second of the day, in `from`. */
  readonly isClock: boolean;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAY = 86_400;

/** Null for what is no time. `near`: seconds; a date without year is the last one before. */
export function parseTime(value: string | number, near: number | null = null): ParsedTime | null {
  const text = String(value).trim();
  if (text.length > 64) return null;
  return (
    parseBasic(text) ??
    parseNumber(text) ??
    parseIso(text) ??
    parseNamed(text, near) ??
    parseClock(text)
  );
}

/** Seconds with or without a fraction; milliseconds, microseconds and nanoseconds by their number of digits. */
function parseNumber(text: string): ParsedTime | null {
  if (!/^-?\d{1,19}(\.\d+)?$/.test(text)) return null;
  const digits = text.replace(/^-|\..*$/g, '').length;
  const unit = digits >= 18 ? 1e9 : digits >= 15 ? 1e6 : digits >= 12 ? 1e3 : 1;
  const seconds = Number(text) / unit;
  return { from: seconds, to: seconds, form: 'number', zone: 0, isClock: false };
}

/** RFC 3339, ISO 8601 extended, and dates with slashes; a date alone is all of its day. */
function parseIso(text: string): ParsedTime | null {
  const match =
    /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(.*))?$/.exec(
      text,
    );
  if (match === null) return null;
  const [, year, month, day, hour, minute, second, fraction, zone] = match;
  return timeOf(
    { year, month: Number(month), day, hour, minute, second, fraction },
    zone?.trim() ?? '',
  );
}

/** ISO 8601 basic; `20260102`, `20260102030405`. */
function parseBasic(text: string): ParsedTime | null {
  const match = /^(\d{4})(\d{2})(\d{2})(?:[T.-]?(\d{2})(\d{2})(\d{2})(Z?))?$/.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour, minute, second, zone] = match;
  if (Number(year) < 1990 || Number(year) > 2100) return null;
  return timeOf({ year, month: Number(month), day, hour, minute, second }, zone ?? '');
}

/** RFC 5322, asctime(3), date(1), `__DATE__`. */
function parseNamed(text: string, near: number | null): ParsedTime | null {
  const plain = text.replace(/^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? +/i, '').replace(/,/g, '');
  const dayFirst =
    /^(\d{1,2})[ -]([a-z]{3})[a-z]*[ -](\d{4})(?: +(\d{1,2}):(\d{2})(?::(\d{2}))?(.*))?$/i.exec(
      plain,
    );
  if (dayFirst !== null) {
    const [, day, name, year, hour, minute, second, zone] = dayFirst;
    return timeOf({ year, month: monthOf(name), day, hour, minute, second }, zone?.trim() ?? '');
  }
  const monthFirst =
    /^([a-z]{3})[a-z]* +(\d{1,2})(?: +(\d{1,2}):(\d{2})(?::(\d{2}))?( *(?:[A-Z]{1,5}|[+-]\d{2}:?\d{2}))?)?(?: +(\d{4}))?$/i.exec(
      plain,
    );
  if (monthFirst === null) return null;
  const [, name, day, hour, minute, second, zone, year] = monthFirst;
  const fields = { month: monthOf(name), day, hour, minute, second };
  if (year !== undefined) return timeOf({ ...fields, year }, zone?.trim() ?? '');
  if (near === null || hour === undefined) return null;
  const last = new Date((near + DAY) * 1000).getUTCFullYear();
  const found = timeOf({ ...fields, year: String(last) }, zone?.trim() ?? '');
  return found !== null && found.from > near + DAY
    ? timeOf({ ...fields, year: String(last - 1) }, zone?.trim() ?? '')
    : found;
}

/** `__TIME__` */
function parseClock(text: string): ParsedTime | null {
  const match = /^(\d{1,2}):(\d{2}):(\d{2})(?:[.,]\d{1,9})?$/.exec(text);
  if (match === null) return null;
  const [hour, minute, second] = match.slice(1).map(Number) as [number, number, number];
  if (hour > 23 || minute > 59 || second > 60) return null;
  const from = hour * 3600 + minute * 60 + second;
  return { from, to: from, form: 'text', zone: null, isClock: true };
}

interface Fields {
  readonly year: string | undefined;
  readonly month: number;
  readonly day: string | undefined;
  readonly hour?: string | undefined;
  readonly minute?: string | undefined;
  readonly second?: string | undefined;
  readonly fraction?: string | undefined;
}

function timeOf(fields: Fields, zoneText: string): ParsedTime | null {
  const { month } = fields;
  const [year, day] = [Number(fields.year), Number(fields.day)];
  const [hour, minute] = [Number(fields.hour ?? 0), Number(fields.minute ?? 0)];
  const second = Number(fields.second ?? 0);
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= 31)) return null;
  if (hour > 24 || minute > 59 || second > 60) return null;
  const zone = zoneOf(zoneText);
  if (zone === undefined) return null;
  const start = Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - (zone ?? 0) * 60;
  const length = fields.hour === undefined ? DAY : fields.second === undefined ? 60 : 0;
  const fraction = fields.fraction === undefined ? 0 : Number(`0.${fields.fraction}`);
  const from = start + fraction;
  return { from, to: from + length, form: 'text', zone, isClock: false };
}

/** Minutes; null for none and for names that mean several zones; undefined for what is no zone. */
function zoneOf(text: string): number | null | undefined {
  if (text === '') return null;
  if (/^(Z|UTC|GMT|UT)$/i.test(text)) return 0;
  const match = /^(?:(?:UTC|GMT)?)([+-])(\d{2}):?(\d{2})(?: *\(?[A-Z]{1,5}\)?)?$/.exec(text);
  if (match !== null)
    return (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3]));
  return /^[A-Z]{2,5}$/.test(text) ? null : undefined;
}

function monthOf(name: string | undefined): number {
  return MONTHS.indexOf((name ?? '').toLowerCase()) + 1;
}

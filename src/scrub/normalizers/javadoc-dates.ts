/** Dates as generators of HTML write them, clamped in the form that they have. */

/** A form: what it looks like, and how a moment is written in it. */
export interface DateForm {
  /** Source of a regular expression without groups. */
  readonly pattern: string;
  /** Seconds since 1970; NaN for what is no date. Without a known zone the time is taken for UTC. */
  read(text: string): number;
  write(epoch: number): string;
}

/** `Tue Feb 03 02:20:12 GMT 2015`: java.util.Date.toString(). */
export const JAVA_DATE: DateForm = {
  pattern: String.raw`[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d [A-Z][A-Za-z]{1,4}(?:[-+]\d\d:\d\d)? \d{4}`,
  read: (text) => {
    const [, month, day, time, zone, year] = text.split(' ');
    return utc(`${day} ${month} ${year} ${time}`) - zoneSeconds(zone ?? '');
  },
  write: (epoch) => {
    const { weekday, month, day, time, year } = partsOf(epoch);
    return `${weekday} ${month} ${day} ${time} UTC ${year}`;
  },
};

/** `Fri Jan 10 00:00:01 2014`, the day padded with a blank: ctime(3). */
export const C_DATE: DateForm = {
  pattern: String.raw`[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}`,
  read: (text) => {
    const [, month, day, time, year] = text.split(/ +/);
    return utc(`${day} ${month} ${year} ${time}`);
  },
  write: (epoch) => {
    const { weekday, month, day, time, year } = partsOf(epoch);
    return `${weekday} ${month} ${day.replace(/^0/, ' ')} ${time} ${year}`;
  },
};

/** `Fri Feb 14 2020 21:33:05`: Doxygen. */
export const YEAR_FIRST_DATE: DateForm = {
  pattern: String.raw`[A-Z][a-z]{2} [A-Z][a-z]{2} \d{1,2} \d{4} \d\d:\d\d:\d\d`,
  read: (text) => {
    const [, month, day, year, time] = text.split(' ');
    return utc(`${day} ${month} ${year} ${time}`);
  },
  write: (epoch) => {
    const { weekday, month, day, time, year } = partsOf(epoch);
    return `${weekday} ${month} ${Number(day)} ${year} ${time}`;
  },
};

/** `2015-02-03`: a day later than the day of the epoch is later. */
export const ISO_DAY: DateForm = {
  pattern: String.raw`\d{4}-\d\d-\d\d`,
  read: (text) => Date.parse(`${text}T00:00:00Z`) / 1000,
  write: (epoch) => new Date(epoch * 1000).toISOString().slice(0, 10),
};

/** `May 2, 2002`: texi2html. */
export const ENGLISH_DAY: DateForm = {
  pattern: String.raw`[A-Z][a-z]{2,8} \d{1,2}, \d{4}`,
  read: (text) => {
    const [month, day, year] = text.split(/,? /);
    return MONTHS.includes(month!) ? utc(`${day} ${month!.slice(0, 3)} ${year} 00:00:00`) : NaN;
  },
  write: (epoch) => {
    const { month, day, year } = partsOf(epoch);
    return `${MONTHS.find((name) => name.startsWith(month))} ${Number(day)}, ${year}`;
  },
};

/** The date in its form, not later than the epoch. */
export function clampDate(form: DateForm, text: string, epoch: number): string {
  const seconds = form.read(text);
  return Number.isNaN(seconds) || seconds <= epoch || epoch < 0 ? text : form.write(epoch);
}

const MONTHS =
  'January February March April May June July August September October November December'.split(
    ' ',
  );

function utc(text: string): number {
  return Date.parse(`${text} UTC`) / 1000;
}

function partsOf(
  epoch: number,
): Readonly<Record<'weekday' | 'day' | 'month' | 'year' | 'time', string>> {
  const [weekday, day, month, year, time] = new Date(epoch * 1000).toUTCString().split(/,? /) as [
    string,
    string,
    string,
    string,
    string,
  ];
  return { weekday, day, month, year, time };
}

/** East of Greenwich is positive; 0 for a zone whose short name is not known, or means several. */
function zoneSeconds(zone: string): number {
  const offset = /([-+])(\d\d):(\d\d)$/.exec(zone);
  if (offset === null) return (ZONE_HOURS[zone] ?? 0) * 3600;
  return Number(`${offset[1]}1`) * (Number(offset[2]) * 3600 + Number(offset[3]) * 60);
}

/** Hours east of Greenwich. */
const ZONE_HOURS: Readonly<Record<string, number>> = {
  PST: -8,
  PDT: -7,
  MST: -7,
  MDT: -6,
  CST: -6,
  CDT: -5,
  EST: -5,
  EDT: -4,
  WEST: 1,
  CET: 1,
  CEST: 2,
  EET: 2,
  EEST: 3,
  MSK: 3,
  JST: 9,
};

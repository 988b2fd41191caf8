/** Times: of the build, of its inputs, in other zones, and how long something took. */

import type { CauseId, Confidence } from '../../core/explanation.js';
import type { TreePath } from '../../core/path.js';
import type { FoundChange } from '../facts/found-change.js';
import type { BuildCircumstances, BuildPair } from './builds.js';
import { defineCauses, type Claim, type Subject } from './define.js';
import { parseTime, type ParsedTime } from './parse-time.js';
import { timeRemedies } from './time-remedies.js';
import { zoneOffset } from './time-zone.js';

export const time = defineCauses({
  causes: {
    'time.field': {
      title: 'a time in a field that holds times',
      text: 'A format has a field for a time (of a member, of a header, of an installation), and what wrote it took the time of the build or the mtime of a file that the build had just made.',
      signal:
        'A field that its specification calls a time, such as MTIME of gzip (RFC 1952 2.3.1), mtime of tar, cpio and zip members, the time of each entry of a JKS key store, INSTALLTIME of an rpm header. High: both values lie in the time of their own build and not of the other, equal its SOURCE_DATE_EPOCH, equal the mtime of the very file to the second, or lie among the mtimes that the files of their own tree have and those of the other do not.',
      remedies: timeRemedies,
    },
    'time.epoch': {
      title: 'a time as a number among other data',
      text: 'Seconds since 1970 (or milliseconds, microseconds, nanoseconds) stand in data of a format that is not known, or in a field that is no field for times.',
      signal:
        'A number of 32 or 64 bits, or decimal digits, that is a time near the build on both sides. High: each lies in the time of its own build and not of the other.',
      remedies: timeRemedies,
    },
    'time.text': {
      title: 'a date that people read',
      text: 'Something wrote the date of the build into a text: a comment that says when a file was generated, a year of copyright, __DATE__ and __TIME__ of a compiler, a line of a log.',
      signal:
        'Both values are dates (ISO 8601, RFC 5322, asctime, __DATE__) and differ. High: each lies in the time of its own build and not of the other.',
      remedies: timeRemedies,
    },
    'time.tz': {
      title: 'the same time in another zone',
      text: 'The same moment was written in the local time of two machines, or in summer and in winter.',
      signal:
        'Both values are times, and they are the same moment, or differ by what the recorded zones of the two builds differ by.',
      remedies: [
        {
          text: 'Set TZ=UTC for the whole build.',
          rule: null,
          source: 'https://reproducible-builds.org/docs/timezones/',
        },
      ],
    },
    'time.elapsed': {
      title: 'how long something took',
      text: 'The duration of a step was written into a file, mostly a log.',
      signal: 'A number with a unit of time on both sides.',
      remedies: [
        {
          text: 'Leave the log out of the image, or tell the tool not to write durations.',
          rule: null,
          source: null,
        },
      ],
    },
  },
  detect,
});

function detect({ change, path, builds }: Subject): Claim | null {
  const { before, after, kind } = change;
  if (before === null || after === null || change.sort !== 'value') return null;
  if (isDuration(before) && isDuration(after) && kind !== 'time')
    return { cause: 'time.elapsed', confidence: 'medium', against: 'class: duration' };
  if (kind === 'random') return serialOfTime(change, path, builds);
  if (!MAY_BE_TIME.has(kind)) return null;
  const day = dayBefore(change);
  const [old, now] = [
    parseTime(`${day}${before}`, builds.before.window.to),
    parseTime(`${day}${after}`, builds.after.window.to),
  ];
  if (old === null || now === null) return null;
  const isTime = kind === 'time' || kind === 'local-time';
  if (isTime || (old.form === 'text' && now.form === 'text')) {
    const zone = otherZone(change, old, now, builds);
    if (zone !== null) return zone;
  }
  const cause = causeOf(change, old);
  const strict = inOwnBuilds(old, now, builds) ?? asWritten(old, now, path, builds);
  if (strict !== null) return { cause, confidence: 'high', against: strict };
  if (isTime) return { cause, ...asClass(old, now) };
  // A bare number or word is a time only where it is that of the build.
  const isDate = [old, now].every(({ form, isClock }) => form === 'text' && !isClock);
  return isDate && kind === 'text' && /\D/.test(String(before)) && /\D/.test(String(after))
    ? { cause, confidence: 'medium', against: 'class: date' }
    : null;
}

/** The date before a time of day on its line: as the line was paired, it is the same on both sides. */
function dayBefore({ line, place, before }: FoundChange): string {
  const date = line?.[place - 1];
  const isClock = typeof before === 'string' && /^\d{1,2}:\d{2}:\d{2}/.test(before);
  return isClock && date?.kind === 'time' && /^\d{4}-\d{2}-\d{2}$/.test(date.value)
    ? `${date.value} `
    : '';
}

/**
 * Programs that need a number of 32 bits that no other has take the time for it: mkfs.fat shifts the seconds by 20 bits and adds the
 * microseconds. Taken for that only where both numbers are of the seconds before the mtime of their own file.
 */
function serialOfTime(
  { before, after }: FoundChange,
  path: TreePath,
  { written }: BuildPair,
): Claim | null {
  const own = written.ownOf(path);
  if (own === null || typeof before !== 'number' || typeof after !== 'number') return null;
  const fits = (value: number, mtime: number): boolean => {
    if (value < 0 || value > 0xffff_ffff || value % 2 ** 20 >= 1_000_000) return false;
    const age = (Math.floor(mtime) - Math.floor(value / 2 ** 20)) % 4096;
    return age <= MOST_SECONDS_BEFORE;
  };
  return fits(before, own.before) && fits(after, own.after)
    ? { cause: 'time.field', confidence: 'medium', against: 'mtime of the file, in 32 bits' }
    : null;
}

const MOST_SECONDS_BEFORE = 10;

const MAY_BE_TIME: ReadonlySet<string> = new Set([
  'time',
  'local-time',
  'number',
  'text',
  'version',
]);

/** Kinds of fields are named by formats; words of texts and values among bytes were found. */
function causeOf({ line, encoding, kind }: FoundChange, parsed: ParsedTime): CauseId {
  const isField = line === null && encoding === null && (kind === 'time' || kind === 'local-time');
  if (isField) return 'time.field';
  return parsed.form === 'number' ? 'time.epoch' : 'time.text';
}

function asClass(
  old: ParsedTime,
  now: ParsedTime,
): { readonly confidence: Confidence; readonly against: string } {
  if (old.isClock || now.isClock) return { confidence: 'low', against: 'class: time of day' };
  return { confidence: 'medium', against: 'class: time' };
}

/** What both values are in; null unless each fits its own build and not the other. */
function inOwnBuilds(
  old: ParsedTime,
  now: ParsedTime,
  { before, after }: BuildPair,
): string | null {
  if (old.isClock || now.isClock) return null;
  if (isEpoch(old, before) && isEpoch(now, after) && before.epoch !== after.epoch)
    return 'facts.sourceDateEpoch';
  const isApart = !isWithin(old, after) && !isWithin(now, before);
  return isWithin(old, before) && isWithin(now, after) && isApart
    ? 'facts.startedAt..endedAt'
    : null;
}

/** What the trees show: the mtime of the very file on both sides, or the times in which either was written, not the other's. */
function asWritten(
  old: ParsedTime,
  now: ParsedTime,
  path: TreePath,
  { before, after, written }: BuildPair,
): string | null {
  if (old.isClock || now.isClock) return null;
  const own = written.ownOf(path);
  if (own !== null && isSecond(old, own.before, before) && isSecond(now, own.after, after))
    return 'mtime of the file';
  const { windows } = written;
  if (windows === null) return null;
  const [a, b] = [
    { ...before, window: windows.before },
    { ...after, window: windows.after },
  ];
  const isApart = !isWithin(old, b) && !isWithin(now, a);
  return isWithin(old, a) && isWithin(now, b) && isApart ? 'mtimes that one tree has' : null;
}

/** To the second; DOS times have even ones alone. */
function isSecond(time: ParsedTime, mtime: number, build: BuildCircumstances): boolean {
  const from = Math.floor(mtime);
  const isPoint = time.to - time.from < 1;
  return isPoint && isWithin(time, { ...build, window: { from, to: from + 0.999_999_999 } });
}

function isEpoch({ from, to }: ParsedTime, { epoch }: BuildCircumstances): boolean {
  return epoch !== null && (from === to ? Math.floor(from) === epoch : from <= epoch && epoch < to);
}

/** Overlap of the value with the time of the build; one without a zone was written in that of the build. */
function isWithin(time: ParsedTime, { window, description }: BuildCircumstances): boolean {
  if (time.zone !== null) return time.to >= window.from && time.from <= window.to;
  const offset = zoneOffset(description.facts.timeZone, time.from);
  const zones = offset === null ? [0] : [offset, 0];
  return zones.some(
    (minutes) => time.to - minutes * 60 >= window.from && time.from - minutes * 60 <= window.to,
  );
}

/** The same moment, written in two zones. */
function otherZone(
  { before, after }: FoundChange,
  old: ParsedTime,
  now: ParsedTime,
  builds: BuildPair,
): Claim | null {
  if (old.form !== 'text' || now.form !== 'text' || before === after || old.isClock || now.isClock)
    return null;
  if (old.to - old.from !== now.to - now.from || old.to - old.from >= 86_400) return null;
  if (old.zone !== null && now.zone !== null)
    return old.zone !== now.zone && old.from === now.from
      ? { cause: 'time.tz', confidence: 'high', against: 'class: the same moment in two zones' }
      : null;
  const shift = (now.from - old.from) / 60;
  if (old.zone !== null || now.zone !== null || shift === 0 || Math.abs(shift) > 26 * 60)
    return null;
  const [a, b] = [builds.before.description.facts, builds.after.description.facts];
  for (const [atOld, atNow] of [
    [Date.parse(a.startedAt) / 1000, Date.parse(b.startedAt) / 1000],
    [old.from, old.from],
  ] as const) {
    const [x, y] = [zoneOffset(a.timeZone, atOld), zoneOffset(b.timeZone, atNow)];
    if (x !== null && y !== null && y - x === shift)
      return { cause: 'time.tz', confidence: 'high', against: 'facts.timeZone' };
  }
  return null;
}

const DURATION = /^\d+(?:\.\d+)?\s?(?:ms|us|\u00b5s|ns|s|secs?|seconds|min|minutes)$/;

function isDuration(value: string | number): boolean {
  return typeof value === 'string' && DURATION.test(value);
}

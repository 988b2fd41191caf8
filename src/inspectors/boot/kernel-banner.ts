/** What a Linux kernel says of its build: release, who built it, count and date (linux, init/version.c, scripts/mkcompile_h). */

import type { Fact, FactKind } from '../../core/facts.js';

/** `6.1.0 (me@host) #1 SMP PREEMPT Thu Jan 1 00:00:00 UTC 1970`; what is not understood stays in the last fact. */
export function bannerFacts(text: string, offset: number): Fact[] {
  const facts: Fact[] = [];
  const tell = (name: string, kind: FactKind, value: string, at: number): void => {
    facts.push({ name, kind, value, offset: offset + at });
  };
  const head = HEAD.exec(text);
  if (head === null) return [{ name: 'kernel version', kind: 'version', value: text, offset }];
  const [whole, release = '', user = '', host = ''] = head;
  tell('kernel release', 'version', release, 0);
  tell('build user', 'user', user, release.length + 2);
  tell('build host', 'host', host, release.length + 3 + user.length);
  const rest = text.slice(whole.length);
  const date = DATE.exec(rest);
  const seconds = date === null ? null : secondsOf(date);
  if (date !== null && seconds !== null) {
    tell('build date', 'time', String(seconds), whole.length + date.index);
    tell(
      'build',
      'text',
      rest.slice(0, date.index) + rest.slice(date.index + date[0].length),
      whole.length,
    );
  } else tell('build', 'version', rest, whole.length);
  return facts;
}

/** Null where the date is none, or is written in another way than it would be. */
function secondsOf([text, month = '', day = '', time = '', year = '']: RegExpExecArray):
  number | null {
  const date = new Date(`${day.trim()} ${month} ${year} ${time} UTC`);
  if (Number.isNaN(date.getTime())) return null;
  const [weekday, writtenDay, writtenMonth] = date.toUTCString().split(/,? /);
  const isSame =
    text.startsWith(`${weekday} ${writtenMonth}`) &&
    Number(writtenDay) === Number(day) &&
    date.toISOString().slice(11, 19) === time;
  return isSame ? date.getTime() / 1000 : null;
}

const HEAD = /^(\S+) \(([^@() ]*)@([^() ]*)\)/;
const DATE = /[A-Z][a-z]{2} ([A-Z][a-z]{2}) ([ \d]\d|\d) (\d\d:\d\d:\d\d) UTC (\d{4})$/;

import { APART, recorded, seconds } from '../../helpers/fact-builders.js';
import { OWN, OTHER, word, testCases } from './cause-cases.js';

testCases({
  'a header time of each build': [
    { kind: 'time', before: seconds(OWN), after: seconds(OTHER) },
    'time.field high facts.startedAt..endedAt',
  ],
  'a header time that was there before both builds': [
    {
      kind: 'time',
      before: seconds('2020-01-01T00:00:00Z'),
      after: seconds('2021-01-01T00:00:00Z'),
    },
    'time.field medium class: time',
  ],
  'times of the other build each': [
    { kind: 'time', before: seconds(OTHER), after: seconds(OWN) },
    'time.field medium class: time',
  ],
  'the SOURCE_DATE_EPOCH of each build': [
    {
      kind: 'time',
      before: 1_000_000,
      after: 2_000_000,
      builds: recorded({ sourceDateEpoch: 1_000_000 }, { sourceDateEpoch: 2_000_000 }),
    },
    'time.field high facts.sourceDateEpoch',
  ],
  'times of two builds on one day': [
    {
      kind: 'time',
      before: seconds('2026-01-10T12:00:30Z'),
      after: seconds('2026-01-10T13:00:30Z'),
      builds: {
        before: APART.before,
        after: {
          facts: { startedAt: '2026-01-10T13:00:00.000Z', endedAt: '2026-01-10T13:05:00.000Z' },
        },
      },
    },
    'time.field high facts.startedAt..endedAt',
  ],
  'times of two builds that ran at once': [
    {
      kind: 'time',
      before: seconds('2026-01-10T12:00:30Z'),
      after: seconds('2026-01-10T12:00:31Z'),
      builds: { before: APART.before, after: APART.before },
    },
    'time.field medium class: time',
  ],
  'a number among bytes': [
    {
      kind: 'time',
      before: String(seconds(OWN)),
      after: String(seconds(OTHER)),
      more: { encoding: 'u32le' },
    },
    'time.epoch high facts.startedAt..endedAt',
  ],
  'milliseconds in a field for numbers': [
    { kind: 'number', before: seconds(OWN) * 1000, after: seconds(OTHER) * 1000 },
    'time.epoch high facts.startedAt..endedAt',
  ],
  'a number that is no time of the builds': [
    { kind: 'number', before: 1_400_000_000, after: 1_500_000_000 },
    'unknown',
  ],
  'a date in a line': [
    {
      kind: 'time',
      before: 'Sat, 10 Jan 2026 11:00:00 +0000',
      after: 'Tue, 10 Feb 2026 11:00:00 +0000',
      more: word,
    },
    'time.text high facts.startedAt..endedAt',
  ],
  __DATE__: [
    { kind: 'time', before: 'Jan 10 2026', after: 'Feb 10 2026', more: word },
    'time.text high facts.startedAt..endedAt',
  ],
  'a line of syslog, without year': [
    { kind: 'time', before: 'Jan 10 11:00:00', after: 'Feb 10 11:00:00', more: word },
    'time.text high facts.startedAt..endedAt',
  ],
  'a date inside of a text': [
    { kind: 'text', before: 'Generated on 2026-01-10 by x', after: 'Generated on 2026-02-10 by x' },
    'time.text high facts.startedAt..endedAt',
  ],
  'a day in a version': [
    { kind: 'version', before: '40.20260110.0', after: '40.20260210.0' },
    'time.text high facts.startedAt..endedAt',
  ],
  'two versions that look like days': [
    { kind: 'version', before: '20200101', after: '20210101' },
    'unknown',
  ],
  'a time of day alone': [
    { kind: 'time', before: '11:00:00', after: '12:00:00', more: word },
    'time.text low class: time of day',
  ],
  'one moment in two zones': [
    {
      kind: 'time',
      before: '2026-01-10T11:00:00+01:00',
      after: '2026-01-10T10:00:00Z',
      more: word,
    },
    'time.tz high class: the same moment in two zones',
  ],
  'local times of the recorded zones': [
    {
      kind: 'local-time',
      before: '2020-06-01T10:00:00',
      after: '2020-06-01T12:00:00',
      builds: recorded({ timeZone: 'UTC' }, { timeZone: 'Europe/Berlin' }),
    },
    'time.tz high facts.timeZone',
  ],
  'summer and winter of one zone': [
    {
      kind: 'local-time',
      before: '2020-06-01T10:00:00',
      after: '2020-06-01T11:00:00',
      builds: {
        before: {
          facts: {
            startedAt: '2026-01-10T12:00:00.000Z',
            endedAt: '2026-01-10T12:05:00.000Z',
            timeZone: 'Europe/Berlin',
          },
        },
        after: {
          facts: {
            startedAt: '2026-07-10T12:00:00.000Z',
            endedAt: '2026-07-10T12:05:00.000Z',
            timeZone: 'Europe/Berlin',
          },
        },
      },
    },
    'time.tz high facts.timeZone',
  ],
  'an hour apart in one zone': [
    { kind: 'local-time', before: '2020-06-01T10:00:00', after: '2020-06-01T11:00:00' },
    'time.field medium class: time',
  ],
  'how long it took': [
    { kind: 'text', before: '0.51s', after: '0.63s' },
    'time.elapsed medium class: duration',
  ],
});

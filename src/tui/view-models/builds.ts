/** The two builds and all their circumstances side by side, the differing ones first. */

import type { Container } from '../../core/build.js';
import type { CaptureSet } from '../../core/capture.js';
import type { CircumstanceChange, Report, ReportSide } from '../../core/report.js';
import { countOf, formatBytes, formatCount } from '../../util/format.js';
import { humanTime } from '../text/humanise.js';
import { span, type Line } from '../text/line.js';
import { safeBytes, safeText } from '../text/safe.js';
import { padEnd, wrapText } from '../text/width.js';
import { ARCHIVE_WORDS } from './archive-lines.js';
import { circumstanceLabel } from './circumstance-label.js';
import { remarkText } from './overview.js';

type Field = readonly [label: string, before: string | null, after: string | null];

export function buildLines(report: Report, width: number): readonly Line[] {
  const differing = report.circumstances.map((item): Field => [
    circumstanceLabel(item),
    shown(item.name, item.before),
    shown(item.name, item.after),
  ]);
  const equal = equalCircumstances(report);
  return [
    ...report.remarks.flatMap((remark) => [
      ...wrapText(remarkText(remark), width).map((text): Line => [span(text, 'warning')]),
      [],
    ]),
    ...section('', [['', 'before', 'after'], ...identity(report)], width),
    ...section(`What differs (${formatCount(differing.length)})`, differing, width),
    ...section(`What is the same (${formatCount(equal.length)})`, equal, width),
  ];
}

function identity({ before, after, contentBy, container }: Report): readonly Field[] {
  const field = (label: string, of: (side: ReportSide) => string): Field => [
    label,
    safeText(of(before)),
    safeText(of(after)),
  ];
  return [
    field('name', ({ name }) => name),
    field('stream', ({ stream }) => stream),
    field('location', ({ location }) => location),
    field('paths', ({ entryCount }) => formatCount(entryCount)),
    field('size', ({ sizeBytes }) => formatBytes(sizeBytes)),
    field('scrub', ({ edits }) =>
      edits.length === 0 ? 'no edits' : countOf(edits.length, 'edit'),
    ),
    field('digests', ({ capture }) => capture.digests.join(', ')),
    ['compared by', contentBy ?? 'nothing in common', contentBy ?? 'nothing in common'],
    ...archiveFields(container),
    field('recorded', ({ capture }) => recorded(capture)),
    field('left out', ({ capture }) => leftOut(capture)),
    field('content digest', ({ contentDigest }) => Buffer.from(contentDigest).toString('hex')),
    field('full digest', ({ fullDigest }) => Buffer.from(fullDigest).toString('hex')),
  ];
}

function recorded(capture: CaptureSet): string {
  const parts = [
    capture.mtime ? 'mtimes' : null,
    capture.ownership ? 'owners' : null,
    capture.hardLinks ? 'hard links' : null,
    capture.xattrs === 'none' || capture.xattrs === 'not-carried'
      ? null
      : `xattrs (${capture.xattrs})`,
  ];
  return parts.filter((part) => part !== null).join(', ') || 'names and contents only';
}

function leftOut({ exclusions, mountPoints }: CaptureSet): string {
  const parts = [
    exclusions.length === 0 ? null : countOf(exclusions.length, 'exclusion'),
    mountPoints.length === 0 ? null : countOf(mountPoints.length, 'mount point'),
  ];
  return parts.filter((part) => part !== null).join(', ') || 'nothing';
}

function archiveFields(container: Report['container']): readonly Field[] {
  if (container === null) return [];
  const { before, after, verdict } = container;
  const shownFile = ({ name, sizeBytes, digest }: Container): string =>
    `${safeBytes(name)} ${formatBytes(sizeBytes)} ${Buffer.from(digest).toString('hex')}`;
  const word = ARCHIVE_WORDS[verdict];
  return [
    ['archive', shownFile(before), shownFile(after)],
    ['archives are', word, word],
  ];
}

function equalCircumstances({ before, after, circumstances }: Report): readonly Field[] {
  const keys = new Set(circumstances.map(({ group, name }) => `${group} ${name}`));
  return GROUPS.flatMap(({ group, of }) => {
    const old = of(before);
    const now = of(after);
    return Object.keys(old)
      .filter((name) => !keys.has(`${group} ${name}`) && old[name] === now[name])
      .flatMap((name): readonly Field[] => {
        const value = old[name];
        if (value === null || (typeof value !== 'string' && typeof value !== 'number')) return [];
        const text = shown(name, String(value));
        return [[circumstanceLabel({ group, name }), text, text]];
      });
  });
}

const GROUPS: readonly {
  readonly group: CircumstanceChange['group'];
  readonly of: (side: ReportSide) => Readonly<Record<string, unknown>>;
}[] = [
  { group: 'facts', of: ({ facts }) => ({ ...facts, umask: umaskText(facts.umask) }) },
  { group: 'environment', of: ({ facts }) => facts.environment },
  { group: 'os-release', of: ({ facts }) => facts.osRelease },
  { group: 'tools', of: ({ facts }) => facts.tools },
  { group: 'meta', of: ({ meta }) => meta },
];

function umaskText(umask: number): string {
  return umask.toString(8).padStart(4, '0');
}

function shown(name: string, value: string | null): string | null {
  if (value === null) return null;
  return safeText(name.endsWith('At') ? humanTime(value) : value);
}

function section(title: string, fields: readonly Field[], width: number): readonly Line[] {
  if (fields.length === 0) return [];
  const heading: readonly Line[] = title === '' ? [] : [[span(title, 'title')]];
  return [...heading, ...fields.flatMap((field) => fieldLines(field, width)), []];
}

/** Label, old and new in three columns; one value for both where they are equal. */
function fieldLines([label, before, after]: Field, width: number): readonly Line[] {
  const labelWidth = Math.max(8, Math.min(24, Math.floor(width / 4)));
  const valueWidth = Math.max(1, Math.floor((width - 2 - labelWidth - 2 - 2) / 2));
  const isSame = before === after;
  const labels = wrapText(label, labelWidth);
  const old =
    before === null ? ['(none)'] : wrapText(before, isSame ? valueWidth * 2 + 2 : valueWidth);
  const now = isSame ? [] : after === null ? ['(none)'] : wrapText(after, valueWidth);
  const sign = label === '' ? ' ' : isSame ? '=' : '~';
  return Array.from({ length: Math.max(labels.length, old.length, now.length) }, (_, i): Line => {
    const first = old[i] ?? '';
    return [
      span(i === 0 ? `${sign} ` : '  ', isSame ? 'muted' : 'modified'),
      span(padEnd(labels[i] ?? '', labelWidth + 2), 'muted'),
      ...(label === ''
        ? [span(padEnd(first, valueWidth + 2), 'title'), span(now[i] ?? '', 'title')]
        : isSame
          ? [span(first, 'plain')]
          : [span(padEnd(first, valueWidth + 2), 'before'), span(now[i] ?? '', 'after')]),
    ];
  });
}

/** What a group is about, why it varies and what can be done, as lines. */

import { bestExample } from '../../core/best-example.js';
import type { Change, Finding } from '../../core/report.js';
import type { TreePath } from '../../core/path.js';
import { countOf, formatBytes } from '../../util/format.js';
import { span, type Line } from '../text/line.js';
import { safePath, safeText } from '../text/safe.js';
import { padEnd, wrapText } from '../text/width.js';
import {
  findingCauses,
  NATURE_TEXTS,
  NATURE_WORDS,
  ownerText,
  placeText,
  valueTexts,
} from './explanation-words.js';

/** `changes`: those of the finding, for a witness; null: none is wanted. */
export function findingLines(
  finding: Finding,
  width: number,
  changes: Iterable<Change> | null = null,
): readonly Line[] {
  return labelled(
    [
      ['group', safeText(finding.title)],
      ...whyRows(finding, changes),
      ...basisRows(finding),
      ['size', sizeText(finding)],
    ],
    width,
  );
}

type LabelledRow = readonly [label: string, text: string];

const MAX_OWNERS = 5;

function whyRows(finding: Finding, changes: Iterable<Change> | null): readonly LabelledRow[] {
  const { nature, causes, owners, count } = finding;
  if (nature === 'unknown' && causes.length === 0 && owners.length === 0) return [];
  return [
    ['nature', `${NATURE_WORDS[nature]}: ${NATURE_TEXTS[nature]}`],
    ...findingCauses(finding).map((text): LabelledRow => ['cause', text]),
    ...(changes === null ? [] : witnessRows(finding, changes)),
    ...owners
      .slice(0, MAX_OWNERS)
      .map((each): LabelledRow => [
        'owner',
        `${ownerText(each.owner)}${each.count === count ? '' : `, ${countOf(each.count, 'path')}`}`,
      ]),
    [
      'owner',
      owners.length > MAX_OWNERS ? `and ${countOf(owners.length - MAX_OWNERS, 'other')}` : '',
    ],
    ...(finding.basis.kind === 'catalogue' ? remedyRows(finding).slice(1) : remedyRows(finding)),
  ];
}

function witnessRows({ causes }: Finding, changes: Iterable<Change>): readonly LabelledRow[] {
  const [first] = causes;
  const example = first === undefined ? null : bestExample(changes, first.cause);
  if (example === null) return [];
  const { change, explained } = example;
  const [before, after] = valueTexts(explained);
  return [
    ['witness', `${safePath(change.path)}: ${placeText(explained)}`],
    ['before', before],
    ['after', after],
    ['against', safeText(explained.witness?.against ?? '')],
  ];
}

/** What to do, with the rule that does it and where it is known from. */
export function remedyRows({ remedies }: Pick<Finding, 'remedies'>): readonly LabelledRow[] {
  return remedies.map(({ text, rule, source }) => {
    const known = [rule === null ? '' : `scrub rule ${rule}`, source ?? ''];
    const notes = known.filter((note) => note !== '').join('; ');
    return ['remedy', safeText(`${text}${notes === '' ? '' : ` (${notes})`}`)];
  });
}

/** Label and wrapped text in two columns; rows without text are left out. */
export function labelled(
  rows: readonly (readonly [label: string, text: string])[],
  width: number,
): readonly Line[] {
  return rows
    .filter(([, text]) => text !== '')
    .flatMap(([label, text]) =>
      wrapText(text, width - LABEL_WIDTH).map((part, i): Line => [
        span(padEnd(i === 0 ? label : '', LABEL_WIDTH), 'muted'),
        span(part),
      ]),
    );
}

const LABEL_WIDTH = 10;

function sizeText({ count, sizeBytes }: Finding): string {
  return `${countOf(count, 'path')}, ${formatBytes(sizeBytes)}`;
}

function basisRows(finding: Finding): readonly (readonly [string, string])[] {
  const { basis } = finding;
  switch (basis.kind) {
    case 'attributes':
      return [['why', `the same attributes differ: ${finding.attributes.join(', ')}`]];
    case 'catalogue':
      return [
        // The title of a group is often what the catalogue says of it.
        ['what', basis.what === finding.title ? '' : safeText(basis.what)],
        ['remedy', safeText(basis.remedy)],
        ['rule', basis.rule === null ? '' : safeText(basis.rule)],
        ['catalogue', basis.row === basis.rule ? '' : safeText(basis.row)],
      ];
    case 'cause':
      return [];
    case 'package':
      return [
        ['package', safeText(basis.name ?? basis.manager)],
        ['before', safeText(basis.before ?? '')],
        ['after', safeText(basis.after ?? '')],
      ];
    case 'directory':
      return [['below', safePath(basis.directory)]];
    case 'link-set':
      return [
        ['before', linkSets(basis.before)],
        ['after', linkSets(basis.after)],
      ];
  }
}

function linkSets(sets: readonly (readonly TreePath[])[]): string {
  const shown = sets.map((names) => names.map((name) => safePath(name)).join(' = '));
  return shown.length === 0 ? 'no names of one inode' : shown.join('; ');
}

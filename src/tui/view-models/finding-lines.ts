/** What a group is about, why it varies and what can be done, as lines. */

import type { Finding } from '../../core/report.js';
import type { TreePath } from '../../core/path.js';
import { countOf, formatBytes } from '../../util/format.js';
import { span, type Line } from '../text/line.js';
import { safePath, safeText } from '../text/safe.js';
import { padEnd, wrapText } from '../text/width.js';

export function findingLines(finding: Finding, width: number): readonly Line[] {
  return labelled(
    [['group', safeText(finding.title)], ...basisRows(finding), ['size', sizeText(finding)]],
    width,
  );
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
      return [['cause', basis.cause]];
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

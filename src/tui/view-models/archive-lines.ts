/** The two files that the trees came out of: what they are to each other, and which fields of the format differ. */

import { isCommit, type Container } from '../../core/build.js';
import type { ContainerComparison } from '../../core/report.js';
import { formatBytes } from '../../util/format.js';
import type { Glyphs } from '../text/glyphs.js';
import { span, type Line } from '../text/line.js';
import { safeBytes } from '../text/safe.js';
import { differenceLines } from './difference-lines.js';
import { problemTexts, statusText } from './explanation-words.js';
import { labelled } from './finding-lines.js';

export const ARCHIVE_WORDS = {
  identical: 'identical',
  'same-content': 'same content, other bytes',
  different: 'different',
} as const satisfies Record<ContainerComparison['verdict'], string>;

/** Nothing where the trees came out of no file. */
export function archiveLines(
  container: ContainerComparison | null,
  width: number,
  glyphs: Glyphs,
): readonly Line[] {
  if (container === null) return [];
  const { before, after, verdict, explanation, isSetAside = false } = container;
  const word = `${ARCHIVE_WORDS[verdict]}${isSetAside ? ', set aside' : ''}`;
  return [
    [span(`${isCommit(after) ? 'Commits' : 'Archives'}: ${word}`, 'strong')],
    ...labelled(
      [
        ['before', verdict === 'identical' ? '' : fileText(before)],
        ['after', fileText(after)],
        ['why', explanation === null ? '' : statusText(explanation)],
        ...problemTexts(explanation).map((text) => ['partial', text] as const),
      ],
      width,
    ),
    ...differenceLines(explanation, width, glyphs),
    [],
  ];
}

function fileText({ name, sizeBytes }: Container): string {
  return `${safeBytes(name)}, ${formatBytes(sizeBytes)}`;
}

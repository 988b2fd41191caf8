/** What is done about a cause, for the formats and the path at hand. */

import type { CauseId, Remedy } from '../../core/explanation.js';
import type { TreePath } from '../../core/path.js';
import type { CauseRemedy } from './define.js';
import { causeTexts } from './index.js';

/** The most special remedy that fits; `formats`: of the file and of the members in which the cause was found. */
export function remedyFor(
  cause: CauseId,
  formats: ReadonlySet<string>,
  path: TreePath,
): Remedy | null {
  const { remedies } = causeTexts[cause];
  const fits = remedies.filter((remedy) => isFor(remedy, formats, path));
  const best = fits.toSorted((a, b) => special(b) - special(a))[0];
  return best === undefined ? null : { text: best.text, rule: best.rule, source: best.source };
}

function isFor(remedy: CauseRemedy, formats: ReadonlySet<string>, path: TreePath): boolean {
  const ofFormat = remedy.formats === undefined || remedy.formats.some((each) => formats.has(each));
  return ofFormat && (remedy.paths === undefined || remedy.paths.test(path));
}

function special({ formats, paths }: CauseRemedy): number {
  return Number(formats !== undefined) + Number(paths !== undefined);
}

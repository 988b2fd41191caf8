/** The pointer map of an auto-vacuum database (sqlite.org/fileformat2.html 1.8): for every page, what refers to it. */

import { read32 } from './sqlite-btree.js';
import type { SqliteImage } from './sqlite-image.js';
import type { SqliteProblems } from './sqlite-problems.js';
import type { SqliteSurvey } from './sqlite-survey.js';

const ROOT = 1;
const FREE = 2;
const FIRST_OVERFLOW = 3;
const LATER_OVERFLOW = 4;
const CHILD = 5;
const ENTRY_BYTES = 5;

/** Adds a problem for each entry that is not what was found by walking. */
export function checkPointerMap(
  image: SqliteImage,
  survey: SqliteSurvey,
  problems: SqliteProblems,
): void {
  if (!image.header.autoVacuum) return;
  let map = 0;
  for (let page = 2; page <= image.pageCount; page++) {
    if (survey.use(page) === 'pointer-map') map = page;
    const at = ENTRY_BYTES * (page - map - 1);
    const expected = expectedEntry(image, survey, page);
    if (map === 0 || expected === null || at + ENTRY_BYTES > image.usableSize) continue;
    const bytes = image.page(map);
    const kind = bytes[at]!;
    const parent = read32(bytes, at + 1);
    if (kind !== expected.kind || parent !== expected.parent)
      problems.add(
        'ptrmap',
        (map - 1) * image.pageSize + at,
        `page ${page}: ${kind} of ${parent}, not ${expected.kind} of ${expected.parent}`,
      );
  }
}

/** null where no entry is kept, or nothing is known. */
function expectedEntry(
  image: SqliteImage,
  survey: SqliteSurvey,
  page: number,
): { readonly kind: number; readonly parent: number } | null {
  const use = survey.use(page);
  const parent = Math.floor(survey.pointer(page) / image.pageSize) + 1;
  if (use === 'freelist-trunk' || use === 'freelist-leaf') return { kind: FREE, parent: 0 };
  if (use === 'overflow')
    return { kind: survey.use(parent) === 'overflow' ? LATER_OVERFLOW : FIRST_OVERFLOW, parent };
  if (use !== 'btree') return null;
  return survey.root(page) === page ? { kind: ROOT, parent: 0 } : { kind: CHILD, parent };
}

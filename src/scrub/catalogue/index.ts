/** All rows, most specific first: the first that matches names a path. */

import type { Classify } from '../../core/report.js';
import { classifier } from './classify.js';
import type { CatalogueRow } from './define.js';
import { dpkgRows } from './dpkg.js';
import { generatedRows } from './generated.js';
import { identityRows } from './identity.js';
import { otherManagerRows } from './other-managers.js';
import { rpmRows } from './rpm.js';

export const catalogue: readonly CatalogueRow[] = [
  ...identityRows,
  ...rpmRows,
  ...dpkgRows,
  ...otherManagerRows,
  ...generatedRows,
];

export const classify: Classify = classifier(catalogue);

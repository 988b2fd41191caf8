/** All normalisers. The first one that recognises a file has it. */

import type { Normalizer } from './define.js';
import { gettext } from './gettext.js';
import { gzip } from './gzip.js';
import { po } from './po.js';
import { pyc } from './pyc.js';

export const normalizers: readonly Normalizer[] = [gzip, pyc, gettext, po];

/** All normalisers. The first one that recognises a file has it. */

import type { Normalizer } from './define.js';
import { gzip } from './gzip.js';
import { pyc } from './pyc.js';

export const normalizers: readonly Normalizer[] = [gzip, pyc];

/** All normalisers. The first one that recognises a file has it. */

import type { Normalizer } from './define.js';
import { ar } from './ar.js';
import { bflt } from './bflt.js';
import { cpio } from './cpio.js';
import { fit } from './fit.js';
import { gettext } from './gettext.js';
import { gzip } from './gzip.js';
import { png } from './png.js';
import { javadoc } from './javadoc.js';
import { po } from './po.js';
import { pyc } from './pyc.js';
import { tar } from './tar.js';
import { tgz } from './tgz.js';
import { uimage } from './uimage.js';
import { zip } from './zip.js';

export const normalizers: readonly Normalizer[] = [
  tgz,
  gzip,
  pyc,
  gettext,
  po,
  javadoc,
  tar,
  cpio,
  ar,
  zip,
  bflt,
  png,
  uimage,
  fit,
];

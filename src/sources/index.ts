/** The kinds of source, most specific first: the first that claims a location opens it. */

import { cosa } from './cosa/index.js';
import { cpio } from './cpio/index.js';
import { deb } from './deb/index.js';
import { directory } from './directory/index.js';
import { erofs } from './erofs/index.js';
import { initramfs } from './initramfs/index.js';
import { aide, composefsDump, mtree, sha256sums } from './listing/index.js';
import { dockerArchive, oci, ociArchive } from './oci/index.js';
import { ostree } from './ostree/index.js';
import { rpm } from './rpm/index.js';
import { squashfs } from './squashfs/index.js';
import { sdist, tar } from './tar/index.js';
import { jar, whl, zip } from './zip/index.js';

export const sources = [
  cosa,
  oci,
  ociArchive,
  dockerArchive,
  ostree,
  directory,
  initramfs,
  rpm,
  deb,
  squashfs,
  erofs,
  tar,
  cpio,
  zip,
  sdist,
  whl,
  jar,
  mtree,
  aide,
  composefsDump,
  sha256sums,
] as const;

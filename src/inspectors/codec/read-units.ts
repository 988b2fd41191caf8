/** The units of compressed bytes, by format. */

import { UnsupportedError, type Codec } from '../../formats/codec/codec.js';
import { readBzip2Units } from './bzip2-units.js';
import { readGzipUnits } from './gzip-units.js';
import { readLz4Units } from './lz4-units.js';
import { readLzmaUnits } from './lzma-units.js';
import type { UnitsReader } from './units.js';
import { readXzUnits } from './xz-units.js';
import { readZstdUnits } from './zstd-units.js';

export const UNITS: Readonly<Record<Codec, UnitsReader>> = {
  gzip: readGzipUnits,
  xz: readXzUnits,
  lzma: readLzmaUnits,
  zstd: readZstdUnits,
  lz4: readLz4Units,
  'lz4-legacy': readLz4Units,
  bzip2: readBzip2Units,
  lzop: () => {
    throw new UnsupportedError('lzop', 0, 'lzop is not decompressed');
  },
};

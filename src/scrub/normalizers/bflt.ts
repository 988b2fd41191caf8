/** bFLT executables (uClinux): the time of the build, and the gzip header of a compressed one. */

import { isBflt, readBflt, withBfltDate } from '../../formats/bflt.js';
import { defineNormalizer, type FieldChange, type NormalizeResult } from './define.js';
import { gzip } from './gzip.js';
import { orLeft } from './or-left.js';
import { settledTime, timeText } from './settled-time.js';

export const bflt = defineNormalizer({
  id: 'bflt',
  version: 1,
  summary: 'Settles the build date of bFLT executables, and the gzip header of compressed ones.',
  rationale:
    'No kernel looks at the date. It becomes SOURCE_DATE_EPOCH when it is later, as elf2flt itself does it, and 0 without an epoch. Code, data and relocations stay, compressed or not; versions other than 4 have no date in a known place and are left. Linux, include/linux/flat.h and fs/binfmt_flat.c; elf2flt.',
  extensions: ['.bflt', '.flt'],
  matches: (head) => isBflt(head),
  normalize: ({ bytes, name, sourceDateEpoch }) =>
    orLeft(() => {
      const { buildDateSeconds, gzipOffset } = readBflt(bytes);
      const settled = settledTime(buildDateSeconds, sourceDateEpoch);
      const date: readonly FieldChange[] =
        settled === buildDateSeconds
          ? []
          : [
              {
                member: '',
                field: 'build_date',
                before: timeText(buildDateSeconds),
                after: timeText(settled),
              },
            ];
      const inner: NormalizeResult =
        gzipOffset === null
          ? { kind: 'normal' }
          : gzip.normalize({ bytes: bytes.subarray(gzipOffset), name, sourceDateEpoch });
      if (inner.kind === 'left') return inner;
      const fields = [...date, ...(inner.kind === 'changed' ? inner.fields : [])];
      if (fields.length === 0) return { kind: 'normal' };
      const fixed = withBfltDate(bytes, settled);
      // The gzip header keeps its length.
      if (inner.kind === 'changed') fixed.set(inner.bytes, gzipOffset!);
      return { kind: 'changed', bytes: fixed, fields };
    }),
});

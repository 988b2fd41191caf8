/** Legacy U-Boot images: the time at which mkimage ran. */

import { isUImage, readUImage, withUImageTime } from '../../formats/uimage.js';
import { defineNormalizer } from './define.js';
import { orLeft } from './or-left.js';
import { settledTime, timeText } from './settled-time.js';

export const uimage = defineNormalizer({
  id: 'uimage',
  version: 1,
  summary: 'Settles the time in the header of legacy U-Boot images, and the header CRC.',
  rationale:
    'U-Boot shows the time and does nothing with it. It becomes SOURCE_DATE_EPOCH when it is later, as mkimage itself does it, and 0 without an epoch. The data, its CRC, the name and what follows the image stay; an image whose CRCs do not hold is left. Time and CRC lie outside every signature U-Boot knows for this format: there is none. u-boot, include/image.h.',
  extensions: ['.uimage', '.uimg', '.ub', '.scr'],
  matches: (head) => isUImage(head),
  normalize: ({ bytes, sourceDateEpoch }) =>
    orLeft(() => {
      const { timeSeconds, headerCrc } = readUImage(bytes);
      const settled = settledTime(timeSeconds, sourceDateEpoch);
      if (settled === timeSeconds) return { kind: 'normal' };
      const fixed = withUImageTime(bytes, settled);
      return {
        kind: 'changed',
        bytes: fixed,
        fields: [
          { member: '', field: 'ih_time', before: timeText(timeSeconds), after: timeText(settled) },
          {
            member: '',
            field: 'ih_hcrc',
            before: String(headerCrc),
            after: String(readUImage(fixed).headerCrc),
          },
        ],
      };
    }),
});

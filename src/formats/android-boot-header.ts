/** Headers of Android boot images (AOSP, system/tools/mkbootimg, include/bootimg/bootimg.h), little-endian. */

import { FormatError } from '../core/errors.js';
import type { RandomAccess } from '../core/random-access.js';
import { layoutLength, readFields, type FieldsOf, type Layout } from './fields.js';

export const ANDROID_FORMAT = 'android-boot';

export type AndroidBootHeader =
  | {
      /** Versions 0 to 2: everything in one image. */
      readonly kind: 'classic';
      readonly version: 0 | 1 | 2;
      readonly length: number;
      readonly fields: FieldsOf<typeof CLASSIC> &
        Partial<FieldsOf<typeof SINCE_1> & FieldsOf<typeof SINCE_2>>;
    }
  | {
      /** Versions 3 and 4: what belongs to the device is in an image of its own. */
      readonly kind: 'generic';
      readonly version: 3 | 4;
      readonly length: number;
      readonly fields: FieldsOf<typeof GENERIC> & Partial<FieldsOf<typeof SINCE_4>>;
    };

/** Throws `FormatError` when the header is cut off, or of an unknown version. */
export function readAndroidBootHeader(input: RandomAccess): AndroidBootHeader {
  const bytes = input.read(0, 4096);
  const { version } = readFields(ANDROID_FORMAT, UP_TO_VERSION, bytes, 0);
  const read = <L extends Layout>(layout: L): FieldsOf<L> =>
    readFields(ANDROID_FORMAT, layout, bytes, 0);
  const classic = <L extends typeof CLASSIC>(known: 0 | 1 | 2, layout: L): AndroidBootHeader => ({
    kind: 'classic',
    version: known,
    length: layoutLength(layout),
    fields: read(layout),
  });
  const generic = <L extends typeof GENERIC>(known: 3 | 4, layout: L): AndroidBootHeader => ({
    kind: 'generic',
    version: known,
    length: layoutLength(layout),
    fields: read(layout),
  });
  switch (version.value) {
    case 0:
      return classic(0, CLASSIC);
    case 1:
      return classic(1, { ...CLASSIC, ...SINCE_1 });
    case 2:
      return classic(2, { ...CLASSIC, ...SINCE_1, ...SINCE_2 });
    case 3:
      return generic(3, GENERIC);
    case 4:
      return generic(4, { ...GENERIC, ...SINCE_4 });
    default:
      throw new FormatError(ANDROID_FORMAT, version.offset, `version ${version.value}`);
  }
}

/** The version is at the same place in all of them. */
const UP_TO_VERSION = { before: 40, version: 'u32' } as const;

const CLASSIC = {
  magic: 8,
  kernelSize: 'u32',
  kernelAddr: 'u32',
  ramdiskSize: 'u32',
  ramdiskAddr: 'u32',
  secondSize: 'u32',
  secondAddr: 'u32',
  tagsAddr: 'u32',
  pageSize: 'u32',
  headerVersion: 'u32',
  /** 11 bits each of major, minor, patch level A.B.C, then year and month of the security patch. */
  osVersion: 'u32',
  name: 16,
  cmdline: 512,
  /** A SHA-1 over the parts, padded with zeros. */
  id: 32,
  extraCmdline: 1024,
} as const;

const SINCE_1 = { recoveryDtboSize: 'u32', recoveryDtboOffset: 'u64', headerSize: 'u32' } as const;

const SINCE_2 = { dtbSize: 'u32', dtbAddr: 'u64' } as const;

const GENERIC = {
  magic: 8,
  kernelSize: 'u32',
  ramdiskSize: 'u32',
  osVersion: 'u32',
  headerSize: 'u32',
  reserved: 16,
  headerVersion: 'u32',
  cmdline: 1536,
} as const;

const SINCE_4 = { signatureSize: 'u32' } as const;

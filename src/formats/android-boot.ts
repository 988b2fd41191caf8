/**
 * Android boot images, versions 0 to 4 (AOSP, system/tools/mkbootimg, include/bootimg/bootimg.h): a header, then parts that
 * each begin on a page.
 */

import { createHash } from 'node:crypto';

import { FormatError } from '../core/errors.js';
import type { RandomAccess } from '../core/random-access.js';
import {
  ANDROID_FORMAT,
  readAndroidBootHeader,
  type AndroidBootHeader,
} from './android-boot-header.js';
import { zeroEnded } from './fields.js';
import { partition, type Extent, type Region } from './regions.js';

export interface AndroidBoot {
  /** Bytes of the file. */
  readonly size: number;
  readonly header: AndroidBootHeader;
  /** 4096 from version 3 on. */
  readonly pageSize: number;
  /** Both pieces of it joined, one character per byte. */
  readonly cmdline: string;
  /** The SHA-1 over the parts, in hexadecimal; null from version 3 on. */
  readonly idHex: string | null;
  /** In the order of the file, cut at its end; those of length 0 are left out. */
  readonly parts: readonly AndroidBootPart[];
  readonly problems: readonly FormatError[];
}

export interface AndroidBootPart extends Extent {
  readonly name: AndroidBootPartName;
}

export type AndroidBootPartName =
  'kernel' | 'ramdisk' | 'second' | 'recovery-dtbo' | 'dtb' | 'signature';

export type AndroidBootRegionKind =
  | 'header'
  | 'part'
  /** Up to the next page. */
  | 'padding'
  /** Behind the last part: a footer of verified boot. */
  | 'trailing';

export function isAndroidBoot(input: RandomAccess): boolean {
  return Buffer.from(input.read(0, 8)).toString('latin1') === 'ANDROID!';
}

/** Throws `FormatError` when the header is missing, cut off, or of an unknown version. */
export function readAndroidBoot(input: RandomAccess): AndroidBoot {
  if (!isAndroidBoot(input)) throw new FormatError(ANDROID_FORMAT, 0, 'expected ANDROID!');
  const header = readAndroidBootHeader(input);
  const problems: FormatError[] = [];
  const pageSize = header.kind === 'classic' ? header.fields.pageSize.value : GENERIC_PAGE;
  if (pageSize < header.length)
    throw new FormatError(ANDROID_FORMAT, 36, `pages of ${pageSize} bytes`);
  return {
    size: input.size,
    header,
    pageSize,
    cmdline: cmdlineOf(header),
    idHex: header.kind === 'classic' ? idOf(header.fields.id.value) : null,
    parts: partsOf(input.size, header, pageSize, problems),
    problems,
  };
}

/** The regions of [0, size), in order of offset, without overlap. */
export function androidBootRegions(image: AndroidBoot): readonly Region<AndroidBootRegionKind>[] {
  const { pageSize, parts } = image;
  const padding = (name: string, end: number): Region<AndroidBootRegionKind> => {
    const length = roundUp(end, pageSize) - end;
    return { kind: 'padding', name: `padding of ${name}`, offset: end, length };
  };
  return partition<AndroidBootRegionKind>(
    image.size,
    [
      { kind: 'header', name: 'header', offset: 0, length: image.header.length },
      padding('header', image.header.length),
      ...parts.flatMap(({ name, offset, length }) => [
        { kind: 'part' as const, name, offset, length },
        padding(name, offset + length),
      ]),
    ],
    'trailing',
  );
}

/** What `id` should be (versions 0 to 2), in hexadecimal: parts and their lengths; null from version 3 on. */
export function androidBootId(input: RandomAccess, image: AndroidBoot): string | null {
  const { header } = image;
  if (header.kind !== 'classic') return null;
  const hash = createHash('sha1');
  // Second stages count even where there is none; the later parts in images that may have them.
  const names: readonly AndroidBootPartName[] = [
    'kernel',
    'ramdisk',
    'second',
    ...(header.version >= 1 ? ['recovery-dtbo' as const] : []),
    ...(header.version >= 2 ? ['dtb' as const] : []),
  ];
  for (const name of names) {
    const part = image.parts.find((each) => each.name === name) ?? { offset: 0, length: 0 };
    const end = part.offset + part.length;
    for (let at = part.offset; at < end; at += PIECE)
      hash.update(input.read(at, Math.min(PIECE, end - at)));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(part.length);
    hash.update(length);
  }
  return hash.digest('hex');
}

function partsOf(
  size: number,
  header: AndroidBootHeader,
  pageSize: number,
  problems: FormatError[],
): readonly AndroidBootPart[] {
  const parts: AndroidBootPart[] = [];
  let at = pageSize;
  for (const [name, field] of partSizes(header)) {
    if (field === undefined || field.value === 0) continue;
    const offset = Math.min(at, size);
    const length = Math.min(field.value, size - offset);
    if (length < field.value)
      problems.push(new FormatError(ANDROID_FORMAT, field.offset, `${name} is cut off`));
    if (length > 0) parts.push({ name, offset, length });
    at = roundUp(at + field.value, pageSize);
  }
  return parts;
}

function partSizes(
  header: AndroidBootHeader,
): readonly (readonly [
  AndroidBootPartName,
  { readonly offset: number; readonly value: number } | undefined,
])[] {
  const { fields } = header;
  const first = [
    ['kernel', fields.kernelSize],
    ['ramdisk', fields.ramdiskSize],
  ] as const;
  if (header.kind === 'generic') return [...first, ['signature', header.fields.signatureSize]];
  const { secondSize, recoveryDtboSize, dtbSize } = header.fields;
  return [...first, ['second', secondSize], ['recovery-dtbo', recoveryDtboSize], ['dtb', dtbSize]];
}

function cmdlineOf({ kind, fields }: AndroidBootHeader): string {
  const first = zeroEnded(fields.cmdline.value);
  return kind === 'classic' ? first + zeroEnded(fields.extraCmdline.value) : first;
}

function idOf(field: Uint8Array): string {
  return Buffer.from(field.subarray(0, 20)).toString('hex');
}

function roundUp(at: number, unit: number): number {
  return Math.ceil(at / unit) * unit;
}

const GENERIC_PAGE = 4096;
const PIECE = 1 << 20;

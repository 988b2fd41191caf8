/**
 * Kernels of other machines: the header of arm64 (Documentation/arch/arm64/booting.rst) and the EFI program that unpacks
 * one (`zboot`, drivers/firmware/efi/libstub/zboot-header.S in Linux). Both are PE images at the same time.
 */

import { FormatError } from '../core/errors.js';
import type { RandomAccess } from '../core/random-access.js';
import { readFields, zeroEnded, type FieldsOf } from './fields.js';
import { payloadCodec, type PayloadCodec } from './payload-magic.js';
import type { Extent } from './regions.js';

export interface Arm64Image {
  readonly header: FieldsOf<typeof ARM64>;
}

export interface ZbootImage {
  readonly header: FieldsOf<typeof ZBOOT>;
  /** As the header says: `gzip`, `zstd22`, `xzkern`. */
  readonly compression: string;
  /** The compressed kernel, cut at the end of the file; its unpacked length follows it in four bytes. */
  readonly payload: Extent & { readonly codec: PayloadCodec | null };
  readonly problems: readonly FormatError[];
}

export function isArm64Image(input: RandomAccess): boolean {
  return zeroEnded(input.read(56, 4)) === 'ARMd';
}

/** Throws `FormatError` when the magic number is missing or the header is cut off. */
export function readArm64Image(input: RandomAccess): Arm64Image {
  if (!isArm64Image(input)) throw new FormatError('arm64-image', 56, 'expected ARMd');
  return { header: readFields('arm64-image', ARM64, input.read(0, 64), 0) };
}

export function isZboot(input: RandomAccess): boolean {
  const head = Buffer.from(input.read(0, 8)).toString('latin1');
  return head.startsWith('MZ') && head.endsWith('zimg') && head.length === 8;
}

/** Throws `FormatError` when the magic number is missing or the header is cut off. */
export function readZboot(input: RandomAccess): ZbootImage {
  if (!isZboot(input)) throw new FormatError('zboot', 4, 'expected MZ and zimg');
  const header = readFields('zboot', ZBOOT, input.read(0, 64), 0);
  const offset = Math.min(header.payloadOffset.value, input.size);
  const length = Math.min(header.payloadSize.value, input.size - offset);
  return {
    header,
    compression: zeroEnded(header.compression.value),
    payload: { offset, length, codec: payloadCodec(input.read(offset, Math.min(10, length))) },
    problems:
      length < header.payloadSize.value
        ? [new FormatError('zboot', header.payloadSize.offset, 'the payload is cut off')]
        : [],
  };
}

const ARM64 = {
  code0: 'u32',
  code1: 'u32',
  textOffset: 'u64',
  imageSize: 'u64',
  flags: 'u64',
  reserved2: 'u64',
  reserved3: 'u64',
  reserved4: 'u64',
  magic: 4,
  /** Offset of the PE header. */
  peOffset: 'u32',
} as const;

const ZBOOT = {
  mz: 4,
  magic: 4,
  payloadOffset: 'u32',
  payloadSize: 'u32',
  reserved: 8,
  compression: 32,
  linuxPeMagic: 'u32',
  peOffset: 'u32',
} as const;

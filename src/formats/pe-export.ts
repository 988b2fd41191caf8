/** The export directory table of a PE image: its time and the name the image was linked under. */

import type { RandomAccess } from '../core/random-access.js';
import { readFields, zeroEnded, type FieldsOf } from './fields.js';
import { PE_FORMAT } from './pe-headers.js';

export interface PeExports {
  readonly header: FieldsOf<typeof EXPORT>;
  /** One character per byte; null when its address leads out of the file. */
  readonly name: string | null;
}

/** Throws `FormatError` when the table at `offset` is cut off. */
export function readPeExports(
  input: RandomAccess,
  offset: number,
  offsetOf: (address: number) => number | null,
): PeExports {
  const header = readFields(PE_FORMAT, EXPORT, input.read(offset, 40), offset);
  const nameAt = offsetOf(header.nameAddress.value);
  return { header, name: nameAt === null ? null : zeroEnded(input.read(nameAt, LONGEST_NAME)) };
}

const LONGEST_NAME = 255;

const EXPORT = {
  characteristics: 'u32',
  timeDateStamp: 'u32',
  majorVersion: 'u16',
  minorVersion: 'u16',
  nameAddress: 'u32',
  ordinalBase: 'u32',
  numberOfFunctions: 'u32',
  numberOfNames: 'u32',
  functionsAddress: 'u32',
  namesAddress: 'u32',
  ordinalsAddress: 'u32',
} as const;

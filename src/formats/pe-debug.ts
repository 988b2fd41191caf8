/** The debug directory of a PE image: entries with times of their own, CodeView ids and the hash of /Brepro. */

import { FormatError } from '../core/errors.js';
import type { RandomAccess } from '../core/random-access.js';
import { readFields, zeroEnded, type FieldsOf } from './fields.js';
import { PE_FORMAT } from './pe-headers.js';
import type { Extent } from './regions.js';

export interface PeDebugEntry {
  readonly header: FieldsOf<typeof DEBUG>;
  readonly kind: 'codeview' | 'repro' | 'other';
  /** What the entry points at, cut at the end of the file; of length 0 when it is not in the file. */
  readonly data: Extent;
  /** Of a CodeView entry of a known form. */
  readonly codeView: PeCodeView | null;
}

export interface PeCodeView {
  /** `RSDS` (a GUID of 16 bytes) or `NB10` (a time of 4 bytes). */
  readonly form: 'RSDS' | 'NB10';
  readonly id: Extent;
  /** In hexadecimal, in the order of the file. */
  readonly idHex: string;
  readonly age: number;
  /** Path of the program database, one character per byte. */
  readonly path: string;
}

/** `directory` is the extent of the directory in the file. */
export function readPeDebug(
  input: RandomAccess,
  directory: Extent,
  problems: FormatError[],
): readonly PeDebugEntry[] {
  const said = Math.floor(directory.length / DEBUG_BYTES);
  const count = Math.min(said, MOST_ENTRIES);
  if (count < said)
    problems.push(new FormatError(PE_FORMAT, directory.offset, `${said} debug entries`));
  const table = input.read(directory.offset, count * DEBUG_BYTES);
  return Array.from({ length: Math.floor(table.length / DEBUG_BYTES) }, (_, index) => {
    const at = index * DEBUG_BYTES;
    const record = table.subarray(at, at + DEBUG_BYTES);
    const header = readFields(PE_FORMAT, DEBUG, record, directory.offset + at);
    const type = header.type.value;
    const kind = type === 2 ? 'codeview' : type === 16 ? 'repro' : 'other';
    const offset = Math.min(header.pointerToRawData.value, input.size);
    const length = offset === 0 ? 0 : Math.min(header.sizeOfData.value, input.size - offset);
    const data = { offset, length };
    return { header, kind, data, codeView: kind === 'codeview' ? codeView(input, data) : null };
  });
}

function codeView(input: RandomAccess, { offset, length }: Extent): PeCodeView | null {
  const bytes = input.read(offset, Math.min(length, LONGEST_CODEVIEW));
  const form = zeroEnded(bytes.subarray(0, 4));
  if (form !== 'RSDS' && form !== 'NB10') return null;
  // NB10 has an offset of 4 bytes between its name and its time.
  const [idAt, idLength] = form === 'RSDS' ? [4, 16] : [8, 4];
  const pathAt = idAt + idLength + 4;
  if (bytes.length < pathAt) return null;
  const id = bytes.subarray(idAt, idAt + idLength);
  return {
    form,
    id: { offset: offset + idAt, length: idLength },
    idHex: Buffer.from(id).toString('hex'),
    age: new DataView(bytes.buffer, bytes.byteOffset).getUint32(idAt + idLength, true),
    path: zeroEnded(bytes.subarray(pathAt)),
  };
}

const DEBUG_BYTES = 28;
const MOST_ENTRIES = 1000;
const LONGEST_CODEVIEW = 4096;

const DEBUG = {
  characteristics: 'u32',
  timeDateStamp: 'u32',
  majorVersion: 'u16',
  minorVersion: 'u16',
  type: 'u32',
  sizeOfData: 'u32',
  addressOfRawData: 'u32',
  pointerToRawData: 'u32',
} as const;

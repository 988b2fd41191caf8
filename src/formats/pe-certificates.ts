/** The attribute certificate table of a PE image: `WIN_CERTIFICATE` entries, each padded to 8 bytes. */

import { FormatError } from '../core/errors.js';
import type { RandomAccess } from '../core/random-access.js';
import { readFields, type FieldsOf } from './fields.js';
import { PE_FORMAT, type PeHeaders } from './pe-headers.js';
import type { Extent } from './regions.js';

export interface PeCertificate {
  readonly header: FieldsOf<typeof WIN_CERTIFICATE>;
  readonly kind: PeCertificateKind;
  /** For `pkcs7` the DER of a SignedData, which may end earlier: it is padded. */
  readonly data: Extent;
  /** Up to the next entry. */
  readonly padding: Extent;
}

export type PeCertificateKind = 'x509' | 'pkcs7' | 'terminal-server' | 'efi-guid' | 'unknown';

/** The table as the security directory gives it, cut at the end of the file; null when there is none. */
export function peCertificateTable(input: RandomAccess, headers: PeHeaders): Extent | null {
  const directory = headers.directories.find(({ name }) => name === 'security');
  if (directory === undefined || directory.size.value === 0) return null;
  const offset = Math.min(directory.address.value, input.size);
  return { offset, length: Math.min(directory.size.value, input.size - offset) };
}

export function readPeCertificates(
  input: RandomAccess,
  table: Extent,
  problems: FormatError[],
): readonly PeCertificate[] {
  const certificates: PeCertificate[] = [];
  const end = table.offset + table.length;
  for (let at = table.offset; at < end;) {
    const head = input.read(at, Math.min(HEADER_BYTES, end - at));
    const left = end - at;
    const length = head.length < HEADER_BYTES ? 0 : lengthOf(head);
    if (length < HEADER_BYTES || length > left || certificates.length === MOST_CERTIFICATES) {
      problems.push(new FormatError(PE_FORMAT, at, `a certificate of ${length} bytes in ${left}`));
      break;
    }
    const padding = Math.min((8 - (length % 8)) % 8, left - length);
    const header = readFields(PE_FORMAT, WIN_CERTIFICATE, head, at);
    certificates.push({
      header,
      kind: KINDS.get(header.certificateType.value) ?? 'unknown',
      data: { offset: at + HEADER_BYTES, length: length - HEADER_BYTES },
      padding: { offset: at + length, length: padding },
    });
    at += length + padding;
  }
  return certificates;
}

function lengthOf(head: Uint8Array): number {
  return new DataView(head.buffer, head.byteOffset).getUint32(0, true);
}

const HEADER_BYTES = 8;
const MOST_CERTIFICATES = 1000;

const KINDS: ReadonlyMap<number, PeCertificateKind> = new Map([
  [1, 'x509'],
  [2, 'pkcs7'],
  [4, 'terminal-server'],
  [0xef1, 'efi-guid'],
] as const);

const WIN_CERTIFICATE = { length: 'u32', revision: 'u16', certificateType: 'u16' } as const;

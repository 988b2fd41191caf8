/** Signatures (PKCS #7, RFC 5652) as tables: who signed, with what, when; the certificates beside them. */

import { FormatError } from '../../core/errors.js';
import type { FactColumn, FactRow, FactTable, FactValue } from '../../core/facts.js';
import { readPkcs7, type Pkcs7, type Pkcs7Signer } from '../../formats/pkcs7.js';
import { shortDigest } from '../common/short-digest.js';
import { CERTIFICATE_COLUMNS, certificateRow } from './certificate-row.js';

export interface SignatureBytes {
  readonly key: string;
  readonly bytes: Uint8Array;
  /** Of the bytes in the file. */
  readonly offset: number;
}

/**
 * A row for each message, and further ones where it has several signers. Bytes that are no such message are a row with
 * a digest. Whatever differs in tables whose names begin with `signature`: what was signed may be the same.
 */
export function signatureTables(signatures: readonly SignatureBytes[]): FactTable[] {
  const rows: FactRow[] = [];
  const certificates: FactRow[] = [];
  for (const signature of signatures) {
    const { bytes, offset } = signature;
    const message = messageOf(bytes);
    rows.push(...signatureRows(signature, message));
    for (const { extent, x509 } of message?.certificates ?? []) {
      const der = bytes.subarray(extent.offset, extent.offset + extent.length);
      certificates.push(certificateRow(der, x509, offset + extent.offset));
    }
  }
  return [
    { name: 'signature', ordered: true, columns: COLUMNS, rows },
    {
      name: 'signature certificate',
      ordered: true,
      columns: CERTIFICATE_COLUMNS,
      rows: certificates,
    },
  ].filter((table) => table.rows.length > 0);
}

function signatureRows(
  { key, bytes, offset }: SignatureBytes,
  message: Pkcs7 | null,
): readonly FactRow[] {
  const [first = null, ...others] = message?.signers ?? [];
  const row = (name: string, signer: Pkcs7Signer | null, value: string | null): FactRow => ({
    key: name,
    values: [...signerValues(signer), message?.contentType ?? null, value],
    offset: offset + (signer?.extent.offset ?? 0),
    part: null,
  });
  return [
    row(key, first, shortDigest(bytes)),
    ...others.map((signer, i) => row(`${key}, signer ${i + 2}`, signer, null)),
  ];
}

function signerValues(signer: Pkcs7Signer | null): readonly FactValue[] {
  if (signer === null) return [null, null, null, null, null, null];
  const seconds = signer.signingTime?.seconds ?? null;
  return [
    seconds === null ? null : String(seconds),
    signer.issuer === null ? null : Buffer.from(signer.issuer.text).toString('latin1'),
    signer.serialHex ?? signer.keyIdHex,
    signer.digestAlgorithm,
    signer.signatureAlgorithm,
    signer.messageDigestHex,
  ];
}

function messageOf(bytes: Uint8Array): Pkcs7 | null {
  try {
    return readPkcs7(bytes);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return null;
  }
}

const COLUMNS: readonly FactColumn[] = [
  { name: 'signingTime', kind: 'time' },
  { name: 'issuer', kind: 'text' },
  { name: 'serialNumber', kind: 'random' },
  { name: 'digestAlgorithm', kind: 'text' },
  { name: 'signatureAlgorithm', kind: 'text' },
  { name: 'messageDigest', kind: 'digest' },
  { name: 'contentType', kind: 'text' },
  // Of the whole message: it follows from all of the above, and from what is signed.
  { name: 'message', kind: 'signature' },
];
